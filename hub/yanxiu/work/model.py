"""What teachers hand in, how it is graded, the marks, the decisions, and the credit hours.

Attempts, gradings, markings, decisions and credits are facts: appended, never changed;
triggers see to it. After years their contents go and the facts stay (``verbs.expire_contents``). A ``Standing`` is what they come to, kept beside them for the lists and
made anew at any time (``verbs.claim``). A ``Work`` row is what every change takes hold of.
"""

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


class Work(Base):
    """A person's work on one unit: the row that whoever changes anything of it locks first.

    ``version`` counts the changes; every fact carries the one it came with, so facts of one
    piece of work have an order that no clock can confuse.
    """

    __tablename__ = "works"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)


class Attempt(Base):
    """An accepted attempt: what its receipt says. Its row exists before the receipt is shown.

    ``school_id`` is the person's school at that moment, ``version`` that of the work.
    """

    __tablename__ = "attempts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    release_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("releases.id"))
    number: Mapped[int]
    version: Mapped[int]
    via: Mapped[str] = mapped_column(String(16))
    client_key: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    #: None once retention has removed it, with answers, feedback and comments (``contents``).
    bundle_blob: Mapped[str | None] = mapped_column(BlobDigest)
    #: Of the files in it: what one person has handed in has a sum.
    bundle_bytes: Mapped[int]
    has_notebook: Mapped[bool]
    late: Mapped[bool]
    received_at: Mapped[datetime]
    receipt_no: Mapped[str] = mapped_column(String(40), unique=True)

    person: Mapped[Person] = relationship(lazy="raise")
    #: Who marks it: a teacher who moves later leaves what they handed in with this school.
    school: Mapped[Organization] = relationship(lazy="raise")
    assignment: Mapped[Assignment] = relationship(lazy="raise")
    standing: Mapped["Standing"] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @property
    def state(self) -> str:
        """Where it stands, as all that follows here."""
        return self.standing.state

    @property
    def facts(self) -> int:
        """How much was appended since it was handed in."""
        return self.standing.facts

    @property
    def auto_points(self) -> float | None:
        """What the machine found."""
        return self.standing.auto_points

    @property
    def rubric_points(self) -> float | None:
        """What people gave."""
        return self.standing.rubric_points

    @property
    def total_points(self) -> float | None:
        """Both together, once everything is marked."""
        return self.standing.total_points

    @property
    def passed(self) -> bool | None:
        """Whether it passed, once that is shown."""
        return self.standing.passed

    @property
    def comment(self) -> str:
        """What was said about the whole."""
        return self.standing.comment

    @property
    def answers(self) -> dict[str, Any] | None:
        """The answers as they were graded, None as long as they were not."""
        return self.standing.grading.answers if self.standing.grading else None

    @property
    def executed_blob(self) -> str | None:
        """The executed notebook."""
        return self.standing.grading.executed_blob if self.standing.grading else None

    @property
    def rendered_blob(self) -> str | None:
        """Its cells as HTML; None too when it could not be rendered within the limits."""
        return self.standing.grading.rendered_blob if self.standing.grading else None

    @property
    def released_at(self) -> datetime | None:
        """Since when its author sees the mark that is shown."""
        return self.standing.released_at

    __table_args__ = (
        UniqueConstraint("assignment_id", "person_id", "number"),
        UniqueConstraint("assignment_id", "person_id", "client_key"),
        Index("ix_attempts_person", "person_id", "received_at"),
    )


class Standing(Base):
    """Where an attempt stands: ``rules.standing`` of its facts, and nothing else.

    The keys beside it are the attempt's own, so that the organizer's list of a whole county
    reads from this table alone. Points are of 100; ``None`` means not marked yet, which is
    not zero.
    """

    __tablename__ = "standings"

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"))
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    received_at: Mapped[datetime]
    #: See ``rules.State``.
    state: Mapped[str] = mapped_column(String(16))
    #: The run whose scores count.
    grading_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("gradings.id"))
    auto_points: Mapped[float | None]
    rubric_points: Mapped[float | None]
    total_points: Mapped[float | None]
    passed: Mapped[bool | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    released_at: Mapped[datetime | None]
    #: The author sees facts up to this version of the work, None shows nothing.
    shown_order: Mapped[int | None]
    appealed: Mapped[bool] = mapped_column(default=False)
    #: How many gradings, markings and decisions it comes of: whoever finds none need not look.
    facts: Mapped[int] = mapped_column(default=0)

    grading: Mapped["Grading | None"] = relationship(lazy="raise", viewonly=True)

    __table_args__ = (
        Index("ix_standings_list", "assignment_id", "state", "received_at"),
        Index("ix_standings_school", "school_id", "assignment_id", "received_at"),
        Index(
            "ix_standings_desk", "school_id", "state", "received_at", "attempt_id", "assignment_id"
        ),
    )


class GradingJob(Base):
    """One piece of grading work in the queue. Six instants answer "why is it slow"."""

    __tablename__ = "grading_jobs"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), index=True)
    #: The attempt's, for the turns that schools take.
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    #: See ``rules.JobState``.
    state: Mapped[str] = mapped_column(String(16))
    #: SHA-256 of the lease: reading the table does not give the right to report.
    lease_sha256: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(80))
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(String(80))
    received_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    leased_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    graded_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_grading_jobs_queue", "state", "school_id", "queued_at"),)


class GradingTurn(Base):
    """When a worker last got a job of a school. See ``turns``."""

    __tablename__ = "grading_turns"

    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    served_at: Mapped[datetime]


class Grading(Base):
    """One run of the machine over an attempt, however it ended. A regrade adds one.

    ``outcome``: see ``rules.Outcome``; ``release_id``: the revision whose tests ran.
    """

    __tablename__ = "gradings"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), index=True)
    version: Mapped[int]
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("grading_jobs.id"))
    release_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("releases.id"))
    outcome: Mapped[str] = mapped_column(String(16))
    #: Why it did not score.
    failure: Mapped[str | None] = mapped_column(String(80))
    answers: Mapped[dict[str, Any] | None]
    #: The notebook with its outputs, and its cells as HTML, rendered once in the run ``show``.
    executed_blob: Mapped[str | None] = mapped_column(BlobDigest)
    rendered_blob: Mapped[str | None] = mapped_column(BlobDigest)
    run_a: Mapped[dict[str, Any] | None]
    run_b: Mapped[dict[str, Any] | None]
    graded_at: Mapped[datetime]


class TaskScore(Base):
    """The machine's score of one auto task in one run."""

    __tablename__ = "task_scores"

    grading_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("gradings.id"), primary_key=True)
    task_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    points: Mapped[float]
    max_points: Mapped[float]
    message: Mapped[dict[str, Any]]


class Marking(Base):
    """What one marker gave for one criterion; a later one of theirs takes its place.

    No points take a mark back. Without task and criterion it is a comment on the whole.
    """

    __tablename__ = "markings"

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    criterion_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    marker_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    #: ``grader``; a peer's marks (互评) count for nothing by themselves.
    capacity: Mapped[str] = mapped_column(String(16))
    points: Mapped[float | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    marked_at: Mapped[datetime]


class Decision(Base):
    """What somebody decided about an attempt: who, when, why.

    ``kind``: see ``rules.Kind``. A release or correction also holds the result that it
    shows, so what was shown stays known whatever is graded or marked later.
    """

    __tablename__ = "decisions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), index=True)
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    #: A person's id, or ``system:grading`` for units that a machine marks whole.
    decided_by: Mapped[str] = mapped_column(String(40))
    decided_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    grading_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("gradings.id"))
    auto_points: Mapped[float | None]
    total_points: Mapped[float | None]
    passed: Mapped[bool | None]


class GivenFeedback(Base):
    """Feedback that an organizer made elsewhere: HTML of others, given out as files only."""

    __tablename__ = "given_feedback"

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    blob: Mapped[str | None] = mapped_column(BlobDigest)
    given_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    given_at: Mapped[datetime]


class CreditEntry(Base):
    """Credit hours (学时) granted or taken back; never changed, triggers see to it.

    Hours are kept in hundredths so that sums are exact. What is taken back is an entry of
    its own with less than nothing.
    """

    __tablename__ = "credit_entries"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"))
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"))
    #: ``online`` or ``practice``.
    kind: Mapped[str] = mapped_column(String(16))
    hours_x100: Mapped[int]
    #: Why: ``unit_passed``, ``corrected``.
    reason: Mapped[str] = mapped_column(String(32))
    #: 1 is the grant, 2 its reversal, 3 the next grant: no two of a number.
    sequence: Mapped[int]
    #: A person's id, or ``system:grading`` for units that a machine marks whole.
    granted_by: Mapped[str] = mapped_column(String(40))
    granted_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("person_id", "assignment_id", "sequence"),)
