"""Show a marked submission to its teacher, and enter the credit hours if it passes.

Hours come from accepted products: the unit's hours, once for each person and unit.
"""

import uuid

from yanxiu.courses.model import ReleaseUnit
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, NotFound
from yanxiu.names import new_id
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work import rules as policies
from yanxiu.work.model import CreditEntry, Submission
from yanxiu.work.permissions import check_can_release
from yanxiu.work.reads import credits, submissions
from yanxiu.work.rules import State

PASSED = "unit_passed"


def release(store: Store, actor: Actor, submission_id: uuid.UUID) -> None:
    """Release one submission."""
    audit = Event(actor.person_id, "submission.release", "submission", str(submission_id))
    with audited(store, audit), store.write(audit) as session:
        row = submissions.submission(session, submission_id, for_update=True)
        if row is None:
            raise NotFound("submission.not_found", N_("没有找到这份提交。请从列表里打开。"))
        audit.school_id = row.school_id
        check_can_release(
            actor,
            owner_id=row.person_id,
            school_path=row.school.path,
            duty=(row.assignment_id, row.school_id),
        )
        unit = courses.unit(session, row.release_id, row.assignment.unit_key)
        policies.check_verb(row.state, "release")
        assert row.total_points is not None
        passed = policies.passes(row.total_points, unit.definition)
        policies.check_comment(passed=passed, comment=row.comment)
        entry = settle(store, row, unit, actor.person_id)
        if entry is not None and not credits.entry(
            session, entry.person_id, entry.assignment_id, PASSED
        ):
            session.add(entry)
            audit.details = {"credited": True}


def settle(store: Store, row: Submission, unit: ReleaseUnit, granted_by: str) -> CreditEntry | None:
    """Set what release means on a marked row; return the credit entry it earns, if any."""
    assert row.total_points is not None
    row.passed = policies.passes(row.total_points, unit.definition)
    row.released_at, row.state = store.clock(), State.RELEASED
    if not row.passed:
        return None
    return CreditEntry(
        id=new_id(),
        person_id=row.person_id,
        school_id=row.school_id,
        assignment_id=row.assignment_id,
        submission_id=row.id,
        kind=unit.definition.hours_kind,
        hours_x100=round(float(unit.definition.credit_hours) * 100),
        reason=PASSED,
        granted_by=granted_by,
        granted_at=store.clock(),
    )
