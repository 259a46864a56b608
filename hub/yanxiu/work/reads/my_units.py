"""What 我的研修 shows: one person's units, attempts and credit hours.

Four queries, whatever the number of units. Called by ``pages``.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from yanxiu_formats.units import Unit as Definition

from yanxiu.courses.model import Assignment
from yanxiu.courses.reads import courses
from yanxiu.work.model import Attempt, CreditEntry, Draft, Standing
from yanxiu.work.rules import State


@dataclass(frozen=True)
class MyAttempt:
    """An attempt as its author may see it; points only once they are released."""

    id: uuid.UUID
    number: int
    state: str
    late: bool
    received_at: datetime
    receipt_no: str
    total_points: float | None
    passed: bool | None
    released_at: datetime | None


@dataclass(frozen=True)
class Unit:
    """A unit that a person is to do.

    :param definition: ``unit.json`` as it is handed out now
    :param attempts: newest first
    :param hours_x100: credit hours granted for it
    """

    assignment_id: uuid.UUID
    offering_id: str
    course_title: dict[str, Any]
    term: str
    opens_at: datetime
    due_at: datetime
    late_until: datetime
    max_attempts: int | None
    definition: Definition
    attempts: tuple[MyAttempt, ...] = ()
    draft_at: datetime | None = None
    hours_x100: int = 0

    @property
    def latest(self) -> MyAttempt | None:
        """The newest attempt; one that was withdrawn only when there is no other."""
        stand = [one for one in self.attempts if one.state != State.WITHDRAWN]
        return next(iter(stand or self.attempts), None)

    @property
    def taken(self) -> int:
        """How many attempts count: what was withdrawn does not."""
        return sum(one.state != State.WITHDRAWN for one in self.attempts)

    @property
    def released(self) -> MyAttempt | None:
        """The newest attempt whose score the person may see."""
        return next((one for one in self.attempts if one.released_at is not None), None)

    @property
    def passed(self) -> bool:
        """Whether a released attempt passed."""
        return any(one.passed for one in self.attempts if one.released_at is not None)


_ATTEMPT = (
    Attempt.id,
    Attempt.number,
    Standing.state,
    Attempt.late,
    Attempt.received_at,
    Attempt.receipt_no,
    Standing.total_points,
    Standing.passed,
    Standing.released_at,
)


def my_units(session: Session, person_id: str) -> list[Unit]:
    """Return everything that a person is to do, newest offering first, units in order."""
    attempts = defaultdict(list)
    for assignment_id, *row in session.execute(
        select(Attempt.assignment_id, *_ATTEMPT)
        .join(Standing, Standing.attempt_id == Attempt.id)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.number.desc())
    ):
        attempts[assignment_id].append(_attempt(*row))
    drafts = dict(
        session.execute(
            select(Draft.assignment_id, Draft.updated_at).where(Draft.person_id == person_id)
        ).all()
    )
    hours = dict(
        session.execute(
            select(CreditEntry.assignment_id, func.sum(CreditEntry.hours_x100))
            .where(CreditEntry.person_id == person_id)
            .group_by(CreditEntry.assignment_id)
        ).all()
    )
    return [
        _unit(
            assignment,
            unit.definition,
            tuple(attempts[assignment.id]),
            drafts.get(assignment.id),
            hours.get(assignment.id, 0),
        )
        for assignment, unit in courses.enrolled_assignments(session, person_id)
    ]


def my_unit(session: Session, person_id: str, assignment_id: uuid.UUID) -> Unit | None:
    """Return one unit of a person, None when they do not take its course."""
    assignment = courses.assignment(session, assignment_id)
    if assignment is None:
        return None
    if courses.enrolment(session, assignment.offering_id, person_id) is None:
        return None
    rows = session.execute(
        select(*_ATTEMPT)
        .join(Standing, Standing.attempt_id == Attempt.id)
        .where(Attempt.person_id == person_id, Attempt.assignment_id == assignment_id)
        .order_by(Attempt.number.desc())
    )
    hours = session.scalar(
        select(func.sum(CreditEntry.hours_x100)).where(
            CreditEntry.person_id == person_id, CreditEntry.assignment_id == assignment_id
        )
    )
    draft_at = session.scalar(
        select(Draft.updated_at).where(
            Draft.person_id == person_id, Draft.assignment_id == assignment_id
        )
    )
    definition = courses.unit_of(session, assignment).definition
    attempts = tuple(_attempt(*row) for row in rows)
    return _unit(assignment, definition, attempts, draft_at, hours or 0)


def hours_by_kind(units: list[Unit]) -> dict[str, tuple[int, int]]:
    """Return ``{kind: (earned, possible)}`` in hundredths of an hour."""
    totals: dict[str, tuple[int, int]] = {}
    for unit in units:
        kind = unit.definition.hours_kind
        earned, possible = totals.get(kind, (0, 0))
        could = round(unit.definition.credit_hours * 100)
        totals[kind] = (earned + unit.hours_x100, possible + could)
    return totals


def _attempt(*row: Any) -> MyAttempt:
    found = MyAttempt(*row)
    if found.released_at is not None:
        return found
    return replace(found, total_points=None, passed=None)


def _unit(
    assignment: Assignment,
    definition: Definition,
    attempts: tuple[MyAttempt, ...],
    draft_at: datetime | None,
    hours_x100: int,
) -> Unit:
    offering = assignment.offering
    return Unit(
        assignment_id=assignment.id,
        offering_id=offering.id,
        course_title=offering.course.title,
        term=offering.term,
        opens_at=offering.opens_at,
        due_at=assignment.due_at,
        late_until=assignment.late_until,
        max_attempts=assignment.max_attempts,
        definition=definition,
        attempts=attempts,
        draft_at=draft_at,
        hours_x100=hours_x100,
    )
