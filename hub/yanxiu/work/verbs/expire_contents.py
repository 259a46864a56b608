"""Empty attempts whose time is over: what was handed in goes, what came of it stays.

Kept: the receipt (number, instant, digest), every point of every marker, decisions, credit
hours. Emptied: the bundle, answers, runs, the executed notebook, feedback that was given,
comments and reasons; old drafts too. The files go once no row refers to them
(``store.collect``). The database lets nothing else of these rows change, and that only when
they are old (the migration's ``may_be_emptied``). Called by ``housekeeping.retention``.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.tasks import rows_of
from yanxiu.work.model import (
    Attempt,
    Decision,
    Draft,
    GivenFeedback,
    Grading,
    Marking,
    Standing,
    TaskScore,
)
from yanxiu.work.reads import old_contents
from yanxiu.work.reads.old_contents import Whose

from .claim import claim

#: What a run found out about what was handed in.
_RUN = ("answers", "executed_blob", "rendered_blob", "run_a", "run_b")


def expire(store: Store, actor: str, whose: Sequence[Whose], age: timedelta) -> int:
    """Empty what is over in these works; return how many attempts that were.

    :param whose: in the order of ``old_contents.works``, so that two who do it never wait for
        each other in a circle
    :param age: since the last thing that happened to an attempt
    """
    audit = Event(actor, "submission.expire", "site")

    def work(session: Session, now: datetime) -> int:
        for one in whose:
            with claim(session, now, *one):
                pass  # held until the end: nobody grades or marks what is being emptied
        count = _empty(session, old_contents.attempts(session, now - age, whose))
        audit.details = {"attempts": count, "days": age.days}
        if not count:
            audit.outcome = "done before"
        return count

    return store.transact(work, audit)


def expire_drafts(store: Store, actor: str, age: timedelta) -> int:
    """Remove drafts that nobody has touched since; their files go with ``drafts.clean``."""
    with store.read() as session:
        if (
            session.scalar(select(Draft.person_id).where(_old(store.clock() - age)).limit(1))
            is None
        ):
            return 0
    audit = Event(actor, "draft.expire", "site")

    def work(session: Session, now: datetime) -> int:
        count = rows_of(session, delete(Draft).where(_old(now - age)))
        audit.details = {"drafts": count, "days": age.days}
        return count

    return store.transact(work, audit)


def _old(before: datetime) -> ColumnElement[bool]:
    return Draft.updated_at < before


def _empty(session: Session, ids: Sequence[uuid.UUID]) -> int:
    runs = select(Grading.id).where(Grading.attempt_id.in_(ids))
    for statement in (
        update(TaskScore).where(TaskScore.grading_id.in_(runs)).values(message={}),
        update(Grading).where(Grading.attempt_id.in_(ids)).values(**dict.fromkeys(_RUN)),
        update(Marking).where(Marking.attempt_id.in_(ids)).values(comment=""),
        update(Decision).where(Decision.attempt_id.in_(ids)).values(reason=""),
        update(GivenFeedback).where(GivenFeedback.attempt_id.in_(ids)).values(blob=None),
        update(Standing).where(Standing.attempt_id.in_(ids)).values(comment=""),
    ):
        rows_of(session, statement)
    return rows_of(session, update(Attempt).where(Attempt.id.in_(ids)).values(bundle_blob=None))
