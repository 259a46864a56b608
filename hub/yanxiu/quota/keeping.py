"""Write down places, the line and lives: what the engine does once it has judged.

Everything here runs in a transaction that holds ``counters.lock``. Called by ``records_engine``.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from yanxiu.errors import N_, NotFound
from yanxiu.names import new_id

from .counters import Book
from .engine import Ask
from .model import Place, ServerLife, Wait, Waiter
from .reads import lives, places
from .reads.places import Home
from .rules import PlaceKind, PlaceState, amounts

_PLACES: Any = Place.__table__
_NEW = insert(_PLACES)
#: Longer than the hub lets a start take (``configure``): a slow one does not lose its place.
RESERVED_S = 600


def home_of(session: Session, ask: Ask) -> Home:
    """Return whose pool a start comes from. :raises NotFound: there is no such person or pool"""
    found = (
        places.pool_of(session, ask.org_id)
        if ask.org_id is not None
        else places.home_of(session, ask.person_id)
    )
    if found is None:
        raise nobody()
    return found


def nobody() -> NotFound:
    """Return the refusal of a start for whom or of what nobody knows."""
    return NotFound("person.not_found", N_("您管理的学校里没有这位老师。"))


def keep(
    session: Session, book: Book, ask: Ask, home: Home, now: datetime
) -> tuple[uuid.UUID, datetime]:
    """Keep a place and count it; return its id and until when, as of a start under way."""
    made, until = new_id(), now + timedelta(seconds=RESERVED_S)
    row = {
        "id": made,
        "person_id": ask.person_id,
        "server_name": ask.server_name,
        "kind": ask.kind,
        "org_id": home.org_id,
        "path": home.path,
        "memory_mb": ask.memory_mb,
        "cpus": ask.cpus,
        "state": PlaceState.RESERVED,
        "since": now,
        "expires_at": until,
    }
    session.connection().execute(_NEW, row)
    book.load([home.path])
    book.charge(home.path, amounts(ask.kind, ask.memory_mb, ask.cpus))
    return made, until


def add(session: Session, book: Book, ask: Ask, home: Home, now: datetime) -> Place:
    """Keep a place; the caller says in which state."""
    made, _ = keep(session, book, ask, home, now)
    return session.get_one(Place, made)


def give_back(
    session: Session, book: Book, place: Place, now: datetime, *, lived_on: bool = True
) -> None:
    """Remove a place, count it no more, end the life.

    :param lived_on: it lived until now; else until it was last seen
    """
    book.load([place.path])
    book.charge(place.path, amounts(PlaceKind(place.kind), place.memory_mb, place.cpus), sign=-1)
    life = lives.life(session, place.id)
    if life is not None and life.stopped_at is None:
        if lived_on:
            lives.seen(session, [life], now)
        life.stopped_at = life.seen_at
    session.delete(place)
    session.flush()


def begin_life(session: Session, place: Place, started: datetime, now: datetime) -> None:
    """Begin a life; what an earlier one of the same server counted is not counted twice."""
    before = lives.last_stop(session, place.person_id, place.server_name)
    began = max(min(started, now), before or started)
    session.add(
        ServerLife(
            id=place.id,
            person_id=place.person_id,
            server_name=place.server_name,
            school_id=place.org_id,
            path=place.path,
            memory_mb=place.memory_mb,
            cpus=place.cpus,
            started_at=began,
            seen_at=began,
        )
    )
    session.flush()
    lives.begun(session, place.org_id, began)


def in_line(session: Session, ask: Ask, home: Home, now: datetime) -> Waiter:
    """Put somebody in line; who stands there already keeps her turn.

    In the line of one pool only: who came to another school has not waited there yet.
    """
    waiter = session.get(Waiter, ask.person_id)
    if waiter is not None and waiter.org_id != home.org_id:
        no_more(session, waiter, now, served=False)
        waiter = None
    if waiter is None:
        waiter = Waiter(person_id=ask.person_id, since=now)
        session.add(waiter)
    waiter.server_name, waiter.kind, waiter.seen_at = ask.server_name, ask.kind, now
    waiter.org_id, waiter.path = home.org_id, home.path
    waiter.memory_mb, waiter.cpus = ask.memory_mb, ask.cpus
    session.flush()
    return waiter


def out_of_line(session: Session, person_id: str, now: datetime, *, served: bool) -> None:
    """Take somebody out of the line, if she stands there.

    :param served: she has a place now; else she gave up
    """
    waiter = session.get(Waiter, person_id)
    if waiter is not None:
        no_more(session, waiter, now, served=served)


def no_more(session: Session, waiter: Waiter, until: datetime, *, served: bool) -> None:
    """Remove a waiter, and keep how long the wait was."""
    session.add(
        Wait(
            id=new_id(),
            org_id=waiter.org_id,
            path=waiter.path,
            kind=waiter.kind,
            since=waiter.since,
            until=max(waiter.since, until),
            served=served,
        )
    )
    session.delete(waiter)
    session.flush()
