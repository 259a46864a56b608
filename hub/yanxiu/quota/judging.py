"""Ask the rules with the numbers of the database. Called by ``records_engine``."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from .counters import Book
from .engine import Waiting
from .model import Place, Waiter
from .reads import lives, places
from .reads.places import Has, Queue
from .rules import (
    Code,
    PlaceKind,
    Reason,
    Resource,
    amounts,
    estimate_s,
    judge,
    judge_hours,
    judge_person,
)

#: How far back the ends of servers tell how long the line takes.
_WINDOW_S = 2 * 3600


def why_not(
    book: Book,
    now: datetime,
    person_id: str,
    wanted: Queue,
    has: Sequence[Place | Has] | None = None,
) -> Reason | None:
    """Return why somebody may not start this now, or None: her own limits first.

    :param has: her places, where they are known
    """
    return _person(book, now, person_id, wanted, has) or room(book, wanted)


def room(book: Book, wanted: Queue) -> Reason | None:
    """Return what is full on the way, whoever asks."""
    book.load([wanted.path])
    for resource, amount in amounts(wanted.kind, wanted.memory_mb, wanted.cpus).items():
        if reason := judge(book.way(wanted.path, resource), resource, amount):
            return reason
    return None


def _person(
    book: Book,
    now: datetime,
    person_id: str,
    wanted: Queue,
    known: Sequence[Place | Has] | None,
) -> Reason | None:
    book.load([wanted.path])
    taken = amounts(wanted.kind, wanted.memory_mb, wanted.cpus)
    own = {resource: book.own(wanted.path, resource) for resource in taken}
    if any(own.values()):
        has = [
            amounts(PlaceKind(one.kind), one.memory_mb, one.cpus)
            for one in (places.of_person(book.session, person_id) if known is None else known)
        ]
        for resource, amount in taken.items():
            used = sum(one.get(resource, 0.0) for one in has)
            if reason := judge_person(own[resource], resource, used, amount):
                return reason
    return _hours(book, now, person_id, wanted) if wanted.kind is PlaceKind.SERVER else None


def _hours(book: Book, now: datetime, person_id: str, wanted: Queue) -> Reason | None:
    """Return which month's hours are used up: hers, or a pool's."""
    if own := book.own(wanted.path, Resource.SERVER_HOURS):
        used = lives.hours_of(book.session, person_id, now)
        # Nothing is asked for in advance: who has a minute left may start.
        if reason := judge_person(own, Resource.SERVER_HOURS, used, _A_SECOND):
            return reason
    way = book.way(wanted.path, Resource.SERVER_HOURS)
    limited = [
        replace(one, used=lives.hours_below(book.session, one.path, now))
        for one in way
        if one.ceiling is not None
    ]
    return judge_hours(limited)


#: Of an hour.
_A_SECOND = 1 / 3600


def standing(session: Session, waiter: Waiter, reason: Reason | None, now: datetime) -> Waiting:
    """Say how somebody stands among those who wait for the same thing.

    :param reason: None: nothing is in her way any more, and the next who looks serves her
    """
    reason = reason or Reason(Code.NEXT, "", "", Resource.SERVERS, 0.0, 0.0, path=waiter.path)
    ahead = places.ahead(session, waiter, reason.path)
    ended = lives.ended_below(session, reason.path, now - timedelta(seconds=_WINDOW_S))
    return Waiting(
        reason, ahead + 1, ahead, estimate_s(ahead + 1, ended, _WINDOW_S), waiter.server_name
    )
