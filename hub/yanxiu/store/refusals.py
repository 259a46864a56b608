"""Audit what was refused, in a transaction of its own; used by every verb."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from yanxiu.errors import N_, Refused
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def audited(store: Store, attempt: Event) -> Iterator[None]:
    """Note ``attempt`` with its refusal's code when the block is refused, and go on raising.

    A full disk is somebody else's fault but the person's problem: it becomes a refusal
    with a sentence too.
    """
    try:
        yield
    except Refused as refusal:
        attempt.outcome = f"refused {refusal.code}"[:80]
        told = {key: refusal.params[key] for key in refusal.params.keys() - refusal.private}
        attempt.details = {**attempt.details, **told}
        _note(store, attempt)
        refusal.noted = True
        raise
    except OSError as error:
        if error.errno not in _FULL:
            raise
        full = Refused(
            "storage.full",
            N_(
                "平台的存储空间满了，这次没有收下。您的内容还在原处，请稍后再交，或告诉本校管理员。"
            ),
            status=507,
        )
        attempt.outcome = "refused storage.full"
        _note(store, attempt)
        full.noted = True
        raise full from error


def _note(store: Store, attempt: Event) -> None:
    """Note a refusal; on a full disk the sentence matters more than the event."""
    try:
        store.note(attempt)
    except OSError as error:
        if error.errno not in _FULL:
            raise
