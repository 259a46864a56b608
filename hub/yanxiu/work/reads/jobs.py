"""SQL about the grading queue. Nothing here locks: whoever changes a job claims its work."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization
from yanxiu.work.model import Attempt, GradingJob, GradingTurn, Work
from yanxiu.work.rules import JobState
from yanxiu.work.turns import Turn


def _lost(now: datetime) -> ColumnElement[bool]:
    return (GradingJob.state == JobState.LEASED) & (GradingJob.lease_until < now)


def expired(session: Session, now: datetime) -> list[uuid.UUID]:
    """Return the leased jobs whose lease has run out, oldest first."""
    return list(session.scalars(select(GradingJob.id).where(_lost(now)).order_by(GradingJob.id)))


def any_queued(session: Session) -> bool:
    """Say whether a lease would find anything."""
    query = select(GradingJob.id).where(GradingJob.state == JobState.QUEUED).limit(1)
    return session.scalar(query) is not None


def waiting(session: Session) -> list[Turn]:
    """Return the schools with work in the queue; a look into the index for each school."""
    oldest = (
        select(func.min(GradingJob.queued_at))
        .where(GradingJob.state == JobState.QUEUED, GradingJob.school_id == Organization.id)
        .correlate(Organization)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Organization.id, oldest.label("since"), GradingTurn.served_at)
        .outerjoin(GradingTurn, GradingTurn.school_id == Organization.id)
        .where(Organization.kind == "school", oldest.is_not(None))
    )
    return [Turn(*row) for row in rows]


def running(session: Session) -> dict[uuid.UUID, int]:
    """Return how many jobs of each school workers have in their hands."""
    rows = session.execute(
        select(GradingJob.school_id, func.count())
        .where(GradingJob.state == JobState.LEASED)
        .group_by(GradingJob.school_id)
    )
    return {school_id: int(number) for school_id, number in rows}


def take_next(session: Session, schools: Iterable[uuid.UUID]) -> uuid.UUID | None:
    """Return the oldest queued job of the first school that has one free, its work locked.

    Passes by what somebody else holds: other workers, or an author who hands in anew. The
    job may have been taken between the look and the lock; whoever claims it looks again.
    """
    oldest = (
        select(GradingJob.id)
        .join(Attempt, GradingJob.attempt_id == Attempt.id)
        .join(
            Work,
            (Work.person_id == Attempt.person_id) & (Work.assignment_id == Attempt.assignment_id),
        )
        .where(GradingJob.state == JobState.QUEUED)
        .order_by(GradingJob.queued_at, GradingJob.id)
        .limit(1)
        .with_for_update(of=Work, skip_locked=True)
    )
    for school_id in schools:
        found = session.scalar(oldest.where(GradingJob.school_id == school_id))
        if found is not None:
            return found
    return None


def served(session: Session, school_id: uuid.UUID, now: datetime) -> None:
    """Note that a school had its turn."""
    session.merge(GradingTurn(school_id=school_id, served_at=now))


def job(session: Session, job_id: uuid.UUID) -> GradingJob | None:
    """Return a job."""
    return session.get(GradingJob, job_id)


def of_attempt(session: Session, attempt_id: uuid.UUID) -> list[GradingJob]:
    """Return an attempt's jobs, newest first."""
    return list(
        session.scalars(
            select(GradingJob)
            .where(GradingJob.attempt_id == attempt_id)
            .order_by(GradingJob.queued_at.desc(), GradingJob.id.desc())
        )
    )


def standing(session: Session) -> dict[str, tuple[int, datetime]]:
    """Return, by state, how many jobs have not been done and since when the oldest was queued."""
    rows = session.execute(
        select(GradingJob.state, func.count(), func.min(GradingJob.queued_at))
        .where(GradingJob.state.in_([JobState.QUEUED, JobState.LEASED, JobState.FAILED]))
        .group_by(GradingJob.state)
    )
    return {state: (count, oldest) for state, count, oldest in rows}


def instants(
    session: Session, job_ids: Iterable[uuid.UUID]
) -> list[tuple[datetime, datetime, datetime]]:
    """Return, of jobs that are done, when each was queued, lent and graded."""
    rows = session.execute(
        select(GradingJob.queued_at, GradingJob.leased_at, GradingJob.graded_at).where(
            GradingJob.id.in_(list(job_ids))
        )
    )
    return [(queued, leased, graded) for queued, leased, graded in rows if leased and graded]
