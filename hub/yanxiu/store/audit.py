"""An audit event for every write, in the same transaction; and for refusals, in their own.

``Store.transact`` takes the event as an argument, so that forgetting it is a type error and
not a gap in the log.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select
from sqlalchemy.orm import Session

from yanxiu.names import new_id

from .model import AuditEvent


@dataclass
class Event:
    """What will be written beside the change.

    :param actor: a person's id, ``system:<part>`` or ``anonymous``
    :param verb: what was done, such as ``submission.accept``
    :param kind: of the object, such as ``submission``
    :param object_id: which one; may be set inside the transaction, once it exists
    :param details: parameters; never a name, a mark, an ID number or a token
    """

    actor: str
    verb: str
    kind: str
    object_id: str = ""
    school_id: uuid.UUID | None = None
    outcome: str = "done"
    details: dict[str, Any] = field(default_factory=dict)


#: By way of the table: several times as fast as by way of an object.
_INSERT: Any = insert(AuditEvent.__table__)  # type: ignore[arg-type]


def record(session: Session, event: Event, at: datetime) -> None:
    """Add ``event`` to ``session``'s transaction."""
    record_on(session.connection(), event, at)


def record_on(connection: Connection, event: Event, at: datetime) -> None:
    """Add ``event`` to the transaction of a connection that no session has."""
    connection.execute(
        _INSERT,
        {
            "id": new_id(),
            "at": at,
            "actor": event.actor,
            "verb": event.verb,
            "object_kind": event.kind,
            "object_id": str(event.object_id),
            "school_id": event.school_id,
            "outcome": event.outcome,
            "details": event.details,
        },
    )


@dataclass(frozen=True)
class Told:
    """What one event says, but not of whom."""

    id: uuid.UUID
    verb: str
    outcome: str
    object_id: str
    times: int


def told_between(
    session: Session, verbs: Iterable[str], after: uuid.UUID, until: uuid.UUID, limit: int
) -> list[Told]:
    """Return the events of ``verbs`` with ids in ``(after, until]``, oldest first.

    :param after: ``id_at`` of an instant, or the id of the last one that was seen
    """
    rows = session.execute(
        select(
            AuditEvent.id,
            AuditEvent.verb,
            AuditEvent.outcome,
            AuditEvent.object_id,
            AuditEvent.details,
        )
        .where(AuditEvent.id > after, AuditEvent.id <= until, AuditEvent.verb.in_(list(verbs)))
        .order_by(AuditEvent.id)
        .limit(limit)
    )
    return [
        Told(one_id, verb, outcome, object_id, int(details.get("times", 1)))
        for one_id, verb, outcome, object_id, details in rows
    ]


def id_at(instant: datetime) -> uuid.UUID:
    """Return the lowest id that is made at ``instant``: ids are in the order of time."""
    return uuid.UUID(int=int(instant.timestamp() * 1000) << 80)


def any_before(session: Session, before: datetime) -> bool:
    """Say whether ``expire`` would find anything."""
    return session.scalar(_before(before).limit(1)) is not None


def expire(session: Session, before: datetime, limit: int) -> int:
    """Remove up to ``limit`` events from before then; return how many.

    The database refuses those of the last half year.
    """
    ids = list(session.scalars(_before(before).limit(limit)))
    session.execute(delete(AuditEvent).where(AuditEvent.id.in_(ids)))
    return len(ids)


def _before(before: datetime) -> Select[uuid.UUID]:
    # The oldest are found without looking at the rest.
    found = select(AuditEvent.id).where(AuditEvent.id < id_at(before), AuditEvent.at < before)
    return found.order_by(AuditEvent.id)
