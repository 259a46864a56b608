"""Keep every blob for a while: what a backup has read of the rows, it can still read of the blobs.

A hold is a fact with an end, which its holder moves on; one whose process died ends by itself.
``collect`` removes nothing while there is one. Called by ``yanxiu.backup``.
"""

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from . import facts
from .engine import Store
from .model import SiteFact

PREFIX = "blobs.hold."
#: How long one lasts without being moved on, and how often it is.
LASTS = timedelta(minutes=15)
_EVERY_S = 60.0


def held(session: Session, now: datetime) -> bool:
    """Say whether somebody needs every blob that there is."""
    ends = session.scalars(select(SiteFact.value).where(SiteFact.key.startswith(PREFIX)))
    return any(datetime.fromisoformat(value["until"]) > now for value in ends)


class Hold:
    """A hold for the time of a ``with``; ``step`` moves it on, as often as it likes."""

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic):
        self._store = store
        self._key = PREFIX + secrets.token_hex(8)
        self._monotonic = monotonic
        self._moved = monotonic()

    def __enter__(self) -> "Hold":
        """Begin, and forget those that ended by themselves."""

        def work(session: Session, now: datetime) -> None:
            rows = session.scalars(select(SiteFact).where(SiteFact.key.startswith(PREFIX)))
            for row in rows:
                if datetime.fromisoformat(row.value["until"]) < now:
                    session.delete(row)
            self._put(session, now)

        self._store.bookkeep(work)
        return self

    def step(self) -> None:
        """Say that it is still needed."""
        if self._monotonic() - self._moved >= _EVERY_S:
            self._store.bookkeep(self._put)
            self._moved = self._monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End."""
        gone = delete(SiteFact).where(SiteFact.key == self._key)
        self._store.bookkeep(lambda session, _now: session.execute(gone) and None)

    def _put(self, session: Session, now: datetime) -> None:
        facts.put(session, self._key, {"until": (now + LASTS).isoformat()})
