"""Keep the ledger of credit hours (学时) in step with what is shown to a teacher.

A unit's hours, once for each person, as long as a shown attempt passes; entries are never
changed, so hours that were wrongly granted are taken back by an entry of their own. Called
by ``claim`` alone, which holds the work meanwhile.
"""

from datetime import datetime

from sqlalchemy.orm import Session
from yanxiu_formats.units import Unit

from yanxiu.names import new_id
from yanxiu.work.model import Attempt, CreditEntry
from yanxiu.work.reads import credits

PASSED = "unit_passed"
CORRECTED = "corrected"


def balance(
    session: Session,
    passed: Attempt | None,
    decided: Attempt,
    *,
    unit: Unit,
    by: str,
    now: datetime,
) -> None:
    """Grant the hours of ``unit`` or take them back, if the ledger says otherwise.

    :param passed: the shown attempt that earns them, None when there is none (any more)
    :param decided: the attempt that was decided about
    """
    if not unit.full_points:
        passed = None  # nothing can be earned where nothing is asked for
    before = credits.entries(session, decided.person_id, decided.assignment_id)
    held = sum(one.hours_x100 for one in before)
    kind, hours = unit.hours_kind, round(float(unit.credit_hours) * 100)
    # Whether there are hours, not how many: what a release of then was worth stays.
    if (passed is not None) == (sum(1 if one.reason == PASSED else -1 for one in before) > 0):
        return
    attempt = passed or decided
    if passed is None:
        kind, hours = before[-1].kind, -held
    session.add(
        CreditEntry(
            id=new_id(),
            person_id=attempt.person_id,
            school_id=attempt.school_id,
            assignment_id=attempt.assignment_id,
            attempt_id=attempt.id,
            kind=kind,
            hours_x100=hours,
            reason=PASSED if passed is not None else CORRECTED,
            sequence=len(before) + 1,
            granted_by=by,
            granted_at=now,
        )
    )
