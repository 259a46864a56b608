"""SQL about the lives of servers, and the hours of months that they add up to."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization
from yanxiu.people.reads.organizations import below
from yanxiu.quota.ledger import by_month, month_of
from yanxiu.quota.model import ServerLife, ServerMonth

#: No zone is further from UTC.
_A_DAY = timedelta(days=1)


def life(session: Session, life_id: uuid.UUID) -> ServerLife | None:
    """Return a life."""
    return session.get(ServerLife, life_id)


def last_stop(session: Session, person_id: str, server_name: str) -> datetime | None:
    """Return up to when the earlier lives of one server are counted."""
    return session.scalar(
        select(func.max(ServerLife.stopped_at)).where(
            ServerLife.person_id == person_id, ServerLife.server_name == server_name
        )
    )


def seen(session: Session, lives: Sequence[ServerLife], at: datetime) -> None:
    """Note that these lived until ``at``, and count it."""
    added: dict[tuple[uuid.UUID, str], float] = defaultdict(float)
    for one in lives:
        for month, seconds in by_month(one.seen_at, at):
            added[one.school_id, month] += seconds
        one.seen_at = max(one.seen_at, at)
    session.flush()
    _add(session, added)


def open_lives(session: Session) -> Sequence[ServerLife]:
    """Return the lives that have not ended."""
    return session.scalars(select(ServerLife).where(ServerLife.stopped_at.is_(None))).all()


def seen_all(session: Session, at: datetime) -> None:
    """Note that all lives that have not ended lived until ``at``, and count it."""
    open_ = (ServerLife.stopped_at.is_(None), ServerLife.seen_at < at)
    added: dict[tuple[uuid.UUID, str], float] = defaultdict(float)
    for school_id, since in session.execute(
        select(ServerLife.school_id, ServerLife.seen_at).where(*open_)
    ):
        for month, seconds in by_month(since, at):
            added[school_id, month] += seconds
    session.execute(update(ServerLife).where(*open_).values(seen_at=at))
    _add(session, added)


def _add(session: Session, added: Mapping[tuple[uuid.UUID, str], float]) -> None:
    for (school_id, month), seconds in added.items():
        row = session.get(ServerMonth, (school_id, month))
        if row is None:
            session.add(ServerMonth(school_id=school_id, month=month, seconds=seconds))
        else:
            row.seconds += seconds
    session.flush()


def hours_below(session: Session, path: str, now: datetime) -> float:
    """Return the server hours that an organization has used this month."""
    found = session.scalar(
        select(func.sum(ServerMonth.seconds))
        .join(Organization, Organization.id == ServerMonth.school_id)
        .where(ServerMonth.month == month_of(now), below([path]))
    )
    return float(found or 0) / 3600


def hours_of(session: Session, person_id: str, now: datetime) -> float:
    """Return the server hours that one person has used this month."""
    month = month_of(now)
    lives = session.execute(
        select(ServerLife.started_at, ServerLife.seen_at).where(
            ServerLife.person_id == person_id,
            # A life that began before the last month and still runs is counted too.
            ServerLife.seen_at
            > now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - _A_DAY,
        )
    )
    return (
        sum(s for began, until in lives for name, s in by_month(began, until) if name == month)
        / 3600
    )


def ended_below(session: Session, path: str, since: datetime) -> int:
    """Count the servers below an organization that ended since then."""
    found = session.scalar(
        select(func.count())
        .select_from(ServerLife)
        .where(ServerLife.stopped_at >= since, below([path], ServerLife.path))
    )
    return int(found or 0)
