"""Audit what was refused, in a transaction of its own; used by every verb."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from yanxiu.errors import N_, Refused
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store


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
        attempt.details = {**attempt.details, **refusal.params}
        store.note(attempt)
        refusal.noted = True
        raise
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        full = Refused(
            "storage.full",
            N_(
                "平台的存储空间满了，这次没有收下。您的内容还在原处，请稍后再交，或告诉本校管理员。"
            ),
            status=507,
        )
        attempt.outcome = "refused storage.full"
        store.note(attempt)
        full.noted = True
        raise full from error
