"""What an organizer's list of submissions shows, one page at a time.

A ``Filter`` always carries the subtrees that the organizer may see; there is no way to
ask without them. Called by ``pages``.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization, Person
from yanxiu.people.reads.organizations import below
from yanxiu.work.model import Attempt, GradingJob, Standing


@dataclass(frozen=True)
class Filter:
    """Which submissions: always within ``paths`` and ``assigned``, and narrower if asked.

    :param states: empty means all
    :param assigned: ``(assignment, school)`` that are the asker's to mark besides
    """

    paths: tuple[str, ...]
    assignment_id: uuid.UUID | None = None
    school_id: uuid.UUID | None = None
    states: tuple[str, ...] = ()
    assigned: frozenset[tuple[uuid.UUID, uuid.UUID]] = frozenset()


@dataclass(frozen=True)
class Row:
    """One submission in the list."""

    id: uuid.UUID
    assignment_id: uuid.UUID
    number: int
    state: str
    late: bool
    received_at: datetime
    receipt_no: str
    auto_points: float | None
    total_points: float | None
    passed: bool | None
    name: str
    teacher_no: str | None
    school: str
    failure: str | None = None


def submissions_page(
    session: Session, wanted: Filter, *, offset: int, limit: int, total: int
) -> list[Row]:
    """Return one page of the list, the longest waiting first.

    :param total: how many there are; pages near the end are counted from there
    """
    # Find the page among submissions alone first: names are then looked up for its rows only.
    order = (Standing.received_at, Standing.attempt_id)
    after = max(0, total - offset - limit)
    place = select(Standing.attempt_id).where(*_conditions(wanted))
    if after < offset:
        # What is passed over is put in order too: the last page would cost as much as the list.
        place = place.order_by(*(one.desc() for one in order)).offset(after)
        page = place.limit(max(0, min(limit, total - offset))).subquery()
    else:
        page = place.order_by(*order).offset(offset).limit(limit).subquery()
    rows = session.execute(
        select(
            Standing.attempt_id,
            Standing.assignment_id,
            Attempt.number,
            Standing.state,
            Attempt.late,
            Standing.received_at,
            Attempt.receipt_no,
            Standing.auto_points,
            Standing.total_points,
            Standing.passed,
            Person.name,
            Person.teacher_no,
            Organization.name,
        )
        .join(page, Standing.attempt_id == page.c.attempt_id)
        .join(Attempt, Attempt.id == Standing.attempt_id)
        .join(Person, Attempt.person_id == Person.id)
        .join(Organization, Standing.school_id == Organization.id)
        .order_by(*order)
    )
    found = [Row(*tuple(row)) for row in rows]
    failed = [row.id for row in found if row.state == "failed"]
    if not failed:
        return found
    reasons = _failures(session, failed)
    return [replace(row, failure=reasons.get(row.id)) for row in found]


def state_counts(session: Session, wanted: Filter) -> dict[str, int]:
    """Return how many there are in each state, whatever states the filter names."""
    anything = replace(wanted, states=())
    rows = session.execute(
        select(Standing.state, func.count()).where(*_conditions(anything)).group_by(Standing.state)
    )
    return dict(rows.all())


def neighbours(
    session: Session, wanted: Filter, received_at: datetime, submission_id: uuid.UUID
) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """Return the submissions before and after one in the list.

    By its place and not by its number: the one at hand may have left the list by being
    marked.
    """
    before = or_(
        Standing.received_at < received_at,
        and_(Standing.received_at == received_at, Standing.attempt_id < submission_id),
    )
    after = or_(
        Standing.received_at > received_at,
        and_(Standing.received_at == received_at, Standing.attempt_id > submission_id),
    )
    found = select(Standing.attempt_id).where(*_conditions(wanted)).limit(1)
    return (
        session.scalar(
            found.where(before).order_by(Standing.received_at.desc(), Standing.attempt_id.desc())
        ),
        session.scalar(found.where(after).order_by(Standing.received_at, Standing.attempt_id)),
    )


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    inside = select(Organization.id).where(below(wanted.paths))
    mine = [
        and_(Standing.assignment_id == assignment, Standing.school_id == school)
        for assignment, school in sorted(wanted.assigned)
    ]
    conditions: list[ColumnElement[bool]] = [or_(Standing.school_id.in_(inside), *mine)]
    if wanted.assignment_id is not None:
        conditions.append(Standing.assignment_id == wanted.assignment_id)
    if wanted.school_id is not None:
        conditions.append(Standing.school_id == wanted.school_id)
    if wanted.states:
        conditions.append(Standing.state.in_(wanted.states))
    return conditions


def _failures(session: Session, submission_ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return why each was given up; the newest job of a submission has the last word."""
    rows = session.execute(
        select(GradingJob.attempt_id, GradingJob.failure)
        .where(GradingJob.attempt_id.in_(submission_ids), GradingJob.failure.is_not(None))
        .order_by(GradingJob.queued_at, GradingJob.id)
    )
    return {key: failure for key, failure in rows if failure is not None}
