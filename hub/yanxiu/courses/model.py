"""Courses, their immutable releases, and offerings of them in a county."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, ForeignKey, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from yanxiu_formats.units import Unit, canonical, parse_unit, unit_json

from yanxiu.people.model import Organization
from yanxiu.store.base import Base, BlobDigest


class UnitText(TypeDecorator[Unit]):
    """``unit.json`` as text: parsed once, however often its row is read."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Unit | None, dialect: Dialect) -> str | None:
        """Return the canonical text."""
        return None if value is None else canonical(unit_json(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Unit | None:
        """Return the unit, which is kept by its text."""
        return None if value is None else parse_unit(value)


class Course(Base):
    """A course as such; what is taught is one of its releases."""

    __tablename__ = "courses"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]]


class Release(Base):
    """An immutable version of a course's content. Submissions pin theirs."""

    __tablename__ = "releases"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]


class ReleaseUnit(Base):
    """One unit of a release: ``unit.json``, what learners get, and how it is scored."""

    __tablename__ = "release_units"

    release_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    unit_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    definition: Mapped[Unit] = mapped_column(UnitText)
    #: Tars under ``blobs/``; the second never leaves the platform.
    learner_blob: Mapped[str] = mapped_column(BlobDigest)
    scoring_blob: Mapped[str] = mapped_column(BlobDigest)


class Offering(Base):
    """A course held in a county in a term, with one release of it."""

    __tablename__ = "offerings"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    release_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("releases.id"))
    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    term: Mapped[str] = mapped_column(String(40))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]

    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)
    org: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)


class Assignment(Base):
    """A unit of an offering, with its deadline: what a teacher submits to."""

    __tablename__ = "assignments"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    offering_id: Mapped[str] = mapped_column(ForeignKey("offerings.id"))
    unit_key: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    due_at: Mapped[datetime]
    #: Submissions after ``due_at`` are taken, and marked late, until then.
    late_until: Mapped[datetime]
    max_attempts: Mapped[int | None]

    offering: Mapped[Offering] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (UniqueConstraint("offering_id", "unit_key"),)


class Enrolment(Base):
    """A person who takes an offering."""

    __tablename__ = "enrolments"

    offering_id: Mapped[str] = mapped_column(ForeignKey("offerings.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    enrolled_at: Mapped[datetime]
