"""The engine on a cluster: Kueue admits, and the pod is made only once it has.

The records stay the book: who stands in line and since when, a person's own limits, the month's
hours, what is held for whom, and every number that a page shows. Who has a place they propose and
Kueue decides, by a ``Workload`` without a pod (``kueue_objects.workload``): so that whatever else
the cluster lends to (batch jobs, other tenants of the cohort) is counted too. Nothing is asked of the
cluster while a transaction is open. When Kueue is silent, ``quota.on_silence`` decides about the
start; running servers and stops never wait for it, and ``recount`` brings both books together.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from yanxiu.settings.model import Site
from yanxiu.store.engine import Store

from . import counters, keeping
from .capacity import Capacity
from .engine import Admitted, Ask, Denied, Drift, Held, Running, Waiting
from .judging import standing
from .kueue import KueueSilent, Reservations, Verdict
from .kueue_objects import server_label, workload
from .model import Place
from .reads import places
from .records_engine import RecordsEngine
from .rules import Code, PlaceKind, PlaceState, Reason, Resource

log = logging.getLogger("yanxiu.quota")


class KueueEngine(RecordsEngine):
    """See ``engine.Engine``.

    :param reconcile: brings limits that changed to the cluster; None where another process does
    """

    def __init__(
        self,
        store: Store,
        site: Site,
        capacity: Callable[[], Capacity],
        reservations: Reservations,
        reconcile: Callable[[], object] | None = None,
    ):
        super().__init__(store, site, capacity)
        self._reservations = reservations
        self._reconcile = reconcile

    def reserve(self, ask: Ask) -> Admitted | Waiting | Denied:
        """Keep a place here, then in the cluster; who has none there stands in line here.

        :raises KueueSilent: nobody knows; the place here is kept where such starts are allowed
        """
        found = super().reserve(ask)
        if not isinstance(found, Admitted) or found.until is None:
            return found
        if ask.kind is not PlaceKind.SERVER:
            return found
        try:
            verdict = self._reservations.make(self._wanted(ask))
        except KueueSilent as error:
            # A missing right (403) would else look like a cluster that is away, for ever.
            log.warning("Kueue says nothing of a start: %s", error)
            if self._site.quota.on_silence == "refuse":
                super().release(ask.person_id, ask.server_name)
            raise
        if verdict.admitted:
            return found
        return self._turned_away(ask, verdict)

    def _wanted(self, ask: Ask) -> dict[str, Any]:
        with self._store.read() as session:
            home = keeping.home_of(session, ask)
        return workload(ask.person_id, ask.server_name, _school(home.path), ask.memory_mb, ask.cpus)

    def _turned_away(self, ask: Ask, verdict: Verdict) -> Waiting | Denied:
        """Give back what was kept here, and put her in line with Kueue's reason.

        Her reservation goes too: one that waited there would be admitted while nobody looks, and
        keep a place that nobody comes for. Here she keeps her turn.
        """
        # "LocalQueue yanxiu doesn't exist" is for an operator, and there is no name in it.
        log.warning("Kueue has no place: %s", verdict.short_of or verdict.said[:200])

        def work(session: Session, now: datetime) -> Waiting | Denied:
            counters.lock(session)
            place = places.place(session, ask.person_id, ask.server_name, ask.kind)
            since = now
            if place is not None:
                since = min(place.since, now)
                keeping.give_back(session, self._book(session), place, now)
            home = keeping.home_of(session, ask)
            resource = verdict.short_of or Resource.SERVERS
            # The nearest ceiling that is set is the one that somebody can be asked about.
            way = self._book(session)
            way.load([home.path])
            stands = [one for one in way.way(home.path, resource) if one.ceiling is not None]
            top = stands[0] if stands else None
            used = top.used if top else 0.0
            limit = top.ceiling if top and top.ceiling is not None else used
            reason = Reason(Code.CLUSTER, "", "", resource, used, limit)
            if not ask.wait:
                return Denied(reason)
            waiter = keeping.in_line(session, ask, home, now)
            waiter.since = min(waiter.since, since)
            session.flush()
            return replace(standing(session, waiter, reason, now), reason=reason)

        answer = self._store.bookkeep(work, durable=False)
        self._drop(ask.person_id, ask.server_name)
        return answer

    def release(self, person_id: str, server_name: str, kind: PlaceKind = PlaceKind.SERVER) -> None:
        """Give the place back there first, so that who is next here finds room there."""
        if kind is PlaceKind.SERVER:
            self._drop(person_id, server_name)
        super().release(person_id, server_name, kind)

    def where(self, person_id: str) -> Waiting | Held | None:
        """Tell how she stands; what fell free for her here is hers once it is held there too."""
        found = super().where(person_id)
        if not isinstance(found, Held):
            return found
        with self._store.read() as session:
            place = session.get(Place, found.place_id)
            ask = (
                None
                if place is None
                else Ask(
                    person_id,
                    place.server_name,
                    place.memory_mb,
                    place.cpus,
                    kind=PlaceKind(place.kind),
                )
            )
        if ask is None or ask.kind is not PlaceKind.SERVER:
            return found
        try:
            verdict = self._reservations.make(self._wanted(ask))
        except KueueSilent:
            return found  # her start asks again, and then the setting decides
        if verdict.admitted:
            return found
        answer = self._turned_away(ask, verdict)
        return answer if isinstance(answer, Waiting) else None

    def leave(self, person_id: str) -> None:
        """Take her out of the line, with what was held for her here and there."""
        with self._store.read() as session:
            held = [
                one.server_name for one in places.held_for(session, person_id, self._store.clock())
            ]
        super().leave(person_id)
        for server_name in held:
            self._drop(person_id, server_name)

    def limits_changed(self) -> None:
        """Tell the cluster first: who is served for it then finds room there."""
        if self._reconcile is not None:
            try:
                self._reconcile()
            except KueueSilent as error:
                log.warning("Limits are not in the cluster yet: %s", error)
        super().limits_changed()

    def recount(
        self,
        running: Sequence[Running],
        listed_at: datetime | None = None,
        kind: PlaceKind = PlaceKind.SERVER,
        starting: Collection[tuple[str, str]] | None = None,
    ) -> Drift:
        """Compare places with what runs, then reservations with places."""
        drift = super().recount(running, listed_at, kind, starting)
        if kind is not PlaceKind.SERVER:
            return drift
        try:
            dropped, adopted = self._compare()
        except KueueSilent as error:
            log.warning("Reservations were not compared: %s", error)
            return drift
        return replace(drift, dropped=drift.dropped + dropped, adopted=drift.adopted + adopted)

    def _compare(self) -> tuple[int, int]:
        """Drop reservations of nobody, make those that are missing; return how many.

        A place is written down before its reservation is made: so a reservation that is in the
        list, and whose place is not there when that is read after it, is nobody's any more.
        """
        found = list(self._reservations.every())
        with self._store.read() as session:
            there = {
                (one.person_id, server_label(one.server_name)): one
                for one in places.running(session, PlaceKind.SERVER)
            }
        known = set()
        dropped = adopted = 0
        for one in found:
            place = there.get((one.person_id, one.server))
            if place is not None and _school(place.path) == one.school:
                known.add((one.person_id, one.server))
            else:
                self._reservations.drop_named(one.school, one.name)
                dropped += 1
        for key, place in there.items():
            if key not in known and place.state == PlaceState.RUNNING:
                self._adopt(place)
                adopted += 1
        return dropped, adopted

    def _adopt(self, place: Place) -> None:
        """Reserve for what runs already. Kueue may have no room for it; it runs all the same."""
        school = _school(place.path)
        self._reservations.make(
            workload(place.person_id, place.server_name, school, place.memory_mb, place.cpus)
        )

    def _drop(self, person_id: str, server_name: str) -> None:
        try:
            with self._store.read() as session:
                place = places.place(session, person_id, server_name, PlaceKind.SERVER)
                home = places.home_of(session, person_id)
            path = place.path if place is not None else home.path if home is not None else None
            if path is not None:
                self._reservations.drop(_school(path), person_id, server_name)
        except KueueSilent as error:
            log.warning("A reservation was not given back, the recount finds it: %s", error)


def _school(path: str) -> str:
    """Return the code of the school on a way; a research group's pool is its school's.

    >>> _school("/330199/2133000001/yuwen/")
    '2133000001'
    """
    return next((code for code in path.split("/") if len(code) == 10 and code.isdigit()), "")
