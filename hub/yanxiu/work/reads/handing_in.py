"""All that decides whether somebody may hand in a unit now, in one query."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

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
    :param held_bytes: of all that this person has handed in and is still kept
    :param last_hour: how often that was within the hour before
    :param earlier: newest first
    """

    assignment_id: uuid.UUID
    release_id: uuid.UUID
    opens_at: datetime
    due_at: datetime
    late_until: datetime
    max_attempts: int | None
    version: int
    held_bytes: int
    last_hour: int
    earlier: tuple[Earlier, ...]


_PERSON: Any = bindparam("person")
_any = aliased(Attempt)
_HELD = (
    select(func.coalesce(func.sum(_any.bundle_bytes), 0))
    .where(_any.person_id == _PERSON, _any.bundle_blob.is_not(None))
    .scalar_subquery()
)
_LAST_HOUR = (
    select(func.count())
    .select_from(_any)
    .where(_any.person_id == _PERSON, _any.received_at > bindparam("hour_ago"))
    .scalar_subquery()
)
_WHEN = (
    Offering.release_id,
    Offering.opens_at,
    Assignment.due_at,
    Assignment.late_until,
    Assignment.max_attempts,
    func.coalesce(Work.version, 0),
    _HELD,
    _LAST_HOUR,
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


def handing_in(
    session: Session, now: datetime, person_id: str, assignment_id: uuid.UUID
) -> HandingIn | None:
    """Return what is to be handed in, None when the person does not take its course."""
    named = {
        "person": person_id,
        "assignment": assignment_id,
        "hour_ago": now - timedelta(hours=1),
    }
    rows: Sequence[Sequence[Any]] = session.connection().execute(_QUERY, named).all()
    if not rows:
        return None
    first = len(_WHEN)
    earlier = tuple(Earlier(*row[first:]) for row in rows if row[first] is not None)
    release_id, opens_at, due_at, late_until, most, version, held, last_hour = rows[0][:first]
    return HandingIn(
        assignment_id,
        release_id,
        opens_at,
        due_at,
        late_until,
        most,
        version,
        held,
        last_hour,
        earlier,
    )
