"""SQL about attempts: receipts, where they stand, scores and marks."""

import uuid
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from yanxiu.people.reads.people import school_ids_below
from yanxiu.work import rules
from yanxiu.work.model import (
    Attempt,
    Decision,
    Draft,
    GivenFeedback,
    Grading,
    Marking,
    Standing,
    TaskScore,
)
from yanxiu.work.reads.facts import marking


def attempt(session: Session, attempt_id: uuid.UUID) -> Attempt | None:
    """Return an attempt with its author, school, assignment, and the run that counts."""
    return session.scalar(
        select(Attempt)
        .options(
            joinedload(Attempt.person, innerjoin=True),
            joinedload(Attempt.school, innerjoin=True),
            joinedload(Attempt.assignment, innerjoin=True),
            joinedload(Attempt.standing, innerjoin=True).joinedload(Standing.grading),
        )
        .where(Attempt.id == attempt_id)
    )


def attempts(session: Session, assignment_id: uuid.UUID, person_id: str) -> list[Attempt]:
    """Return a person's attempts at an assignment, newest first."""
    return list(
        session.scalars(
            select(Attempt)
            .options(joinedload(Attempt.standing, innerjoin=True).joinedload(Standing.grading))
            .where(Attempt.assignment_id == assignment_id, Attempt.person_id == person_id)
            .order_by(Attempt.number.desc())
        )
    )


def counted(session: Session, assignment_id: uuid.UUID) -> list[Attempt]:
    """Return one attempt of everybody, with its author: the newest released, else the newest.

    One that was withdrawn counts only when there is no other.
    """
    rows = session.scalars(
        select(Attempt)
        .options(
            joinedload(Attempt.person, innerjoin=True),
            contains_eager(Attempt.standing).joinedload(Standing.grading),
        )
        .join(Attempt.standing)
        .where(Attempt.assignment_id == assignment_id)
        .order_by(
            Attempt.person_id,
            (Standing.state == rules.State.WITHDRAWN).desc(),
            Attempt.number,
        )
    )
    found: dict[str, Attempt] = {}
    for row in rows:
        before = found.get(row.person_id)
        if before is None or row.released_at is not None or before.released_at is None:
            found[row.person_id] = row
    return list(found.values())


def any_for(session: Session, assignment_id: uuid.UUID) -> bool:
    """Say whether anybody has handed in anything."""
    found = select(Attempt.id).where(Attempt.assignment_id == assignment_id).limit(1)
    return session.scalar(found) is not None


def scores(session: Session, row: Attempt) -> dict[str, TaskScore]:
    """Return the scores by task of the run that counts."""
    found = session.scalars(
        select(TaskScore).where(TaskScore.grading_id == row.standing.grading_id)
    )
    return {one.task_id: one for one in found}


def run(session: Session, row: Attempt) -> Grading | None:
    """Return the run that counts, None before there is one."""
    return session.get(Grading, row.standing.grading_id) if row.standing.grading_id else None


def lacks_page(session: Session, row: Attempt) -> bool:
    """Say whether the run that counts left a notebook that is not seen: its page was not made.

    Where that run was cut off it left no file either, of what was handed in.
    """
    found = run(session, row)
    if found is None or found.rendered_blob is not None:
        return False
    cut_off = (found.run_a or {}).get("shown", "ok") != "ok"
    return cut_off or found.executed_blob is not None


def marks(session: Session, row: Attempt) -> dict[tuple[str, str], rules.Marking]:
    """Return the marks that count by (task, criterion): of a released attempt, those shown."""
    query = select(Marking).where(Marking.attempt_id == row.id)
    if row.standing.shown_order is not None:
        query = query.where(Marking.version <= row.standing.shown_order)
    found: Mapping[tuple[str, str], rules.Marking] = rules.counting(
        marking(one) for one in session.scalars(query)
    )
    return {key: one for key, one in found.items() if key != rules.WHOLE}


def given_feedback(session: Session, attempt_id: uuid.UUID) -> str | None:
    """Return the blob of the newest feedback that was made elsewhere."""
    return session.scalar(
        select(GivenFeedback.blob)
        .where(GivenFeedback.attempt_id == attempt_id)
        .order_by(GivenFeedback.version.desc())
        .limit(1)
    )


def taken_back(session: Session, attempt_id: uuid.UUID) -> str | None:
    """Return why the last decision about an attempt took its result back, None if it did not."""
    last = session.execute(
        select(Decision.kind, Decision.reason)
        .where(Decision.attempt_id == attempt_id)
        .order_by(Decision.version.desc())
        .limit(1)
    ).one_or_none()
    return last.reason if last is not None and last.kind == rules.Kind.CORRECTION else None


def draft(session: Session, assignment_id: uuid.UUID, person_id: str) -> Draft | None:
    """Return the answers a person saved and did not hand in."""
    return session.get(Draft, (person_id, assignment_id))


def in_state(
    session: Session, assignment_id: uuid.UUID, state: str, paths: tuple[str, ...]
) -> list[uuid.UUID]:
    """Return the attempts in ``state`` whose author's school lies below ``paths``."""
    schools = school_ids_below(session, paths)
    return list(
        session.scalars(
            select(Standing.attempt_id)
            .where(
                Standing.assignment_id == assignment_id,
                Standing.state == state,
                Standing.school_id.in_(schools),
            )
            .order_by(Standing.received_at)
        )
    )


def latest_states(session: Session, person_id: str) -> dict[uuid.UUID, str]:
    """Return the state of a person's newest attempt at each assignment.

    One that was withdrawn counts only when there is no other.
    """
    withdrawn = Standing.state == rules.State.WITHDRAWN
    rows = session.execute(
        select(Attempt.assignment_id, Standing.state)
        .join(Standing, Standing.attempt_id == Attempt.id)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.assignment_id, withdrawn.desc(), Attempt.number)
    )
    return {row.assignment_id: row.state for row in rows}


def released_results(session: Session, person_id: str) -> dict[uuid.UUID, bool]:
    """Return, for each assignment with a released attempt, whether one of them passed."""
    rows = session.execute(
        select(Attempt.assignment_id, Standing.passed)
        .join(Standing, Standing.attempt_id == Attempt.id)
        .where(Attempt.person_id == person_id, Standing.released_at.is_not(None))
    )
    results: dict[uuid.UUID, bool] = {}
    for assignment_id, passed in rows:
        results[assignment_id] = bool(passed) or results.get(assignment_id, False)
    return results


def attempts_taken(session: Session, person_id: str) -> dict[uuid.UUID, int]:
    """Return how often a person handed in each assignment, without what was withdrawn."""
    rows = session.execute(
        select(Attempt.assignment_id, func.count())
        .join(Standing, Standing.attempt_id == Attempt.id)
        .where(Attempt.person_id == person_id, Standing.state != rules.State.WITHDRAWN)
        .group_by(Attempt.assignment_id)
    )
    return {row[0]: row[1] for row in rows}
