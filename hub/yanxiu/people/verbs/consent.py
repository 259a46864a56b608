"""Agree to a version of the privacy notice: recorded with its instant, and audited."""

from datetime import datetime

from yanxiu.errors import N_, Invalid
from yanxiu.people.reads import profiles
from yanxiu.settings.notice import Notice
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import check_session


def agree(store: Store, notice: Notice, actor: Actor, version: str, *, agreed: bool) -> None:
    """Record that the actor agrees to ``version``, which the page showed; the first time counts.

    :raises Invalid: the box was not ticked, or another version is in force by now
    """
    check_session(actor)
    audit = Event(actor.person_id, "consent.give", "person", actor.person_id, actor.school_id)
    audit.details = {"version": version[:20]}

    def work(session: Session, now: datetime) -> None:
        if version != notice.version:
            raise Invalid(
                "consent.version", N_("告知刚刚更新了，请看过新的内容再确认。"), status=409
            )
        if not agreed:
            raise Invalid("consent.unticked", N_("请先看完告知，勾选“我已看过并同意”，再继续。"))
        if not profiles.add_consent(session, actor.person_id, version, now):
            audit.outcome = "held already"

    with audited(store, audit):
        store.transact(work, audit)
