"""SQL about organizations, people, roles and groups.

Called by the command line (seeding) and by every room above.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from yanxiu.cleaning import clean_mobile, clean_teacher_no
from yanxiu.people.model import (
    Credential,
    Organization,
    OrganizationAlias,
    Person,
    RoleGrant,
)

from .organizations import below


def organization(session: Session, code: str) -> Organization | None:
    """Return the organization with this code."""
    return session.scalar(select(Organization).where(Organization.code == code))


def organizations(session: Session, codes: Iterable[str]) -> dict[str, Organization]:
    """Return the organizations with these codes, by code, also by codes they had before."""
    wanted = list(codes)
    renamed = session.execute(
        select(OrganizationAlias.code, Organization)
        .join(Organization, Organization.id == OrganizationAlias.org_id)
        .where(OrganizationAlias.code.in_(wanted))
    )
    found = session.scalars(select(Organization).where(Organization.code.in_(wanted)))
    return {**{org.code: org for org in found}, **{row.code: row.Organization for row in renamed}}


def person(session: Session, person_id: str) -> Person | None:
    """Return a person with their school."""
    return session.get(Person, person_id)


def active_person(session: Session, person_id: str) -> Person | None:
    """Return a person who is neither deactivated nor gone."""
    found = session.get(Person, person_id)
    return found if found is not None and found.active else None


def by_login_name(session: Session, login: str) -> Person | None:
    """Return whom a login name means: a teacher number or a mobile number, as it was typed.

    Cleaned as the roster cleans them: a teacher who types a blank or in full width is the
    same one. If one person's teacher number is another's mobile, the teacher number wins.
    """
    number, mobile = clean_teacher_no(login), clean_mobile(login)
    found = session.scalars(
        select(Person).where(or_(Person.teacher_no == number, Person.mobile == mobile))
    ).all()
    return next((one for one in found if one.teacher_no == number), found[0] if found else None)


def credential(session: Session, person_id: str, *, for_update: bool = False) -> Credential | None:
    """Return how a person logs in, locked against other writers if asked."""
    return session.get(Credential, person_id, with_for_update=for_update)


def grants(session: Session, person_id: str) -> list[tuple[str, str]]:
    """Return ``(role, path of the organization)`` for every role of a person."""
    rows = session.execute(
        select(RoleGrant.role, Organization.path)
        .join(Organization, RoleGrant.org_id == Organization.id)
        .where(RoleGrant.person_id == person_id)
    )
    return [(role, path) for role, path in rows]


def school_ids_below(session: Session, paths: Iterable[str]) -> list[uuid.UUID]:
    """Return the schools in the subtrees that begin with ``paths``."""
    return list(
        session.scalars(select(Organization.id).where(Organization.kind == "school", below(paths)))
    )


def login_names(session: Session) -> set[str]:
    """Return every teacher number and mobile number in use."""
    rows = session.execute(select(Person.teacher_no, Person.mobile))
    return {name for row in rows for name in row if name}


def accounts(session: Session, role: str | None = None) -> list[Person]:
    """Return all active people, or those who hold a role, by school and name."""
    query = select(Person).where(Person.active.is_(True))
    if role is not None:
        query = query.where(
            Person.id.in_(select(RoleGrant.person_id).where(RoleGrant.role == role))
        )
    return list(session.scalars(query.order_by(Person.school_id, Person.name, Person.id)))


def set_password_hash(session: Session, person_id: str, hashed: str, at: datetime) -> None:
    """Give a person a password that they need not change; for demo accounts only."""
    found = session.get_one(Credential, person_id)
    found.password_hash, found.must_change, found.changed_at = hashed, False, at


def left_before(session: Session, when: datetime, *, erased: bool | None = None) -> list[str]:
    """Return who left before then and has not come back, the longest gone first.

    :param erased: only those whose name was removed already, or was not
    """
    wanted = [Person.active.is_(False), Person.left_at < when]
    if erased is not None:
        wanted.append(Person.erased_at.is_not(None) if erased else Person.erased_at.is_(None))
    return list(
        session.scalars(select(Person.id).where(*wanted).order_by(Person.left_at, Person.id))
    )


def gone(session: Session, person_id: str, left_before: datetime) -> Person | None:
    """Return somebody who left before then, locked; None when they have come back since."""
    found = session.get(Person, person_id, with_for_update=True)
    if found is None or found.active or found.left_at is None or found.left_at >= left_before:
        return None
    return found
