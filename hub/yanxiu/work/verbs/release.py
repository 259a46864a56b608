"""Show a marked attempt to its teacher; the credit hours follow if it passes.

Hours come from accepted products: the unit's hours, once for each person and unit.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work import policies
from yanxiu.work.permissions import check_can_release
from yanxiu.work.rules import Kind

from .claim import claim_for


def release(store: Store, actor: Actor, attempt_id: uuid.UUID) -> None:
    """Release one attempt."""
    audit = Event(actor.person_id, "submission.release", "submission", str(attempt_id))

    def work(session: Session, now: datetime) -> None:
        with claim_for(session, now, actor, attempt_id, check_can_release, audit) as (
            held,
            attempt,
        ):
            found = held.check(attempt, "release")
            assert found.total_points is not None
            passed = policies.passes(found.total_points, held.unit(attempt))
            policies.check_comment(passed=passed, comment=found.comment)
            held.decide(attempt, Kind.RELEASE, actor.person_id, shows=found, passed=passed)
            if passed:
                audit.details = {"credited": True}

    with audited(store, audit):
        store.transact(work, audit)
