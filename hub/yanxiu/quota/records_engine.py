"""The engine over the records database: several processes, SQLite or PostgreSQL.

Decides nothing: ``rules`` judge, this counts and keeps. Every change takes ``counters.lock`` first,
so that two starts cannot take the same last place; it is committed before a start begins. What
nobody comes for expires, and is swept up by whoever asks next: no process of its own is needed.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from yanxiu.settings.model import Site
from yanxiu.store.engine import Store

from . import counters, keeping
from .capacity import Capacity
from .counters import Book
from .engine import Admitted, Ask, Denied, Drift, Held, Running, Waiting
from .judging import room, standing, why_not
from .keeping import RESERVED_S
from .model import Place, Waiter
from .reads import lives, places
from .reads.places import Home, Queue
from .rules import PERSONAL, PlaceKind, PlaceState, Reason, Resource
from .sizes import size_of

#: A page that looks every few seconds need not write every time.
_LOOKS = 5


class RecordsEngine:
    """See ``engine.Engine``."""

    def __init__(self, store: Store, site: Site, capacity: Callable[[], Capacity]):
        self._store = store
        self._site = site
        self._capacity = capacity

    def reserve(self, ask: Ask) -> Admitted | Waiting | Denied:
        """Keep a place, or put her in line, or say no."""

        def work(session: Session, now: datetime) -> Admitted | Waiting | Denied:
            counters.lock(session)
            her = self._moment(session, now, ask.person_id)
            if her is not None and her.due:
                self._sweep(session, now)
                her = self._moment(session, now, ask.person_id)
            if her is None:
                raise keeping.nobody()
            home = her.home if ask.org_id is None else keeping.home_of(session, ask)
            book = self._book(session)
            if any((one.server_name, one.kind) == (ask.server_name, ask.kind) for one in her.has):
                mine = places.place(session, ask.person_id, ask.server_name, ask.kind)
                assert mine is not None
                if mine.state != PlaceState.HELD or mine.org_id == home.org_id:
                    return self._take(mine, now)
                # Kept for her where she belongs no more.
                keeping.give_back(session, book, mine, now)
                self._serve(session, now, book)
                her = self._moment(session, now, ask.person_id)
                assert her is not None
            reason = why_not(book, now, ask.person_id, _queue(home, ask), her.has)
            if reason is None:
                if her.waits:
                    keeping.out_of_line(session, ask.person_id, now, served=True)
                return Admitted(*keeping.keep(session, book, ask, home, now))
            if reason.code in PERSONAL or not ask.wait:
                return Denied(reason)
            waiter = keeping.in_line(session, ask, home, now)
            return standing(session, waiter, reason, now)

        # A power cut ends every server, and the first recount drops what was kept for them: a
        # teacher who waits for her start need not wait for the disk.
        return self._store.bookkeep(work, durable=False)

    def _moment(self, session: Session, now: datetime, person_id: str) -> places.Moment | None:
        forget = timedelta(minutes=self._site.quota.forget_minutes)
        return places.moment(session, person_id, now, now - forget)

    def _take(self, place: Place, now: datetime) -> Admitted:
        if place.state == PlaceState.RUNNING:
            return Admitted(place.id, None)
        if place.state == PlaceState.HELD:
            place.state, place.since = PlaceState.RESERVED, now
        place.expires_at = now + timedelta(seconds=RESERVED_S)
        return Admitted(place.id, place.expires_at)

    def confirm(self, person_id: str, server_name: str, kind: PlaceKind = PlaceKind.SERVER) -> None:
        """Say that it runs. Without a place it has one from now on: what runs is the truth."""

        def work(session: Session, now: datetime) -> None:
            counters.lock(session)
            self._runs(session, person_id, server_name, kind, now, None)
            self._sweep(session, now)

        self._store.bookkeep(work)

    def _runs(
        self,
        session: Session,
        person_id: str,
        server_name: str,
        kind: PlaceKind,
        now: datetime,
        told: Running | None,
    ) -> bool:
        """Note that a server runs; say whether it had no place."""
        place = places.place(session, person_id, server_name, kind)
        adopted = place is None
        if place is None:
            home = places.home_of(session, person_id)
            if home is None:
                return False
            size = size_of(self._site, home.code)
            ask = Ask(
                person_id,
                server_name,
                told.memory_mb if told else size.memory_mb,
                told.cpus if told else size.cpus,
                kind=kind,
            )
            keeping.out_of_line(session, person_id, now, served=True)
            place = keeping.add(session, self._book(session), ask, home, now)
        if place.state == PlaceState.RUNNING and not adopted:
            return False
        place.state, place.expires_at, place.since = PlaceState.RUNNING, None, now
        if kind is PlaceKind.SERVER:
            keeping.begin_life(session, place, told.started_at if told else now, now)
        return adopted

    def release(self, person_id: str, server_name: str, kind: PlaceKind = PlaceKind.SERVER) -> None:
        """Give the place back; the next in line gets it."""

        def work(session: Session, now: datetime) -> None:
            counters.lock(session)
            place = places.place(session, person_id, server_name, kind)
            book = self._book(session)
            if place is not None:
                keeping.give_back(session, book, place, now)
            self._sweep(session, now, freed=place is not None, book=book)

        self._store.bookkeep(work)

    def hold(self, person_id: str, server_name: str, kind: PlaceKind = PlaceKind.SERVER) -> None:
        """Keep the place for the next try."""

        def work(session: Session, now: datetime) -> None:
            counters.lock(session)
            place = places.place(session, person_id, server_name, kind)
            if place is not None and place.state == PlaceState.RESERVED:
                place.state, place.since = PlaceState.HELD, now
                place.expires_at = now + timedelta(seconds=self._site.quota.hold_s)
            self._sweep(session, now)

        self._store.bookkeep(work)

    def where(self, person_id: str) -> Waiting | Held | None:
        """Tell how she stands in line; note from time to time that she looked."""
        forget = timedelta(minutes=self._site.quota.forget_minutes)
        now = self._store.clock()
        with self._store.read() as session:
            waiter = session.get(Waiter, person_id)
            stale = places.any_expired(session, now) or (
                waiter is not None
                and (
                    abs(now - waiter.seen_at) >= forget / _LOOKS
                    or self._moved(session, waiter) is not None
                    or why_not(self._book(session), now, person_id, Queue.of(waiter)) is None
                )
            )
        if stale:
            self._store.bookkeep(lambda session, now: self._look(session, now, person_id))
        with self._store.read() as session:
            return self._stands(session, now, person_id)

    def _look(self, session: Session, now: datetime, person_id: str) -> None:
        counters.lock(session)
        waiter = session.get(Waiter, person_id)
        if waiter is not None:
            waiter.seen_at = now
            home = self._moved(session, waiter)
            if home is not None:
                size = size_of(self._site, home.code)
                ask = Ask(person_id, waiter.server_name, size.memory_mb, size.cpus)
                keeping.in_line(session, ask, home, now)
            session.flush()
        # Room may have come without anybody giving a place back: another month, other settings.
        self._sweep(session, now, freed=True)

    def _moved(self, session: Session, waiter: Waiter) -> Home | None:
        """Return the school that somebody in line for a server belongs to by now, if another."""
        if waiter.kind != PlaceKind.SERVER:
            return None
        home = places.home_of(session, waiter.person_id)
        return home if home is not None and home.org_id != waiter.org_id else None

    def _stands(self, session: Session, now: datetime, person_id: str) -> Waiting | Held | None:
        for held in places.held_for(session, person_id, now):
            assert held.expires_at is not None
            return Held(held.id, held.server_name, held.expires_at)
        waiter = session.get(Waiter, person_id)
        if waiter is None:
            return None
        reason = why_not(self._book(session), now, person_id, Queue.of(waiter))
        return standing(session, waiter, reason, now)

    def leave(self, person_id: str) -> None:
        """Take her out of the line, with what was held for her."""

        def work(session: Session, now: datetime) -> None:
            counters.lock(session)
            keeping.out_of_line(session, person_id, now, served=False)
            book = self._book(session)
            kept = places.held_for(session, person_id, now)
            for held in kept:
                keeping.give_back(session, book, held, now)
            self._sweep(session, now, freed=bool(kept), book=book)

        self._store.bookkeep(work)

    def recount(
        self,
        running: Sequence[Running],
        listed_at: datetime | None = None,
        kind: PlaceKind = PlaceKind.SERVER,
        starting: Collection[tuple[str, str]] | None = None,
    ) -> Drift:
        """Compare with what runs, and count anew.

        :param listed_at: when ``running`` was asked for: what changed since then is left alone
        :param starting: persons and servers whose start is under way; None: nobody knows
        """

        def work(session: Session, now: datetime) -> Drift:
            counters.lock(session)
            as_of = min(listed_at or now, now)
            told = {(one.person_id, one.server_name): one for one in running}
            # What happened after the list was made is left alone; what seems to happen only in
            # the future happened before a clock was set back.
            under_way = set(starting or ())
            adopted = dropped = 0
            counted = counters.rebuild(session, self._site)
            known = places.running(session, kind)
            book = self._book(session)
            for place in known:
                key = (place.person_id, place.server_name)
                lost = place.state == PlaceState.RUNNING or (
                    place.state == PlaceState.RESERVED and starting is not None
                )
                if not lost or key in told or key in under_way or as_of < place.since <= now:
                    continue
                # When it ended nobody knows: it lived for as long as it was seen.
                keeping.give_back(session, book, place, now, lived_on=False)
                dropped += 1
            session.flush()
            for one in told.values():
                stopped = lives.last_stop(session, one.person_id, one.server_name)
                if stopped is None or not as_of < stopped <= now:
                    adopted += self._runs(session, one.person_id, one.server_name, kind, now, one)
            if kind is PlaceKind.SERVER:
                lives.seen_all(session, as_of)
            self._sweep(session, now, freed=True)
            return Drift(counted, dropped, adopted)

        return self._store.bookkeep(work)

    def outlook(self, ask: Ask) -> Reason | None:
        """Judge as ``reserve`` would, and keep nothing."""
        now = self._store.clock()
        with self._store.read() as session:
            home = keeping.home_of(session, ask)
            return why_not(self._book(session), now, ask.person_id, _queue(home, ask))

    def capacity(self) -> Mapping[Resource, float]:
        """Return what the machine has, or what the settings say."""
        return self._capacity().ceilings()

    def limits_changed(self) -> None:
        """Give what became free to those in line; the limits themselves are read at each start."""

        def work(session: Session, now: datetime) -> None:
            counters.lock(session)
            self._sweep(session, now, freed=True)

        self._store.bookkeep(work)

    def _book(self, session: Session) -> Book:
        return Book(session, self.capacity())

    def _sweep(
        self, session: Session, now: datetime, *, freed: bool = False, book: Book | None = None
    ) -> None:
        """Take back what expired, forget who does not look any more, serve the line."""
        over = places.expired(session, now)
        book = book or self._book(session)
        for place in over:
            keeping.give_back(session, book, place, now)
        forget = timedelta(minutes=self._site.quota.forget_minutes)
        for waiter in places.to_forget(session, now - forget):
            keeping.no_more(session, waiter, waiter.seen_at, served=False)
        if freed or over:
            session.flush()
            self._serve(session, now, book)

    def _serve(self, session: Session, now: datetime, book: Book) -> None:
        """Hold what is free for those who have waited longest.

        What one in a queue cannot have, none behind her can, and no admission makes room for
        another: so a queue that is stuck once stays so.
        """
        waiting = places.queues(session)
        book.load([one.path for one in waiting])
        passed: set[str] = set()
        heads: dict[Queue, Waiter] = {}

        def stand(queue: Queue) -> None:
            """Look who is first in a queue now, unless it is stuck."""
            heads.pop(queue, None)
            first = places.next_in(session, queue, passed) if room(book, queue) is None else None
            if first is not None:
                heads[queue] = first

        for one in waiting:
            stand(one)
        while heads:
            queue = min(heads, key=lambda q: (heads[q].since, heads[q].person_id))
            waiter = heads[queue]
            if room(book, queue) is None:
                if why_not(book, now, waiter.person_id, queue) is None:
                    self._hold(session, book, waiter, queue, now)
                else:  # her own limit, and nobody else's
                    passed.add(waiter.person_id)
            stand(queue)

    def _hold(
        self, session: Session, book: Book, waiter: Waiter, queue: Queue, now: datetime
    ) -> None:
        ask = Ask(
            waiter.person_id, waiter.server_name, queue.memory_mb, queue.cpus, kind=queue.kind
        )
        place = keeping.add(session, book, ask, Home(queue.org_id, queue.path, ""), now)
        place.state = PlaceState.HELD
        place.expires_at = now + timedelta(seconds=self._site.quota.hold_s)
        keeping.no_more(session, waiter, now, served=True)


def _queue(home: Home, ask: Ask) -> Queue:
    return Queue(home.org_id, home.path, ask.kind, ask.memory_mb, ask.cpus)
