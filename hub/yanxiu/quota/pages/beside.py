"""What stands beside every way into Jupyter: how full the school is, and why a server was ended.

Called by ``web.pages`` through ``portal.app``, where a template asks for it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from yanxiu.i18n import Translator
from yanxiu.quota import state
from yanxiu.quota.engine import Engine
from yanxiu.quota.reads import stops
from yanxiu.quota.reads.places import Home
from yanxiu.web.actor import Actor
from yanxiu.web.deps import get_service

from . import words


@dataclass(frozen=True)
class Stopped:
    """A server that an organizer ended, or is about to end."""

    id: uuid.UUID
    at: datetime
    message: str
    over: bool


@dataclass(frozen=True)
class Beside:
    """Sentences, and perhaps a message."""

    sentences: list[str]
    full: bool
    stopped: Stopped | None


def beside_jupyter(request: Request, actor: Actor, tr: Translator) -> Beside:
    """Return what somebody sees before she starts Jupyter."""
    service = get_service(request)
    store, site = service.store, service.site
    engine: Engine | None = request.app.state.quota
    mine = None
    if engine is not None and actor.school_id is not None and actor.person_id is not None:
        code = actor.school_path.rstrip("/").rpartition("/")[2]
        home = Home(actor.school_id, actor.school_path, code)
        mine = state.of_person(store, site, engine, actor.person_id, home)
    with store.read() as session:
        told = stops.unread(session, actor.person_id, store.clock() - stops.NEWS)
        over = told is not None and not stops.still_there(session, told)
    return Beside(
        sentences=words.before_start(mine, tr) if mine else [],
        full=mine is not None and (mine.reason is not None or any(one.over for one in mine.stored)),
        stopped=Stopped(told.id, told.asked_at, told.message, over) if told else None,
    )
