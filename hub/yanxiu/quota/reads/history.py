"""What was: who ran and who waited below an organization, its hours by day, and who changed limits."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization, Person
from yanxiu.people.reads.organizations import below
from yanxiu.quota.curve import Span
from yanxiu.quota.ledger import days_of
from yanxiu.quota.model import ServerDay, ServerLife, Wait, Waiter
from yanxiu.quota.rules import PlaceKind
from yanxiu.store.model import AuditEvent


def organization(session: Session, org_id: uuid.UUID) -> Organization | None:
    """Return an organization."""
    return session.get(Organization, org_id)


def ran(session: Session, path: str, since: datetime, until: datetime) -> list[Span]:
    """Return when servers below an organization lived, those that touch this time."""
    rows = session.execute(
        select(
            ServerLife.started_at, func.coalesce(ServerLife.stopped_at, ServerLife.seen_at)
        ).where(
            below([path], ServerLife.path),
            ServerLife.started_at < until,
            or_(ServerLife.stopped_at.is_(None), ServerLife.stopped_at > since),
        )
    )
    return [Span(begin, end) for begin, end in rows]


def waited(session: Session, path: str, since: datetime, until: datetime) -> list[Span]:
    """Return when people stood in line below an organization, those who still do included."""
    over = session.execute(
        select(Wait.since, Wait.until).where(
            below([path], Wait.path),
            Wait.kind == PlaceKind.SERVER,
            Wait.since < until,
            Wait.until > since,
        )
    )
    now = session.execute(
        select(Waiter.since, Waiter.seen_at).where(
            below([path], Waiter.path), Waiter.kind == PlaceKind.SERVER, Waiter.since < until
        )
    )
    return [Span(begin, end) for begin, end in [*over, *now]]


@dataclass(frozen=True)
class DayRow:
    """The servers of one school on one day."""

    school_id: uuid.UUID
    school: str
    code: str
    day: date
    hours: float
    starts: int


def days(
    session: Session, paths: Iterable[str], month: str, school_id: uuid.UUID | None = None
) -> list[DayRow]:
    """Return the days of a month on which anything ran, school by school."""
    whole = days_of(month)
    conditions = [below(paths), ServerDay.day >= whole[0], ServerDay.day <= whole[-1]]
    if school_id is not None:
        conditions.append(ServerDay.school_id == school_id)
    rows = session.execute(
        select(
            Organization.id,
            Organization.name,
            Organization.code,
            ServerDay.day,
            ServerDay.seconds,
            ServerDay.starts,
        )
        .join(Organization, Organization.id == ServerDay.school_id)
        .where(*conditions)
        .order_by(Organization.name, Organization.code, ServerDay.day)
    )
    return [
        DayRow(org_id, name, code, day, seconds / 3600, starts)
        for org_id, name, code, day, seconds, starts in rows
    ]


@dataclass(frozen=True)
class Change:
    """Limits of one organization that somebody changed.

    :param who: a name, or ``system:<part>``
    :param resources: resource → ``{"from": {…}, "to": {…}}``
    """

    at: datetime
    who: str
    org: str
    resources: dict[str, Any]


def changes(session: Session, paths: Iterable[str], limit: int) -> list[Change]:
    """Return the newest changes of limits in the subtrees."""
    orgs = {
        str(org_id): name
        for org_id, name in session.execute(
            select(Organization.id, Organization.name).where(below(paths))
        )
    }
    return _changes(session, orgs, limit)


def changes_of(session: Session, org: Organization, limit: int) -> list[Change]:
    """Return the newest changes of one organization's limits."""
    return _changes(session, {str(org.id): org.name}, limit)


def _changes(session: Session, orgs: dict[str, str], limit: int) -> list[Change]:
    rows = session.execute(
        select(
            AuditEvent.at,
            func.coalesce(Person.name, AuditEvent.actor),
            AuditEvent.object_id,
            AuditEvent.details,
        )
        .outerjoin(Person, Person.id == AuditEvent.actor)
        .where(
            AuditEvent.object_kind == "organization",
            AuditEvent.object_id.in_(orgs),
            AuditEvent.verb == "quota.set_limits",
            AuditEvent.outcome == "done",
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit)
    )
    return [
        Change(
            at,
            who,
            orgs[object_id],
            {key: value for key, value in details.items() if isinstance(value, dict)},
        )
        for at, who, object_id, details in rows
    ]
