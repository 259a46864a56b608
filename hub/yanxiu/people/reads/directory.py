"""What an organizer's list of people shows, one page at a time.

Never an ID number, not even its last four: this list is for finding somebody whose
password is to be reset. Called by ``pages``.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from yanxiu.cleaning import clean_mobile, clean_teacher_no
from yanxiu.people.model import Organization, Person

from .organizations import below


@dataclass(frozen=True)
class PeopleFilter:
    """Which people: always within ``paths``.

    :param words: part of a name, the beginning of a teacher number, or a mobile number
    """

    paths: tuple[str, ...]
    school_id: uuid.UUID | None = None
    words: str = ""


@dataclass(frozen=True)
class PersonRow:
    """One person in the list."""

    id: str
    name: str
    teacher_no: str | None
    subject: str
    active: bool
    school: str
    school_path: str


def people_page(
    session: Session, wanted: PeopleFilter, *, offset: int, limit: int
) -> list[PersonRow]:
    """Return one page of people, school by school, by name."""
    rows = session.execute(
        select(
            Person.id,
            Person.name,
            Person.teacher_no,
            Person.subject,
            Person.active,
            Organization.name,
            Organization.path,
        )
        .join(Organization, Person.school_id == Organization.id)
        .where(*_conditions(wanted))
        .order_by(Person.school_id, Person.name, Person.id)
        .offset(offset)
        .limit(limit)
    )
    return [PersonRow(*row) for row in rows]


def people_count(session: Session, wanted: PeopleFilter) -> int:
    """Return how many the whole list has."""
    return session.scalar(select(func.count(Person.id)).where(*_conditions(wanted))) or 0


def person_row(session: Session, person_id: str) -> PersonRow | None:
    """Return one person, wherever they are: the caller checks."""
    row = session.execute(
        select(
            Person.id,
            Person.name,
            Person.teacher_no,
            Person.subject,
            Person.active,
            Organization.name,
            Organization.path,
        )
        .join(Organization, Person.school_id == Organization.id)
        .where(Person.id == person_id)
    ).first()
    return PersonRow(*row) if row else None


def _conditions(wanted: PeopleFilter) -> list[ColumnElement[bool]]:
    inside = select(Organization.id).where(below(wanted.paths))
    conditions: list[ColumnElement[bool]] = [Person.school_id.in_(inside)]
    if wanted.school_id is not None:
        conditions.append(Person.school_id == wanted.school_id)
    words = wanted.words.strip()
    if words:
        same = [Person.name.contains(words, autoescape=True)]
        # What cleaning leaves nothing of is no number: every number begins with nothing.
        if number := clean_teacher_no(words):
            same.append(Person.teacher_no.startswith(number, autoescape=True))
        if mobile := clean_mobile(words):
            same.append(Person.mobile == mobile)
        conditions.append(or_(*same))
    return conditions
