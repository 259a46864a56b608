"""What an organizer's list of servers shows: whose, since when, how large; and what was asked of them.

Never what runs in one: that is nobody's but its owner's.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization, Person
from yanxiu.people.reads.organizations import below
from yanxiu.quota.model import Place, ServerStop
from yanxiu.quota.rules import PlaceKind


@dataclass(frozen=True)
class ServersFilter:
    """Which servers: always within ``paths``.

    :param words: part of a name, or the beginning of a teacher number
    """

    paths: tuple[str, ...]
    school_id: uuid.UUID | None = None
    words: str = ""


@dataclass(frozen=True)
class ServerRow:
    """One place that is taken.

    :param since: when it came into its state
    :param message: what its owner is told, if somebody has asked that it ends
    """

    place_id: uuid.UUID
    name: str
    teacher_no: str | None
    school: str
    path: str
    server_name: str
    state: str
    since: datetime
    memory_mb: int
    cpus: float
    message: str | None
    asked_at: datetime | None


def servers_page(
    session: Session, wanted: ServersFilter, *, offset: int, limit: int
) -> list[ServerRow]:
    """Return one page of servers, those that have been there longest first."""
    rows = session.execute(
        select(
            Place.id,
            Person.name,
            Person.teacher_no,
            Organization.name,
            Place.path,
            Place.server_name,
            Place.state,
            Place.since,
            Place.memory_mb,
            Place.cpus,
            ServerStop.message,
            ServerStop.asked_at,
        )
        .join(Person, Person.id == Place.person_id)
        .join(Organization, Organization.id == Place.org_id)
        .outerjoin(ServerStop, ServerStop.id == Place.id)
        .where(*_conditions(wanted))
        .order_by(Place.since, Place.id)
        .offset(offset)
        .limit(limit)
    )
    return [ServerRow(*tuple(row)) for row in rows]


def servers_count(session: Session, wanted: ServersFilter) -> int:
    """Return how many the whole list has."""
    found = session.scalar(
        select(func.count())
        .select_from(Place)
        .join(Person, Person.id == Place.person_id)
        .where(*_conditions(wanted))
    )
    return found or 0


def _conditions(wanted: ServersFilter) -> list[ColumnElement[bool]]:
    found = [Place.kind == PlaceKind.SERVER, below(wanted.paths, Place.path)]
    if wanted.school_id is not None:
        found.append(Place.org_id == wanted.school_id)
    if words := wanted.words.strip():
        found.append(
            or_(
                Person.name.contains(words, autoescape=True),
                Person.teacher_no.startswith(words, autoescape=True),
            )
        )
    return found
