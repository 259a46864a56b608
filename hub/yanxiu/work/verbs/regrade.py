"""Send an attempt through the machine once more: its grading failed, or its page could not be made."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work import contents
from yanxiu.work.permissions import check_can_release
from yanxiu.work.reads import attempts

from .claim import claim_for


def regrade(store: Store, actor: Actor, attempt_id: uuid.UUID) -> None:
    """Queue an attempt again, with a job of its own; what was graded before stays.

    :raises Refused: it did not fail, and its notebook can be seen or it is decided about
    """
    audit = Event(actor.person_id, "submission.regrade", "submission", str(attempt_id))

    def work(session: Session, now: datetime) -> None:
        with claim_for(session, now, actor, attempt_id, check_can_release, audit) as (
            held,
            attempt,
        ):
            unseen = attempts.lacks_page(session, attempt)
            held.check(attempt, "show_again" if unseen else "regrade")
            contents.check_there(attempt)
            held.enqueue(attempt)

    with audited(store, audit):
        store.transact(work, audit)
