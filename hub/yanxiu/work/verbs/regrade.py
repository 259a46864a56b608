"""Send an attempt whose grading failed through the machine once more."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work import contents
from yanxiu.work.permissions import check_can_release

from .claim import claim_for


def regrade(store: Store, actor: Actor, attempt_id: uuid.UUID) -> None:
    """Queue a failed attempt again, with a job of its own; what was graded before stays."""
    audit = Event(actor.person_id, "submission.regrade", "submission", str(attempt_id))

    def work(session: Session, now: datetime) -> None:
        with claim_for(session, now, actor, attempt_id, check_can_release, audit) as (
            held,
            attempt,
        ):
            held.check(attempt, "regrade")
            contents.check_there(attempt)
            held.enqueue(attempt)

    with audited(store, audit):
        store.transact(work, audit)
