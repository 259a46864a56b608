"""SQL about courses, releases, offerings, assignments and enrolments."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import false, literal, or_, select
from sqlalchemy.orm import Session
from yanxiu_formats.units import Unit

from yanxiu.courses.model import Assignment, Course, Enrolment, Offering, Release, ReleaseUnit
from yanxiu.people.model import Organization
from yanxiu.people.reads.organizations import below
from yanxiu.people.reads.schools import Choice


def course(session: Session, course_id: str, *, for_update: bool = False) -> Course | None:
    """Return a course."""
    return session.get(Course, course_id, with_for_update=for_update)


def release_by_digest(session: Session, digest: str) -> Release | None:
    """Return the release with this content."""
    return session.scalar(select(Release).where(Release.digest == digest))


def latest_release(session: Session, course_id: str) -> Release | None:
    """Return a course's newest release."""
    return session.scalar(
        select(Release)
        .where(Release.course_id == course_id)
        .order_by(Release.created_at.desc(), Release.id.desc())
        .limit(1)
    )


def offerings_of(session: Session, course_id: str) -> list[Offering]:
    """Return what is held of a course, newest first."""
    rows = session.scalars(
        select(Offering).where(Offering.course_id == course_id).order_by(Offering.opens_at.desc())
    )
    return list(rows)


def offerings_below(session: Session, paths: Iterable[str]) -> list[Offering]:
    """Return what is held in the subtrees, the newest first."""
    below = [Organization.path.startswith(path, autoescape=True) for path in paths]
    return list(
        session.scalars(
            select(Offering)
            .join(Organization, Offering.org_id == Organization.id)
            .where(or_(false(), *below))
            .order_by(Offering.opens_at.desc(), Offering.id)
        )
    )


def units_of(session: Session, release_id: uuid.UUID) -> dict[str, ReleaseUnit]:
    """Return a release's units by key, in the order of their keys."""
    rows = session.scalars(
        select(ReleaseUnit)
        .where(ReleaseUnit.release_id == release_id)
        .order_by(ReleaseUnit.unit_key)
    )
    return {row.unit_key: row for row in rows}


def offering(session: Session, offering_id: str) -> Offering | None:
    """Return an offering with its course and county."""
    return session.get(Offering, offering_id)


def assignment(session: Session, assignment_id: uuid.UUID) -> Assignment | None:
    """Return an assignment with its offering."""
    return session.get(Assignment, assignment_id)


def assignments(session: Session, offering_id: str) -> dict[str, Assignment]:
    """Return an offering's assignments by unit."""
    rows = session.scalars(select(Assignment).where(Assignment.offering_id == offering_id))
    return {row.unit_key: row for row in rows}


def units_given(session: Session, course_id: str) -> set[str]:
    """Return the units that any offering of a course has given out."""
    rows = session.scalars(
        select(Assignment.unit_key)
        .join(Offering, Assignment.offering_id == Offering.id)
        .where(Offering.course_id == course_id)
    )
    return set(rows)


def unit_of(session: Session, found: Assignment) -> ReleaseUnit:
    """Return the unit that an assignment hands out now."""
    return unit(session, found.offering.release_id, found.unit_key)


def unit(session: Session, release_id: uuid.UUID, unit_key: str) -> ReleaseUnit:
    """Return a unit of a release; submissions ask for the release they pinned."""
    return session.get_one(ReleaseUnit, (release_id, unit_key))


#: Units of releases by (release, assignment); releases never change. A few hundred fit.
_definitions: dict[tuple[uuid.UUID, uuid.UUID], Unit] = {}
_MOST_KEPT = 500


def definition(session: Session, release_id: uuid.UUID, assignment_id: uuid.UUID) -> Unit:
    """Return the unit that an assignment is of, as a release has it."""
    key = (release_id, assignment_id)
    if key not in _definitions:
        if len(_definitions) >= _MOST_KEPT:
            _definitions.clear()
        found = session.scalars(
            select(ReleaseUnit.definition)
            .join(Assignment, Assignment.unit_key == ReleaseUnit.unit_key)
            .where(ReleaseUnit.release_id == release_id, Assignment.id == assignment_id)
        ).one()
        _definitions[key] = found
    return _definitions[key]


def enrolment(
    session: Session, offering_id: str, person_id: str, *, for_update: bool = False
) -> Enrolment | None:
    """Return a person's enrolment; locking it makes their attempts wait for each other."""
    return session.get(Enrolment, (offering_id, person_id), with_for_update=for_update)


def enrolled_assignments(session: Session, person_id: str) -> list[tuple[Assignment, ReleaseUnit]]:
    """Return what a person is to do, with the unit as it is handed out now."""
    rows = session.execute(
        select(Assignment, ReleaseUnit)
        .join(Offering, Assignment.offering_id == Offering.id)
        .join(Enrolment, Enrolment.offering_id == Offering.id)
        .join(
            ReleaseUnit,
            (ReleaseUnit.release_id == Offering.release_id)
            & (ReleaseUnit.unit_key == Assignment.unit_key),
        )
        .where(Enrolment.person_id == person_id)
        .order_by(Offering.opens_at.desc(), Assignment.position)
    )
    return [(found, release_unit) for found, release_unit in rows]


def release_units(session: Session, release_id: uuid.UUID) -> list[str]:
    """Return the units of a release."""
    return list(
        session.scalars(select(ReleaseUnit.unit_key).where(ReleaseUnit.release_id == release_id))
    )


@dataclass(frozen=True)
class Overview:
    """A course as the operator's list shows it.

    :param digest: of the latest release
    :param offerings: ids of what is held, oldest first
    """

    course_id: str
    title: dict[str, Any]
    releases: int
    digest: str
    offerings: tuple[str, ...]


def overview(session: Session) -> list[Overview]:
    """Return every course that has a release, by id."""
    found = []
    for one in session.scalars(select(Course).order_by(Course.id)).all():
        digests = session.scalars(
            select(Release.digest).where(Release.course_id == one.id).order_by(Release.created_at)
        ).all()
        held = session.scalars(
            select(Offering.id).where(Offering.course_id == one.id).order_by(Offering.opens_at)
        ).all()
        if digests:
            found.append(Overview(one.id, one.title, len(digests), digests[-1], tuple(held)))
    return found


def release_digests(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the digests of releases."""
    rows = session.execute(select(Release.id, Release.digest).where(Release.id.in_(set(ids))))
    return {row.id: row.digest for row in rows}


def assignment_choices(
    session: Session, paths: Iterable[str], also: Iterable[uuid.UUID] = ()
) -> list[Choice]:
    """Return the units held in the subtrees, or above them for their schools.

    :param also: units that are listed besides
    """
    holds = [
        or_(
            below([path]),
            literal(path).startswith(Organization.path),
        )
        for path in paths
    ]
    rows = session.execute(
        select(Assignment.id, ReleaseUnit.definition, Course.title, Offering.term)
        .join(Offering, Assignment.offering_id == Offering.id)
        .join(Course, Offering.course_id == Course.id)
        .join(Organization, Offering.org_id == Organization.id)
        .join(
            ReleaseUnit,
            (ReleaseUnit.release_id == Offering.release_id)
            & (ReleaseUnit.unit_key == Assignment.unit_key),
        )
        .where(or_(Assignment.id.in_(list(also)), *holds))
        .order_by(Offering.opens_at.desc(), Offering.id, Assignment.position)
    )
    return [Choice(key, unit.title, term) for key, unit, _, term in rows]
