"""SQL about what graders are to mark."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from yanxiu_formats.units import Unit

from yanxiu.courses.model import Assignment, Offering, ReleaseUnit
from yanxiu.people.model import GraderAssignment, Organization
from yanxiu.people.reads.organizations import below


@dataclass(frozen=True)
class Assigned:
    """Submissions that somebody is to mark."""

    id: uuid.UUID
    assignment_id: uuid.UUID
    school_id: uuid.UUID
    unit: Unit
    term: str
    school: str
    school_path: str


def assigned_below(session: Session, person_id: str, paths: Iterable[str]) -> list[Assigned]:
    """Return what a person is to mark in the subtrees."""
    rows = session.execute(
        select(
            GraderAssignment.id,
            GraderAssignment.assignment_id,
            GraderAssignment.school_id,
            ReleaseUnit.definition,
            Offering.term,
            Organization.name,
            Organization.path,
        )
        .join(Assignment, GraderAssignment.assignment_id == Assignment.id)
        .join(Offering, Assignment.offering_id == Offering.id)
        .join(
            ReleaseUnit,
            (ReleaseUnit.release_id == Offering.release_id)
            & (ReleaseUnit.unit_key == Assignment.unit_key),
        )
        .join(Organization, GraderAssignment.school_id == Organization.id)
        .where(GraderAssignment.person_id == person_id, below(paths))
        .order_by(Offering.opens_at.desc(), Assignment.position, Organization.path)
    )
    return [Assigned(*row) for row in rows]


def holds_offering(session: Session, assignment_id: uuid.UUID, school_path: str) -> bool:
    """Say whether a unit is held for the school: in an organization above or at it."""
    path = session.scalar(
        select(Organization.path)
        .join(Offering, Offering.org_id == Organization.id)
        .join(Assignment, Assignment.offering_id == Offering.id)
        .where(Assignment.id == assignment_id)
    )
    return path is not None and school_path.startswith(path)
