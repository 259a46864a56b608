"""SQL about places and the waiting line."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization, Person
from yanxiu.people.reads.organizations import below
from yanxiu.quota.model import Place, Waiter
from yanxiu.quota.rules import PlaceKind, PlaceState


@dataclass(frozen=True)
class Home:
    """The organization whose pool a start comes from."""

    org_id: uuid.UUID
    path: str
    code: str


def home_of(session: Session, person_id: str) -> Home | None:
    """Return the home school of a person."""
    row = session.execute(
        select(Organization.id, Organization.path, Organization.code)
        .join(Person, Person.school_id == Organization.id)
        .where(Person.id == person_id)
    ).one_or_none()
    return Home(*row) if row else None


def pool_of(session: Session, org_id: uuid.UUID) -> Home | None:
    """Return an organization as the owner of a pool."""
    row = session.execute(
        select(Organization.id, Organization.path, Organization.code).where(
            Organization.id == org_id
        )
    ).one_or_none()
    return Home(*row) if row else None


@dataclass(frozen=True)
class Has:
    """One place of somebody."""

    id: uuid.UUID
    server_name: str
    kind: PlaceKind
    memory_mb: int
    cpus: float


@dataclass(frozen=True)
class Moment:
    """All that a start needs to know of a person and of the line.

    :param waits: she stands in line; ``due``: something has expired, or somebody is to be forgotten
    """

    home: Home
    has: Sequence[Has]
    waits: bool
    due: bool


_PEOPLE: Any = Person.__table__
_ORGS: Any = Organization.__table__
_PLACES: Any = Place.__table__
_WAITERS: Any = Waiter.__table__
#: One question: each costs a start as much as all the judging.
_MOMENT = (
    select(
        _ORGS.c.id,
        _ORGS.c.path,
        _ORGS.c.code,
        _WAITERS.c.person_id,
        exists().where(_PLACES.alias().c.expires_at <= bindparam("now")),
        exists().where(_WAITERS.alias().c.seen_at < bindparam("forget")),
        _PLACES.c.id,
        _PLACES.c.server_name,
        _PLACES.c.kind,
        _PLACES.c.memory_mb,
        _PLACES.c.cpus,
    )
    .select_from(_PEOPLE)
    .join(_ORGS, _ORGS.c.id == _PEOPLE.c.school_id)
    .outerjoin(_WAITERS, _WAITERS.c.person_id == _PEOPLE.c.id)
    .outerjoin(_PLACES, _PLACES.c.person_id == _PEOPLE.c.id)
    .where(_PEOPLE.c.id == bindparam("person"))
)


def moment(session: Session, person_id: str, now: datetime, forget: datetime) -> Moment | None:
    """Return what there is to know before a start, None of a person whom nobody knows.

    :param forget: who stands in line and has not looked since then is to be forgotten
    """
    rows = (
        session.connection()
        .execute(_MOMENT, {"person": person_id, "now": now, "forget": forget})
        .all()
    )
    if not rows:
        return None
    org_id, path, code, waiter, expired, stale = rows[0][:6]
    has = [Has(r[6], r[7], PlaceKind(r[8]), r[9], r[10]) for r in rows if r[6] is not None]
    return Moment(Home(org_id, path, code), has, waiter is not None, bool(expired or stale))


def place(session: Session, person_id: str, server_name: str, kind: PlaceKind) -> Place | None:
    """Return the place of one server."""
    return session.scalar(
        select(Place).where(
            Place.person_id == person_id,
            Place.server_name == server_name,
            Place.kind == kind,
        )
    )


def of_person(session: Session, person_id: str) -> Sequence[Place]:
    """Return all places of one person."""
    return session.scalars(select(Place).where(Place.person_id == person_id)).all()


def held_for(session: Session, person_id: str, now: datetime) -> Sequence[Place]:
    """Return what is kept for somebody: the place she stood in line for, or one to try again."""
    return session.scalars(
        select(Place)
        .where(
            Place.person_id == person_id,
            Place.state == PlaceState.HELD,
            Place.expires_at > now,
        )
        .order_by(Place.expires_at)
    ).all()


def expired(session: Session, now: datetime) -> Sequence[Place]:
    """Return the places whose time is over."""
    return session.scalars(select(Place).where(Place.expires_at <= now)).all()


def any_expired(session: Session, now: datetime) -> bool:
    """Say whether ``expired`` would find anything."""
    return session.scalar(select(Place.id).where(Place.expires_at <= now).limit(1)) is not None


def running(session: Session, kind: PlaceKind) -> Sequence[Place]:
    """Return every place that the hub is to know."""
    return session.scalars(select(Place).where(Place.kind == kind)).all()


@dataclass(frozen=True)
class Sum:
    """All places of one kind that one organization has itself."""

    org_id: uuid.UUID
    kind: PlaceKind
    number: int
    memory_mb: float
    cpus: float


def sums(session: Session) -> list[Sum]:
    """Return what all places take, by organization and kind."""
    rows = session.execute(
        select(
            Place.org_id,
            Place.kind,
            func.count(),
            func.sum(Place.memory_mb),
            func.sum(Place.cpus),
        ).group_by(Place.org_id, Place.kind)
    )
    return [Sum(o, PlaceKind(k), n, float(memory), cpus) for o, k, n, memory, cpus in rows]


@dataclass(frozen=True)
class Queue:
    """Those in line who want the same of the same pool: if one cannot, none can."""

    org_id: uuid.UUID
    path: str
    kind: PlaceKind
    memory_mb: int
    cpus: float

    @classmethod
    def of(cls, waiter: Waiter) -> "Queue":
        """Return the queue in which somebody stands."""
        return cls(
            waiter.org_id, waiter.path, PlaceKind(waiter.kind), waiter.memory_mb, waiter.cpus
        )


def queues(session: Session) -> list[Queue]:
    """Return every queue in which somebody stands."""
    columns = (Waiter.org_id, Waiter.path, Waiter.kind, Waiter.memory_mb, Waiter.cpus)
    return [
        Queue(org_id, path, PlaceKind(kind), memory_mb, cpus)
        for org_id, path, kind, memory_mb, cpus in session.execute(select(*columns).distinct())
    ]


def next_in(session: Session, queue: Queue, passed: Iterable[str]) -> Waiter | None:
    """Return who stands first in a queue, those apart who were passed by."""
    return session.scalar(
        select(Waiter)
        .where(
            Waiter.org_id == queue.org_id,
            Waiter.kind == queue.kind,
            Waiter.memory_mb == queue.memory_mb,
            Waiter.cpus == queue.cpus,
            Waiter.person_id.not_in(list(passed)),
        )
        .order_by(Waiter.since, Waiter.person_id)
        .limit(1)
    )


def ahead(session: Session, waiter: Waiter, path: str) -> int:
    """Count who came before, of those who wait for something below ``path``."""
    found = session.scalar(
        select(func.count())
        .select_from(Waiter)
        .where(
            below([path], Waiter.path),
            Waiter.kind == waiter.kind,
            (Waiter.since < waiter.since)
            | ((Waiter.since == waiter.since) & (Waiter.person_id < waiter.person_id)),
        )
    )
    return int(found or 0)


def to_forget(session: Session, before: datetime) -> Sequence[Waiter]:
    """Return who stands in line and has not looked since then."""
    return session.scalars(select(Waiter).where(Waiter.seen_at < before)).all()
