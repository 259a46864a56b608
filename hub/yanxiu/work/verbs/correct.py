"""Take a released result back: the teacher no longer sees it, hours granted for it go.

What was shown stays on record as it was, with who took it back and why. The attempt is
marked again as before, and can be marked otherwise and released anew.
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
from .mark import MAX_COMMENT


def correct(store: Store, actor: Actor, attempt_id: uuid.UUID, reason: str) -> None:
    """Take back the release of an attempt.

    :param reason: why, in a sentence; kept with the decision
    """
    audit = Event(actor.person_id, "submission.correct", "submission", str(attempt_id))

    def work(session: Session, now: datetime) -> None:
        with claim_for(session, now, actor, attempt_id, check_can_release, audit) as (
            held,
            attempt,
        ):
            held.check(attempt, "correct")
            policies.check_none_open(held.other_open(attempt))
            policies.check_reason(reason, MAX_COMMENT)
            held.decide(attempt, Kind.CORRECTION, actor.person_id, reason=reason.strip())

    with audited(store, audit):
        store.transact(work, audit)
