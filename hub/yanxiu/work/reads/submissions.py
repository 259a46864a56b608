"""SQL about submissions, scores and marks."""

import uuid

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from yanxiu.courses.model import Assignment
from yanxiu.people.model import Person
from yanxiu.work.model import CriterionMark, Draft, Submission, TaskScore


def submission(
    session: Session, submission_id: uuid.UUID, *, for_update: bool = False
) -> Submission | None:
    """Return a submission with its author, school and assignment."""
    query = (
        select(Submission)
        .options(
            joinedload(Submission.person, innerjoin=True),
            joinedload(Submission.school, innerjoin=True),
            joinedload(Submission.assignment, innerjoin=True),
        )
        .where(Submission.id == submission_id)
    )
    if for_update:
        query = query.with_for_update(of=Submission)
    return session.scalar(query)


def attempts(session: Session, assignment_id: uuid.UUID, person_id: str) -> list[Submission]:
    """Return a person's attempts at an assignment, newest first."""
    return list(
        session.scalars(
            select(Submission)
            .where(Submission.assignment_id == assignment_id, Submission.person_id == person_id)
            .order_by(Submission.attempt.desc())
        )
    )


def that_count(session: Session, assignment_id: uuid.UUID) -> list[Submission]:
    """Return one submission of everybody, with its author: the newest released, else the newest."""
    rows = session.scalars(
        select(Submission)
        .options(joinedload(Submission.person, innerjoin=True))
        .where(Submission.assignment_id == assignment_id)
        .order_by(Submission.person_id, Submission.attempt)
    )
    found: dict[str, Submission] = {}
    for row in rows:
        before = found.get(row.person_id)
        if before is None or row.released_at is not None or before.released_at is None:
            found[row.person_id] = row
    return list(found.values())


def any_for(session: Session, assignment_id: uuid.UUID) -> bool:
    """Say whether anybody has handed in anything."""
    found = select(Submission.id).where(Submission.assignment_id == assignment_id).limit(1)
    return session.scalar(found) is not None


def scores(session: Session, submission_id: uuid.UUID) -> dict[str, TaskScore]:
    """Return the machine's scores by task."""
    rows = session.scalars(select(TaskScore).where(TaskScore.submission_id == submission_id))
    return {row.task_id: row for row in rows}


def replace_scores(session: Session, submission_id: uuid.UUID, rows: list[TaskScore]) -> None:
    """Put ``rows`` in the place of whatever scores there were."""
    session.execute(delete(TaskScore).where(TaskScore.submission_id == submission_id))
    session.add_all(rows)


def marks(session: Session, submission_id: uuid.UUID) -> dict[tuple[str, str], CriterionMark]:
    """Return the persons' marks by (task, criterion)."""
    rows = session.scalars(
        select(CriterionMark).where(CriterionMark.submission_id == submission_id)
    )
    return {(row.task_id, row.criterion_id): row for row in rows}


def draft(session: Session, assignment_id: uuid.UUID, person_id: str) -> Draft | None:
    """Return the answers a person saved and did not hand in."""
    return session.get(Draft, (person_id, assignment_id))


def in_state(
    session: Session, assignment_id: uuid.UUID, state: str, paths: tuple[str, ...]
) -> list[uuid.UUID]:
    """Return the submissions in ``state`` whose author's school lies below ``paths``."""
    from yanxiu.people.reads.people import school_ids_below

    schools = school_ids_below(session, paths)
    return list(
        session.scalars(
            select(Submission.id)
            .join(Person, Submission.person_id == Person.id)
            .join(Assignment, Submission.assignment_id == Assignment.id)
            .where(
                Submission.assignment_id == assignment_id,
                Submission.state == state,
                Submission.school_id.in_(schools),
            )
            .order_by(Submission.received_at)
        )
    )


def latest_states(session: Session, person_id: str) -> dict[uuid.UUID, str]:
    """Return the state of a person's newest attempt at each assignment."""
    rows = session.execute(
        select(Submission.assignment_id, Submission.state)
        .where(Submission.person_id == person_id)
        .order_by(Submission.assignment_id, Submission.attempt)
    )
    return {row.assignment_id: row.state for row in rows}


def released_results(session: Session, person_id: str) -> dict[uuid.UUID, bool]:
    """Return, for each assignment with a released attempt, whether one of them passed."""
    rows = session.execute(
        select(Submission.assignment_id, Submission.passed).where(
            Submission.person_id == person_id, Submission.released_at.is_not(None)
        )
    )
    results: dict[uuid.UUID, bool] = {}
    for assignment_id, passed in rows:
        results[assignment_id] = bool(passed) or results.get(assignment_id, False)
    return results


def attempts_taken(session: Session, person_id: str) -> dict[uuid.UUID, int]:
    """Return how often a person handed in each assignment."""
    rows = session.execute(
        select(Submission.assignment_id, func.count())
        .where(Submission.person_id == person_id)
        .group_by(Submission.assignment_id)
    )
    return {row[0]: row[1] for row in rows}
