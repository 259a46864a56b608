"""SQL about who holds which role where, and what graders are to mark.

Called by ``verbs.grant_role`` and the page for roles. Whether somebody may give or take is
``permissions``' to decide.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from yanxiu.cleaning import clean_teacher_no
from yanxiu.names import new_id
from yanxiu.people.model import GraderAssignment, Organization, Person, RoleGrant

from .organizations import below


@dataclass(frozen=True)
class Holder:
    """A person in the list of roles.

    :param grants: ``(role, organization's name)`` in the asker's subtrees, without teacher
    """

    id: str
    name: str
    teacher_no: str | None
    school: str
    grants: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Grant:
    """A role that somebody holds."""

    id: uuid.UUID
    role: str
    org_id: uuid.UUID
    org_name: str
    org_kind: str
    org_path: str


def _listed(paths: Iterable[str], words: str) -> list[ColumnElement[bool]]:
    """Match people by name or number; without words, those who are more than teachers."""
    inside = select(Organization.id).where(below(paths))
    held = select(RoleGrant.person_id).where(RoleGrant.org_id.in_(inside))
    if not words:
        return [Person.id.in_(held.where(RoleGrant.role != "teacher"))]
    return [
        or_(Person.school_id.in_(inside), Person.id.in_(held)),
        or_(
            Person.name.contains(words, autoescape=True),
            Person.teacher_no.startswith(clean_teacher_no(words), autoescape=True),
        ),
    ]


def holders_count(session: Session, paths: Iterable[str], words: str) -> int:
    """Return how many the list has."""
    query = select(func.count(Person.id)).where(
        *_listed(list(paths), words), Person.active.is_(True)
    )
    return session.scalar(query) or 0


def holders_page(
    session: Session, paths: Iterable[str], words: str, *, offset: int, limit: int
) -> list[Holder]:
    """Return a page of the active people of the subtrees who match, by school and name."""
    paths = list(paths)
    rows = session.execute(
        select(Person.id, Person.name, Person.teacher_no, Organization.name)
        .join(Organization, Person.school_id == Organization.id)
        .where(*_listed(paths, words), Person.active.is_(True))
        .order_by(Organization.path, Person.name, Person.id)
        .offset(offset)
        .limit(limit)
    ).all()
    held: dict[str, list[tuple[str, str]]] = {}
    for person_id, role, org in session.execute(
        select(RoleGrant.person_id, RoleGrant.role, Organization.name)
        .join(Organization, RoleGrant.org_id == Organization.id)
        .where(
            RoleGrant.person_id.in_([row[0] for row in rows]),
            RoleGrant.role != "teacher",
            below(paths),
        )
        .order_by(RoleGrant.role, Organization.path)
    ):
        held.setdefault(person_id, []).append((role, org))
    return [Holder(*row, tuple(held.get(row[0], ()))) for row in rows]


def grants_below(session: Session, person_id: str, paths: Iterable[str]) -> list[Grant]:
    """Return the roles that a person holds in the subtrees."""
    rows = session.execute(
        select(
            RoleGrant.id,
            RoleGrant.role,
            Organization.id,
            Organization.name,
            Organization.kind,
            Organization.path,
        )
        .join(Organization, RoleGrant.org_id == Organization.id)
        .where(RoleGrant.person_id == person_id, below(paths))
        .order_by(RoleGrant.role, Organization.path)
    )
    return [Grant(*row) for row in rows]


def organization(
    session: Session, org_id: uuid.UUID, *, for_update: bool = False
) -> Organization | None:
    """Return an organization, locked against others who change who holds what there."""
    return session.get(Organization, org_id, with_for_update=for_update)


def organizations_below(session: Session, paths: Iterable[str]) -> list[Organization]:
    """Return the active organizations of the subtrees, from the top."""
    return list(
        session.scalars(
            select(Organization)
            .where(Organization.active.is_(True), below(paths))
            .order_by(Organization.kind, Organization.name, Organization.code)
        )
    )


def held_grant(session: Session, person_id: str, role: str, org_id: uuid.UUID) -> RoleGrant | None:
    """Return the grant of a role, None when it is not held."""
    return session.scalar(
        select(RoleGrant).where(
            RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.org_id == org_id
        )
    )


def grant_by_id(session: Session, grant_id: uuid.UUID) -> RoleGrant | None:
    """Return a grant with its organization."""
    return session.get(RoleGrant, grant_id)


def add_grant(session: Session, person_id: str, role: str, org_id: uuid.UUID) -> None:
    """Give a role that is not held yet."""
    session.add(RoleGrant(id=new_id(), person_id=person_id, role=role, org_id=org_id))


def active_holders(session: Session, role: str, org_id: uuid.UUID) -> int:
    """Return how many active people hold a role in an organization."""
    return (
        session.scalar(
            select(func.count(RoleGrant.id))
            .join(Person, RoleGrant.person_id == Person.id)
            .where(RoleGrant.role == role, RoleGrant.org_id == org_id, Person.active.is_(True))
        )
        or 0
    )


def holders_names(session: Session, role: str, org_id: uuid.UUID, most: int) -> list[str]:
    """Return the names of active people who hold ``role`` right in this organization."""
    return list(
        session.scalars(
            select(Person.name)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(RoleGrant.role == role, RoleGrant.org_id == org_id, Person.active.is_(True))
            .order_by(Person.name, Person.id)
            .limit(most)
        )
    )


def assigned_keys(session: Session, person_id: str) -> frozenset[tuple[uuid.UUID, uuid.UUID]]:
    """Return ``(assignment, school)`` of everything that a person is to mark."""
    rows = session.execute(
        select(GraderAssignment.assignment_id, GraderAssignment.school_id).where(
            GraderAssignment.person_id == person_id
        )
    )
    return frozenset((assignment, school) for assignment, school in rows)


def assignment_by_id(session: Session, grader_assignment_id: uuid.UUID) -> GraderAssignment | None:
    """Return what one grader is to mark."""
    return session.get(GraderAssignment, grader_assignment_id)


def end_assignments(session: Session, person_id: str, path: str) -> int:
    """Take away what a person is to mark in a subtree; return how much it was."""
    inside = select(Organization.id).where(below([path]))
    doomed = session.scalars(
        select(GraderAssignment.id).where(
            GraderAssignment.person_id == person_id, GraderAssignment.school_id.in_(inside)
        )
    ).all()
    session.execute(delete(GraderAssignment).where(GraderAssignment.id.in_(doomed)))
    return len(doomed)
