"""Ask that a server ends, with a message to its owner; and let the owner say that it was read.

Nothing here reaches the hub: the process that ends idle servers looks what was asked for
(``reads.stops``), so the portal needs no power over servers. Called by the organizer's page and
by 我的研修.
"""

import uuid
from datetime import datetime

from yanxiu.cleaning.text import visible
from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.quota.model import Place, ServerStop
from yanxiu.quota.permissions import check_can_stop_server
from yanxiu.quota.rules import PlaceKind, PlaceState
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor

LONGEST = 200


def stop_server(store: Store, actor: Actor, place_id: uuid.UUID, message: str) -> None:
    """Ask that the server in a place ends; asked twice it is asked once.

    :raises Refused: not the actor's school, nothing runs there, or there is nothing to tell its
        owner
    """
    audit = Event(actor.person_id, "server.stop", "server", str(place_id))

    def work(session: Session, now: datetime) -> None:
        place = session.get(Place, place_id)
        check_can_stop_server(actor, place.path if place else "")
        assert place is not None
        audit.school_id = place.org_id
        audit.details = {"person": place.person_id, "server": place.server_name}
        if place.kind != PlaceKind.SERVER or place.state == PlaceState.HELD:
            raise Refused(
                "server.not_running",
                N_("这里没有正在运行的 Jupyter，只是给排队的老师留着位置。"),
                status=409,
            )
        told = " ".join(visible(message).split())
        if not told:
            raise Invalid(
                "server.message", N_("请写一句话告诉老师为什么停止，老师会看到。没有停止。")
            )
        if len(told) > LONGEST:
            raise Invalid(
                "server.message_long",
                N_("给老师的话最多 {most} 个字，现在是 {length} 个。没有停止。"),
                most=LONGEST,
                length=len(told),
            )
        if session.get(ServerStop, place_id) is not None:
            audit.outcome = "asked already"
            return
        session.add(
            ServerStop(
                id=place_id,
                person_id=place.person_id,
                server_name=place.server_name,
                asked_by=actor.person_id,
                message=told,
                asked_at=now,
            )
        )

    with audited(store, audit):
        store.transact(work, audit)


def read_message(store: Store, actor: Actor, stop_id: uuid.UUID) -> None:
    """Note that the owner has read why her server was ended: it is not shown again.

    :raises NotFound: it was not her server
    """
    audit = Event(actor.person_id, "server.stop_read", "server", str(stop_id), actor.school_id)

    def work(session: Session, now: datetime) -> None:
        stop = session.get(ServerStop, stop_id)
        if stop is None or stop.person_id != actor.person_id:
            raise NotFound("server.no_message", N_("没有这条消息。请回到“我的研修”。"))
        stop.read_at = stop.read_at or now

    with audited(store, audit):
        store.transact(work, audit)
