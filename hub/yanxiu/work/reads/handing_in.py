"""All that decides whether somebody may hand in a unit now, in one query."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, join, or_, select, true
from sqlalchemy.orm import Session, aliased

from yanxiu.courses.model import Assignment, Enrolment, Offering
from yanxiu.work.model import Attempt, Standing
from yanxiu.work.rules import State


@dataclass(frozen=True)
class Earlier:
    """An attempt that was accepted before: what a receipt says, and where it stands.

    :param facts: how much was appended since
    """

    id: uuid.UUID
    assignment_id: uuid.UUID
    release_id: uuid.UUID
    number: int
    client_key: str | None
    digest: str
    late: bool
    received_at: datetime
    receipt_no: str
    state: str
    facts: int


@dataclass(frozen=True)
class HandingIn:
    """A unit that somebody is about to hand in.

    :param release_id: what an attempt now pins
    :param held_bytes: of all that this person has handed in and is still kept
    :param last_hour: how often that was within the hour before
    :param last_number: of the newest attempt at this unit, 0 before the first
    :param taken: attempts that count; who withdrew one has it back
    :param passed: one of them passed, and its author was told
    :param earlier: newest first; without those that made way or were withdrawn, but for the one
        that the client names
    """

    assignment_id: uuid.UUID
    release_id: uuid.UUID
    opens_at: datetime
    due_at: datetime
    late_until: datetime
    max_attempts: int | None
    held_bytes: int
    last_hour: int
    last_number: int
    taken: int
    passed: bool
    earlier: tuple[Earlier, ...]


_PERSON: Any = bindparam("person")
_ASSIGNMENT: Any = bindparam("assignment")
_any, _its = aliased(Attempt), aliased(Standing)
_here = _any.assignment_id == _ASSIGNMENT
_taken = and_(_here, _its.state != State.WITHDRAWN)
#: One look at all that the person ever handed in, at any unit.
_SUMS = (
    select(
        func.coalesce(func.sum(_any.bundle_bytes).filter(_any.bundle_blob.is_not(None)), 0),
        func.count().filter(_any.received_at > bindparam("hour_ago")),
        func.coalesce(func.max(_any.number).filter(_here), 0),
        func.count().filter(_taken),
        func.count().filter(_taken, _its.passed.is_(True)) > 0,
    )
    .join(_its, _its.attempt_id == _any.id)
    .where(_any.person_id == _PERSON)
    .subquery()
)
_WHEN = (
    Offering.release_id,
    Offering.opens_at,
    Assignment.due_at,
    Assignment.late_until,
    Assignment.max_attempts,
    *_SUMS.c,
)
_WHEN_NAMES = [one.name for one in fields(HandingIn)][1:-1]
_EARLIER = (
    Attempt.id,
    Attempt.assignment_id,
    Attempt.release_id,
    Attempt.number,
    Attempt.client_key,
    Attempt.digest,
    Attempt.late,
    Attempt.received_at,
    Attempt.receipt_no,
    Standing.state,
    Standing.facts,
)
_QUERY = (
    select(*_WHEN, *_EARLIER)
    .select_from(Assignment)
    .join(Offering, Offering.id == Assignment.offering_id)
    .join(
        Enrolment,
        and_(Enrolment.offering_id == Offering.id, Enrolment.person_id == _PERSON),
    )
    .join(_SUMS, true())
    .outerjoin(
        # Together: an attempt that is left out must not leave a row without its standing.
        join(Attempt, Standing, Standing.attempt_id == Attempt.id),
        and_(
            Attempt.assignment_id == Assignment.id,
            Attempt.person_id == _PERSON,
            or_(
                # No IN, which is written out anew each time it is asked.
                and_(Standing.state != State.SUPERSEDED, Standing.state != State.WITHDRAWN),
                Attempt.client_key == bindparam("client_key"),
            ),
        ),
    )
    .where(Assignment.id == _ASSIGNMENT)
    .order_by(Attempt.number.desc())
)


def handing_in(
    session: Session,
    now: datetime,
    person_id: str,
    assignment_id: uuid.UUID,
    client_key: str | None,
) -> HandingIn | None:
    """Return what is to be handed in, None when the person does not take its course."""
    named = {
        "person": person_id,
        "assignment": assignment_id,
        "hour_ago": now - timedelta(hours=1),
        "client_key": client_key,
    }
    rows: Sequence[Sequence[Any]] = session.connection().execute(_QUERY, named).all()
    if not rows:
        return None
    first = len(_WHEN)
    earlier = tuple(Earlier(*row[first:]) for row in rows if row[first] is not None)
    when = dict(zip(_WHEN_NAMES, rows[0][:first], strict=True))
    return HandingIn(assignment_id, **when, earlier=earlier)
