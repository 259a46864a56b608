"""SQL about the hours in which a school's unused servers stop sooner."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from yanxiu_formats.idle import DAY_MINUTES, Peak

from yanxiu.clock import SITE_ZONE
from yanxiu.people.model import Organization, Person
from yanxiu.people.reads.organizations import below
from yanxiu.quota.model import IdlePeak, Place


def peak_of(row: IdlePeak, now: datetime) -> Peak:
    """Return the hours as ``yanxiu_formats.idle`` knows them: without a zone of their own."""
    offset = now.astimezone(SITE_ZONE).utcoffset() or timedelta()
    ahead = round(offset.total_seconds() / 60)
    return Peak(
        (row.begins - ahead) % DAY_MINUTES, (row.ends - ahead) % DAY_MINUTES, row.idle_minutes
    )


def of_person(session: Session, person_id: str, now: datetime) -> Peak | None:
    """Return the hours of the school of somebody whose server starts."""
    row = session.scalar(
        select(IdlePeak)
        .join(Person, Person.school_id == IdlePeak.org_id)
        .where(Person.id == person_id)
    )
    return peak_of(row, now) if row is not None else None


def of_running(session: Session, now: datetime) -> dict[str, tuple[Peak, datetime]]:
    """Return the hours of everybody who has a server, and since when they are so.

    Two small tables, joined: most sites have no such hours at all.
    """
    rows = session.execute(
        select(Place.person_id, IdlePeak).join(IdlePeak, IdlePeak.org_id == Place.org_id)
    )
    return {person_id: (peak_of(row, now), row.changed_at) for person_id, row in rows}


@dataclass(frozen=True)
class SchoolHours:
    """A school, and the hours that it has, if any."""

    id: uuid.UUID
    code: str
    name: str
    peak: IdlePeak | None


def schools(session: Session, paths: Iterable[str]) -> list[SchoolHours]:
    """Return the schools in the subtrees, by their path."""
    rows = session.execute(
        select(Organization.id, Organization.code, Organization.name, IdlePeak)
        .outerjoin(IdlePeak, IdlePeak.org_id == Organization.id)
        .where(Organization.kind == "school", Organization.active.is_(True), below(paths))
        .order_by(Organization.path)
    )
    return [SchoolHours(*row) for row in rows]
