"""SQL about the grading queue: leases, and jobs whose worker is gone."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from yanxiu.work.model import GradingJob

QUEUED, LEASED, DONE, FAILED, CANCELLED = "queued", "leased", "done", "failed", "cancelled"


def next_queued(session: Session) -> GradingJob | None:
    """Return the oldest waiting job, locked; other workers pass it by."""
    return session.scalar(
        select(GradingJob)
        .where(GradingJob.state == QUEUED)
        .order_by(GradingJob.queued_at, GradingJob.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def expired(session: Session, now: datetime) -> list[GradingJob]:
    """Return the leased jobs whose lease has run out, locked."""
    return list(
        session.scalars(
            select(GradingJob)
            .where(GradingJob.state == LEASED, GradingJob.lease_until < now)
            .with_for_update(skip_locked=True)
        )
    )


def any_waiting(session: Session, now: datetime) -> bool:
    """Say, without a lock, whether a lease would find or change anything."""
    return (
        session.scalar(
            select(GradingJob.id)
            .where(
                (GradingJob.state == QUEUED)
                | ((GradingJob.state == LEASED) & (GradingJob.lease_until < now))
            )
            .limit(1)
        )
        is not None
    )


def job(session: Session, job_id: uuid.UUID, *, for_update: bool = False) -> GradingJob | None:
    """Return a job."""
    return session.get(GradingJob, job_id, with_for_update=for_update)


def of_submission(session: Session, submission_id: uuid.UUID) -> list[GradingJob]:
    """Return a submission's jobs, newest first."""
    return list(
        session.scalars(
            select(GradingJob)
            .where(GradingJob.submission_id == submission_id)
            .order_by(GradingJob.queued_at.desc(), GradingJob.id.desc())
        )
    )
