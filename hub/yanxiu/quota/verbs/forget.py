"""Remove what is told of single servers and waits once nobody needs it; sums by day and month stay.

Called by the room's task, and when somebody's name is removed.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import delete, select

from yanxiu.quota import homes
from yanxiu.quota.model import ServerLife, ServerStop, Wait
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session
from yanxiu.store.leases import Run
from yanxiu.store.tasks import SYSTEM, rows_of

#: What an organizer wrote to somebody is no record.
MESSAGES = timedelta(days=30)
#: Of one transaction: nobody is to wait long behind it.
_BATCH = 1000


@dataclass(frozen=True)
class Old:
    """Rows of one table that have a time."""

    name: str
    table: Any
    at: Any
    age: timedelta


def forget_old(run: Run, days: int) -> dict[str, int]:
    """Remove lives and waits that ended more than ``days`` ago, and messages; return how many."""
    age = timedelta(days=days)
    return {
        one.name: _forget(run, one)
        for one in (
            Old("lives", ServerLife, ServerLife.stopped_at, age),
            Old("waits", Wait, Wait.until, age),
            Old("messages", ServerStop, ServerStop.asked_at, MESSAGES),
        )
    }


def _forget(run: Run, old: Old) -> int:
    total = 0
    while True:
        run.step(total)
        with run.store.read() as session:
            if not _ids(session, old, run.store.clock(), 1):
                return total
        event = Event(SYSTEM, "quota.forget", "site")
        total += run.store.transact(partial(_delete, old, event), event)


def _ids(session: Session, old: Old, now: datetime, limit: int) -> list[uuid.UUID]:
    found = select(old.table.id).where(old.at < now - old.age).limit(limit)
    return list(session.scalars(found))


def _delete(old: Old, event: Event, session: Session, now: datetime) -> int:
    ids = _ids(session, old, now, _BATCH)
    gone = rows_of(session, delete(old.table).where(old.table.id.in_(ids)))
    event.details = {"what": old.name, "rows": gone}
    return gone


def erase(session: Session, person_id: str) -> None:
    """Remove what was written to a person, in the transaction that removes the name."""
    homes.forget(session, person_id)
    session.execute(delete(ServerStop).where(ServerStop.person_id == person_id))
