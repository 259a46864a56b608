"""Names are corrected by the school: the person asks, an organizer above decides."""

import uuid
from datetime import datetime

from yanxiu.cleaning import clean_name
from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.names import new_id
from yanxiu.people.model import NameRequest
from yanxiu.people.permissions import check_can_decide_name
from yanxiu.people.reads import people, profiles
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import check_session

MOST_NAME = 40
MOST_REASON = 200


def ask(store: Store, actor: Actor, wanted: str, reason: str) -> None:
    """Ask the school to correct the actor's own name.

    :raises Invalid: it is empty, too long, no change, or another request waits
    """
    check_session(actor)
    audit = Event(actor.person_id, "name.ask", "person", actor.person_id, actor.school_id)
    name, why = clean_name(wanted), reason.strip()

    def work(session: Session, now: datetime) -> None:
        who = people.active_person(session, actor.person_id)
        if who is None or not 2 <= len(name) <= MOST_NAME:
            raise Invalid(
                "name.length", N_("姓名要有 2 到 {most} 个字，没有提交。"), most=MOST_NAME
            )
        if len(why) > MOST_REASON:
            raise Invalid("name.reason", N_("说明最多 {most} 个字，没有提交。"), most=MOST_REASON)
        if name == who.name:
            raise Invalid("name.same", N_("和现在的姓名一样，不用申请。"))
        made = NameRequest(
            id=new_id(),
            person_id=actor.person_id,
            wanted=name,
            reason=why,
            state="open",
            answer="",
            created_at=now,
        )
        if not profiles.add_name_request(session, made):
            raise Invalid(
                "name.waiting", N_("您已有一个申请在等学校处理，要改请先撤回。"), status=409
            )
        audit.details = {"request": str(made.id)}

    with audited(store, audit):
        store.transact(work, audit)


def withdraw(store: Store, actor: Actor, request_id: uuid.UUID) -> None:
    """Take back one's own request.

    :raises Refused: it is not one's own, or decided already
    """
    check_session(actor)
    audit = Event(actor.person_id, "name.withdraw", "name_request", str(request_id))

    def work(session: Session, now: datetime) -> None:
        row = profiles.name_request(session, request_id, for_update=True)
        if row is None or row.person_id != actor.person_id:
            raise _unknown()
        _check_open(row)
        row.state, row.decided_at, row.decided_by = "withdrawn", now, actor.person_id
        audit.school_id = actor.school_id

    with audited(store, audit):
        store.transact(work, audit)


def accept(store: Store, actor: Actor, request_id: uuid.UUID) -> None:
    """Give the person the name they asked for.

    :raises Refused: not the actor's to decide, or decided already
    """
    audit = Event(actor.person_id, "name.accept", "name_request", str(request_id))

    def work(session: Session, now: datetime) -> None:
        row = _waiting(session, actor, request_id)
        who = row.person
        who.name = row.wanted
        row.state, row.decided_at, row.decided_by = "accepted", now, actor.person_id
        audit.school_id, audit.details = who.school_id, {"person": who.id}

    with audited(store, audit):
        store.transact(work, audit)


def refuse(store: Store, actor: Actor, request_id: uuid.UUID, answer: str) -> None:
    """Leave the name as it is, and say why.

    :raises Refused: not the actor's to decide, decided already, or without a reason
    """
    audit = Event(actor.person_id, "name.refuse", "name_request", str(request_id))

    def work(session: Session, now: datetime) -> None:
        row = _waiting(session, actor, request_id)
        why = answer.strip()
        if not why or len(why) > MOST_REASON:
            raise Invalid(
                "name.no_answer",
                N_("请用一两句话（最多 {most} 个字）告诉老师为什么不改，再提交。"),
                most=MOST_REASON,
            )
        row.state, row.decided_at, row.decided_by = "refused", now, actor.person_id
        row.answer = why
        audit.school_id, audit.details = row.person.school_id, {"person": row.person_id}

    with audited(store, audit):
        store.transact(work, audit)


def _waiting(session: Session, actor: Actor, request_id: uuid.UUID) -> NameRequest:
    row = profiles.name_request(session, request_id, for_update=True)
    if row is None:
        raise _unknown()
    check_can_decide_name(actor, person_id=row.person_id, school_path=row.person.school.path)
    _check_open(row)
    return row


def _check_open(row: NameRequest) -> None:
    if row.state != "open":
        raise Refused("name.decided", N_("这个申请已经处理过了，没有再改动。"), status=409)


def _unknown() -> NotFound:
    return NotFound("name.not_found", N_("没有找到这个申请。它可能已由别人处理，请回到列表。"))
