"""Take back what one handed in, as long as no result of it is shown.

It is as if it had not been handed in: it is not graded any more, does not count as an
attempt, and what it had taken the place of is graded and marked again. Its receipt and bytes
stay, for a receipt says that something was handed in, and that remains true.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work import policies
from yanxiu.work.permissions import check_can_withdraw
from yanxiu.work.rules import State

from .claim import claim_attempt


def withdraw(store: Store, actor: Actor, attempt_id: uuid.UUID) -> None:
    """Withdraw one's own attempt."""
    audit = Event(
        actor.person_id, "submission.withdraw", "submission", str(attempt_id), actor.school_id
    )

    def work(session: Session, now: datetime) -> None:
        with claim_attempt(session, now, attempt_id) as (held, attempt):
            check_can_withdraw(actor, owner_id=attempt.person_id)
            held.check(attempt, "withdraw")
            policies.check_withdrawals(sum(one.state == State.WITHDRAWN for one in held.attempts))
            held.withdraw(attempt, actor.person_id)

    with audited(store, audit):
        store.transact(work, audit)
