"""Decide an account of an identity provider that the roster could not place."""

import uuid
from datetime import datetime

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.login.loaders import sso_request
from yanxiu.login.model import SsoBinding, SsoRequest
from yanxiu.login.permissions import check_can_bind_to
from yanxiu.login.reads import bindings
from yanxiu.login.sso_request import close_request
from yanxiu.people.reads import people
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor


def bind(store: Store, actor: Actor, request_id: uuid.UUID, person_id: str) -> None:
    """Say who the account belongs to; it replaces the person's earlier account there.

    :raises Refused: not the actor's to decide, or decided already
    """
    audit = Event(actor.person_id, "sso.bind", "person", person_id[:17])

    def work(session: Session, now: datetime) -> None:
        row = _waiting(session, actor, request_id)
        who = people.active_person(session, person_id)
        if who is None:
            raise NotFound("person.not_found", N_("您管理的学校里没有这位老师。"))
        grants = people.grants(session, person_id)
        check_can_bind_to(actor, school_path=who.school.path, grants=grants)
        replaced = bindings.unbind(session, row.provider, person_id=person_id, subject=row.subject)
        made = bindings.bind(
            session,
            SsoBinding(
                provider=row.provider,
                subject=row.subject,
                person_id=person_id,
                school_code=row.school_code,
                granted=[],
                bound_by=actor.person_id,
                bound_at=now,
            ),
        )
        if made.subject != row.subject or made.person_id != person_id:
            raise _decided()  # by a login or another organizer, a moment ago
        close_request(row, "bound", actor.person_id, now)
        audit.school_id = who.school_id
        audit.details = {
            "provider": row.provider,
            "request": str(row.id),
            "replaced": bool(replaced),
        }

    with audited(store, audit):
        store.transact(work, audit)


def refuse(store: Store, actor: Actor, request_id: uuid.UUID) -> None:
    """Say that the account belongs to nobody here. Whoever organizes may still bind it later.

    :raises Refused: not the actor's to decide, or decided already
    """
    audit = Event(actor.person_id, "sso.refuse", "sso_request", str(request_id))

    def work(session: Session, now: datetime) -> None:
        row = _waiting(session, actor, request_id)
        if row.state == "refused":
            raise _decided()
        close_request(row, "refused", actor.person_id, now)
        audit.school_id, audit.details = row.org_id, {"provider": row.provider}

    with audited(store, audit):
        store.transact(work, audit)


def _waiting(session: Session, actor: Actor, request_id: uuid.UUID) -> SsoRequest:
    """Return a request that is not bound yet, locked, if the actor may decide it."""
    row = sso_request(session, actor, request_id, for_update=True)
    if row.state == "bound":
        raise _decided()
    return row


def _decided() -> Refused:
    return Refused("binding.decided", N_("这个账号已经处理过了，没有再改动。"), status=409)
