"""Which attempts' contents are over their time: nothing happened to them since then.

Also what was written when the rest had gone: a mark's comment, the reason of a correction.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, tuple_
from sqlalchemy.orm import Session

from yanxiu.work.model import Attempt, Decision, GivenFeedback, Grading, Marking, Standing
from yanxiu.work.rules import State

#: (person, assignment) of a piece of work.
Whose = tuple[str, uuid.UUID]
#: The machine is at it, however long ago it was handed in.
_IN_HAND = (State.QUEUED, State.GRADING)


def works(session: Session, before: datetime, limit: int) -> list[Whose]:
    """Return works with contents that are over, in the order in which they are locked."""
    found = _over(before).with_only_columns(Attempt.person_id, Attempt.assignment_id)
    rows = session.execute(
        found.distinct().order_by(Attempt.person_id, Attempt.assignment_id).limit(limit)
    )
    return [(row.person_id, row.assignment_id) for row in rows]


def attempts(session: Session, before: datetime, whose: Sequence[Whose]) -> list[uuid.UUID]:
    """Return those attempts of some works whose contents are over."""
    mine = tuple_(Attempt.person_id, Attempt.assignment_id).in_(whose)
    return list(session.scalars(_over(before).where(mine).with_only_columns(Attempt.id)))


def _over(before: datetime) -> Select[Attempt]:
    return (
        select(Attempt)
        .join(Standing, Standing.attempt_id == Attempt.id)
        .where(
            or_(
                Attempt.bundle_blob.is_not(None),
                Standing.comment != "",
                _some(Marking, Marking.comment != ""),
                _some(Decision, Decision.reason != ""),
                _some(GivenFeedback, GivenFeedback.blob.is_not(None)),
            ),
            Attempt.received_at < before,
            Standing.state.not_in(_IN_HAND),
            # Who was marked, corrected or told something lately is still to read it.
            ~_some(Grading, Grading.graded_at >= before),
            ~_some(Marking, Marking.marked_at >= before),
            ~_some(Decision, Decision.decided_at >= before),
            ~_some(GivenFeedback, GivenFeedback.given_at >= before),
        )
    )


def _some(
    table: type[Grading] | type[Marking] | type[Decision] | type[GivenFeedback],
    which: ColumnElement[bool],
) -> ColumnElement[bool]:
    return exists().where(and_(table.attempt_id == Attempt.id, which))
