"""SQL about who takes which course."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from yanxiu.courses.model import Enrolment, Offering
from yanxiu.names import course_group, research_group, school_group
from yanxiu.people.model import GroupMember, Organization, Person, RoleGrant
from yanxiu.people.reads.people import organizations


def hub_groups(session: Session, person_id: str) -> list[str]:
    """Return the hub groups that follow from the records, sorted."""
    who = session.get(Person, person_id)
    if who is None:
        return []
    courses = session.scalars(
        select(Offering.course_id)
        .join(Enrolment, Enrolment.offering_id == Offering.id)
        .where(Enrolment.person_id == person_id)
    )
    groups = session.scalars(
        select(Organization.code)
        .join(GroupMember, GroupMember.org_id == Organization.id)
        .where(GroupMember.person_id == person_id)
    )
    return sorted(
        {school_group(who.school.code)}
        | {course_group(course) for course in courses}
        | {research_group(group) for group in groups}
    )


def teachers_not_enrolled(session: Session, codes: Iterable[str], offering_id: str) -> list[str]:
    """Return the active teachers of schools who do not take an offering yet."""
    enrolled = select(Enrolment.person_id).where(Enrolment.offering_id == offering_id)
    # Teaching points below a school take its courses too.
    roots = tuple(org.path for org in organizations(session, codes).values())
    every = session.execute(select(Organization.id, Organization.path))
    schools = {org_id for org_id, path in every if path.startswith(roots)}
    rows = session.scalars(
        select(Person.id)
        .join(RoleGrant, (RoleGrant.person_id == Person.id) & (RoleGrant.role == "teacher"))
        .where(Person.school_id.in_(schools), Person.active.is_(True), Person.id.not_in(enrolled))
        .distinct()
    )
    return list(rows)
