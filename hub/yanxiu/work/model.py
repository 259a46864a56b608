"""What teachers hand in, how it is graded, and the marks."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from yanxiu.courses.model import Assignment
from yanxiu.people.model import Organization, Person
from yanxiu.store.base import Base, BlobDigest


class Draft(Base):
    """Answers saved in the portal's form and not handed in yet."""

    __tablename__ = "drafts"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"), primary_key=True)
    answers: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]


class Submission(Base):
    """An accepted attempt. Its row exists before the receipt is shown.

    ``state``: see ``yanxiu.work.rules``. Points are of 100; ``None`` means not marked
    yet, which is not zero. ``school_id`` is the person's school at that moment.
    """

    __tablename__ = "submissions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    release_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("releases.id"))
    attempt: Mapped[int]
    via: Mapped[str] = mapped_column(String(16))
    client_key: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    bundle_blob: Mapped[str] = mapped_column(BlobDigest)
    has_notebook: Mapped[bool]
    late: Mapped[bool]
    received_at: Mapped[datetime]
    receipt_no: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    answers: Mapped[dict[str, Any] | None]
    executed_blob: Mapped[str | None] = mapped_column(BlobDigest)
    #: Feedback that an organizer made elsewhere: HTML of others, given out as files only.
    feedback_blob: Mapped[str | None] = mapped_column(BlobDigest)
    auto_points: Mapped[float | None]
    rubric_points: Mapped[float | None]
    total_points: Mapped[float | None]
    passed: Mapped[bool | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    released_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise")
    #: Who marks it: a teacher who moves later leaves what they handed in with this school.
    school: Mapped[Organization] = relationship(lazy="raise")
    assignment: Mapped[Assignment] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("assignment_id", "person_id", "attempt"),
        UniqueConstraint("assignment_id", "person_id", "client_key"),
        Index("ix_submissions_list", "assignment_id", "state", "received_at"),
        Index("ix_submissions_school", "school_id", "assignment_id", "received_at"),
        Index("ix_submissions_person", "person_id", "received_at"),
        # The organizer's list of a whole county reads from this one alone.
        Index("ix_submissions_desk", "school_id", "state", "received_at", "id", "assignment_id"),
    )


class GradingJob(Base):
    """One piece of grading work. Six instants answer "why is it slow"."""

    __tablename__ = "grading_jobs"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submissions.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    #: SHA-256 of the lease: reading the table does not give the right to report.
    lease_sha256: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(80))
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(String(80))
    run_a: Mapped[dict[str, Any] | None]
    run_b: Mapped[dict[str, Any] | None]
    received_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    leased_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    graded_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_grading_jobs_queue", "state", "queued_at"),)


class TaskScore(Base):
    """The machine's score of one auto task."""

    __tablename__ = "task_scores"

    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    task_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    points: Mapped[float]
    max_points: Mapped[float]
    message: Mapped[dict[str, Any]]


class CriterionMark(Base):
    """A person's mark for one criterion of a rubric task."""

    __tablename__ = "criterion_marks"

    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    task_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    criterion_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    points: Mapped[float]
    comment: Mapped[str] = mapped_column(Text, default="")
    marker_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    marked_at: Mapped[datetime]


class CreditEntry(Base):
    """Credit hours (学时) granted or taken back; never changed, triggers see to it.

    Hours are kept in hundredths so that sums are exact.
    """

    __tablename__ = "credit_entries"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"))
    submission_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("submissions.id"))
    #: ``online`` or ``practice``.
    kind: Mapped[str] = mapped_column(String(16))
    hours_x100: Mapped[int]
    #: Why: ``unit_passed``; one entry of each reason for a person and unit.
    reason: Mapped[str] = mapped_column(String(32))
    #: A person's id, or ``system:grading`` for units that a machine marks whole.
    granted_by: Mapped[str] = mapped_column(String(40))
    granted_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("person_id", "assignment_id", "reason"),)
