"""SQL about the lives of servers, and the hours of months that they add up to."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization
from yanxiu.people.reads.organizations import below
from yanxiu.quota.ledger import by_day, by_month, day_of, month_of
from yanxiu.quota.model import ServerDay, ServerLife, ServerMonth

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
    added: dict[tuple[uuid.UUID, date], float] = defaultdict(float)
    for one in lives:
        for day, seconds in by_day(one.seen_at, at):
            added[one.school_id, day] += seconds
        one.seen_at = max(one.seen_at, at)
    session.flush()
    _add(session, added)


def seen_all(session: Session, at: datetime) -> None:
    """Note that all lives that have not ended lived until ``at``, and count it."""
    open_ = (ServerLife.stopped_at.is_(None), ServerLife.seen_at < at)
    added: dict[tuple[uuid.UUID, date], float] = defaultdict(float)
    for school_id, since in session.execute(
        select(ServerLife.school_id, ServerLife.seen_at).where(*open_)
    ):
        for day, seconds in by_day(since, at):
            added[school_id, day] += seconds
    session.execute(update(ServerLife).where(*open_).values(seen_at=at))
    _add(session, added)


def begun(session: Session, school_id: uuid.UUID, at: datetime) -> None:
    """Count that a server began."""
    _count(session, _DAYS, "starts", {(school_id, day_of(at)): 1.0})


def _add(session: Session, added: Mapping[tuple[uuid.UUID, date], float]) -> None:
    """Add seconds to days and to their months."""
    months: dict[tuple[uuid.UUID, str], float] = defaultdict(float)
    for (school_id, day), seconds in added.items():
        months[school_id, f"{day:%Y-%m}"] += seconds
    _count(session, _DAYS, "seconds", added)
    _count(session, _MONTHS, "seconds", months)


_DAYS: Any = ServerDay.__table__
_MONTHS: Any = ServerMonth.__table__


def _count(
    session: Session, table: Any, column: str, added: Mapping[tuple[uuid.UUID, Any], float]
) -> None:
    """Add to rows that may not be there yet. Whoever calls this holds the lock of all counters."""
    if not added:
        return
    when = table.c.day if table is _DAYS else table.c.month
    known = {
        tuple(row)
        for row in session.execute(
            select(table.c.school_id, when).where(when.in_({name for _, name in added}))
        )
    }
    zero = {name: 0 for name in ("seconds", "starts") if name in table.c}
    fresh = [
        {"school_id": key[0], when.name: key[1], **zero, column: more}
        for key, more in added.items()
        if key not in known
    ]
    old = [
        {"b_school": key[0], "b_when": key[1], "b_more": more}
        for key, more in added.items()
        if key in known
    ]
    if fresh:
        session.execute(insert(table), fresh)
    if old:
        session.connection().execute(
            update(table)
            .where(table.c.school_id == bindparam("b_school"), when == bindparam("b_when"))
            .values({column: table.c[column] + bindparam("b_more")}),
            old,
        )


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
