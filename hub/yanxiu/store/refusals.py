"""Audit what was refused, in a transaction of its own; used by every verb."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from yanxiu.errors import Refused
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.full import Full, is_full


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
        if not is_full(error):
            raise
        attempt.outcome = "refused storage.full"
        _note(store, attempt)
        raise Full from error


def _note(store: Store, attempt: Event) -> None:
    """Note a refusal; on a full disk the sentence matters more than the event."""
    with suppress(Full):
        store.note(attempt)
