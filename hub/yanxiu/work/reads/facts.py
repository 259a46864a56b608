"""What is recorded of an attempt, as ``rules`` judges it."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from yanxiu.work import rules
from yanxiu.work.model import Decision, Grading, GradingJob, Marking, TaskScore


def facts(session: Session, attempt_id: uuid.UUID, *, newer: tuple[int, ...]) -> rules.Facts:
    """Return all facts of one attempt, in four queries.

    :param newer: the versions at which attempts were accepted after it that were not withdrawn
    """
    job = session.scalar(
        select(GradingJob.state).where(
            GradingJob.attempt_id == attempt_id,
            GradingJob.state.in_((rules.JobState.QUEUED, rules.JobState.LEASED)),
        )
    )
    points: dict[uuid.UUID, dict[str, float]] = {}
    runs: dict[uuid.UUID, tuple[int, str]] = {}
    for run, version, outcome, task, given in session.execute(
        select(Grading.id, Grading.version, Grading.outcome, TaskScore.task_id, TaskScore.points)
        .outerjoin(TaskScore, TaskScore.grading_id == Grading.id)
        .where(Grading.attempt_id == attempt_id)
    ):
        runs[run] = (version, outcome)
        if task is not None:
            points.setdefault(run, {})[task] = given
    markings = session.scalars(select(Marking).where(Marking.attempt_id == attempt_id))
    decisions = session.scalars(select(Decision).where(Decision.attempt_id == attempt_id))
    return rules.Facts(
        newer=newer,
        job=rules.JobState(job) if job is not None else None,
        gradings=tuple(
            rules.Grading(run, *what, points.get(run, {})) for run, what in runs.items()
        ),
        markings=tuple(marking(one) for one in markings),
        decisions=tuple(decision(one) for one in decisions),
    )


def marking(row: Marking) -> rules.Marking:
    """Return a marking as ``rules`` has it."""
    return rules.Marking(
        row.version,
        row.marker_id,
        row.task_id,
        row.criterion_id,
        row.points,
        row.comment,
        row.capacity,
    )


def decision(row: Decision) -> rules.Decision:
    """Return a decision as ``rules`` has it."""
    return rules.Decision(
        row.version,
        row.kind,
        row.decided_at,
        row.grading_id,
        row.auto_points,
        row.total_points,
        row.passed,
    )
