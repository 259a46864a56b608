"""SQL about the grading queue. Nothing here locks: whoever changes a job claims its work."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from yanxiu.work.model import Attempt, GradingJob, Work
from yanxiu.work.rules import JobState


def _lost(now: datetime) -> ColumnElement[bool]:
    return (GradingJob.state == JobState.LEASED) & (GradingJob.lease_until < now)


def expired(session: Session, now: datetime) -> list[uuid.UUID]:
    """Return the leased jobs whose lease has run out, oldest first."""
    return list(session.scalars(select(GradingJob.id).where(_lost(now)).order_by(GradingJob.id)))


def any_queued(session: Session) -> bool:
    """Say whether a lease would find anything."""
    query = select(GradingJob.id).where(GradingJob.state == JobState.QUEUED).limit(1)
    return session.scalar(query) is not None


def take_next(session: Session) -> uuid.UUID | None:
    """Return the oldest queued job and lock the work that it belongs to.

    Passes by what somebody else holds: other workers, or an author who hands in anew. The
    job may have been taken between the look and the lock; whoever claims it looks again.
    """
    return session.scalar(
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
