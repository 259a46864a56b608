"""All that decides whether somebody may hand in a unit now, in one query."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from yanxiu.courses.model import Assignment, Enrolment, Offering
from yanxiu.work.model import Attempt, Standing, Work


@dataclass(frozen=True)
class Earlier:
    """An attempt that was accepted before: what a receipt says, and where it stands."""

    id: uuid.UUID
    number: int
    client_key: str | None
    digest: str
    late: bool
    received_at: datetime
    receipt_no: str
    state: str
    passed: bool | None


@dataclass(frozen=True)
class HandingIn:
    """A unit that somebody is about to hand in.

    :param release_id: what an attempt now pins
    :param version: of the work, which every change of it counts up; 0 when there is none yet
    :param earlier: newest first
    """

    assignment_id: uuid.UUID
    release_id: uuid.UUID
    opens_at: datetime
    due_at: datetime
    late_until: datetime
    max_attempts: int | None
    version: int
    earlier: tuple[Earlier, ...]


_WHEN = (
    Offering.release_id,
    Offering.opens_at,
    Assignment.due_at,
    Assignment.late_until,
    Assignment.max_attempts,
    func.coalesce(Work.version, 0),
)
_EARLIER = (
    Attempt.id,
    Attempt.number,
    Attempt.client_key,
    Attempt.digest,
    Attempt.late,
    Attempt.received_at,
    Attempt.receipt_no,
    Standing.state,
    Standing.passed,
)
_PERSON: Any = bindparam("person")
_QUERY = (
    select(*_WHEN, *_EARLIER)
    .select_from(Assignment)
    .join(Offering, Offering.id == Assignment.offering_id)
    .join(
        Enrolment,
        and_(Enrolment.offering_id == Offering.id, Enrolment.person_id == _PERSON),
    )
    .outerjoin(Work, and_(Work.assignment_id == Assignment.id, Work.person_id == _PERSON))
    .outerjoin(Attempt, and_(Attempt.assignment_id == Assignment.id, Attempt.person_id == _PERSON))
    .outerjoin(Standing, Standing.attempt_id == Attempt.id)
    .where(Assignment.id == bindparam("assignment"))
    .order_by(Attempt.number.desc())
)


def handing_in(session: Session, person_id: str, assignment_id: uuid.UUID) -> HandingIn | None:
    """Return what is to be handed in, None when the person does not take its course."""
    named = {"person": person_id, "assignment": assignment_id}
    rows: Sequence[Sequence[Any]] = session.connection().execute(_QUERY, named).all()
    if not rows:
        return None
    first = len(_WHEN)
    earlier = tuple(Earlier(*row[first:]) for row in rows if row[first] is not None)
    release_id, opens_at, due_at, late_until, most, version = rows[0][:first]
    return HandingIn(
        assignment_id, release_id, opens_at, due_at, late_until, most, version, earlier
    )
