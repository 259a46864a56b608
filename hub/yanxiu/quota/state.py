"""What one person sees before she starts: how full her school is, and whether she could start now.

Asks the engine and changes nothing: a place is had by asking for it. Called by the portal beside
every way into Jupyter.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from yanxiu.settings.model import Site
from yanxiu.store.engine import Store

from . import homes
from .counters import Book
from .engine import Ask, Engine
from .reads import lives, places, pressure
from .reads.places import Home
from .rules import PlaceKind, PlaceState, Reason, Resource
from .sizes import size_of
from .storage import Filled


@dataclass(frozen=True)
class Hours:
    """Server hours of this month, where they are limited.

    :param org: whose pool; empty: one's own limit
    """

    org: str
    used: float
    limit: float


@dataclass(frozen=True)
class Mine:
    """How it stands for one person.

    :param used: servers of her school now; ``ceiling``: the school's, None without one
    :param running: she has a place already
    :param reason: why she could not start now; None: she could
    :param stored: limits on storage that hold, and how much of them is used
    :param waiting: how many stand in line for the same; ``in_line``: she is one of them
    """

    school: str
    used: float
    ceiling: float | None
    running: bool
    reason: Reason | None
    waiting: int
    in_line: bool
    hours: tuple[Hours, ...]
    stored: tuple[Filled, ...] = ()


def of_person(store: Store, site: Site, engine: Engine, person_id: str, home: Home) -> Mine:
    """Return how it stands for somebody.

    :param home: her home school, which every page knows already
    """
    size = size_of(site, home.code)
    reason = engine.outlook(Ask(person_id, "", size.memory_mb, size.cpus, org_id=home.org_id))
    now = store.clock()
    with store.read() as session:
        book = Book(session, engine.capacity())
        book.load([home.path])
        mine = places.of_person(session, person_id)
        running = any(one.kind == PlaceKind.SERVER and one.state != PlaceState.HELD for one in mine)
        if running:
            reason = None
        school = book.way(home.path, Resource.SERVERS)[-1]
        return Mine(
            school=school.name,
            used=school.used,
            ceiling=school.ceiling,
            running=running,
            reason=reason,
            waiting=pressure.waiting_below(session, reason.path) if reason else 0,
            in_line=reason is not None and pressure.waits(session, person_id),
            hours=tuple(_hours(session, book, now, home.path, person_id)),
            stored=tuple(homes.stored(session, book, person_id, home.path)[0]),
        )


def _hours(session: Session, book: Book, now: datetime, path: str, person_id: str) -> list[Hours]:
    """Return the limits on server hours that hold, the narrowest first."""
    found: list[Hours] = []
    own = book.own(path, Resource.SERVER_HOURS)
    if own:
        used = lives.hours_of(session, person_id, now)
        found.append(Hours("", used, min(one.limit for one in own)))
    for one in reversed(book.way(path, Resource.SERVER_HOURS)):
        if one.ceiling is not None:
            found.append(Hours(one.name, lives.hours_below(session, one.path, now), one.ceiling))
    return found
