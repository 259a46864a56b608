"""What the hub asks before it starts anything, and what it may be answered.

The interface, and no word of which engine answers: ``records_engine`` counts in the records
database, on Kubernetes another may take its place. The hub, the pages and the verbs know only
this. Every engine writes what came of its answers into the same tables (``keeping``), which lists,
ledger and metrics read. Methods block: the hub calls them in a thread. The properties that every
engine must have are tested by ``tests/unit/yanxiu/quota/engine_properties.py``.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .rules import PlaceKind, Reason, Resource


@dataclass(frozen=True)
class Ask:
    """A start that somebody wants.

    :param memory_mb: what it is counted with (``sizes.size_of``), not what it may use at most
    :param wait: she stands in line if there is no room; else she is only told
    :param org_id: whose pool it comes from; None: her home school's
    """

    person_id: str
    server_name: str
    memory_mb: int
    cpus: float
    wait: bool = True
    kind: PlaceKind = PlaceKind.SERVER
    org_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Admitted:
    """The place is kept: start now, and ``confirm`` or ``release``.

    :param until: then it is given back by itself; None: it runs already
    """

    place_id: uuid.UUID
    until: datetime | None


@dataclass(frozen=True)
class Waiting:
    """She stands in line.

    :param place: hers, from 1; ``ahead``: how many are before her, of those who wait for the same
    :param estimate_s: None where nobody can know
    """

    reason: Reason
    place: int
    ahead: int
    estimate_s: float | None
    server_name: str = ""


@dataclass(frozen=True)
class Denied:
    """Not now, and no place in line: waiting cannot help, or was not wanted."""

    reason: Reason


@dataclass(frozen=True)
class Held:
    """A place fell free for her and is kept until then: ``reserve`` takes it."""

    place_id: uuid.UUID
    server_name: str
    until: datetime


@dataclass(frozen=True)
class Running:
    """A server that the hub has: what ``recount`` compares with."""

    person_id: str
    server_name: str
    started_at: datetime
    memory_mb: int
    cpus: float


@dataclass(frozen=True)
class Drift:
    """What a recount found wrong, and healed."""

    counters: int = 0
    dropped: int = 0
    adopted: int = 0

    @property
    def total(self) -> int:
        """Return how many things were wrong."""
        return self.counters + self.dropped + self.adopted


class Engine(Protocol):
    """Who has a place, and who is next."""

    def reserve(self, ask: Ask) -> Admitted | Waiting | Denied:
        """Ask for a place; it is committed when this returns. The same again changes nothing."""
        ...

    def confirm(self, person_id: str, server_name: str, kind: PlaceKind = PlaceKind.SERVER) -> None:
        """Say that it runs: its life begins."""
        ...

    def release(self, person_id: str, server_name: str, kind: PlaceKind = PlaceKind.SERVER) -> None:
        """Give the place back (failed, stopped, not wanted), end the life; the next is served."""
        ...

    def hold(self, person_id: str, server_name: str, kind: PlaceKind = PlaceKind.SERVER) -> None:
        """Keep the place of a start that the platform itself sent away for a moment.

        As one that fell free for her: nobody who has waited for a place stands in line again
        because others start at the same time.
        """
        ...

    def where(self, person_id: str) -> Waiting | Held | None:
        """Tell how she stands in line, and note that she looked."""
        ...

    def leave(self, person_id: str) -> None:
        """Take her out of the line, and give back what was held for her."""
        ...

    def outlook(self, ask: Ask) -> Reason | None:
        """Return why a start would not be admitted now, None if it would: what a page shows.

        Changes nothing and promises nothing. Must be quick, for it is asked at every page.
        """
        ...

    def capacity(self) -> Mapping[Resource, float]:
        """Return what there is to share out, of each resource that is limited."""
        ...

    def limits_changed(self) -> None:
        """Take up limits that were just committed, and serve who waits for what became free.

        A crash may come before it: the next ``where`` or ``recount`` has to come to the same.
        """
        ...

    def recount(
        self,
        running: Sequence[Running],
        listed_at: datetime | None = None,
        kind: PlaceKind = PlaceKind.SERVER,
        starting: Collection[tuple[str, str]] | None = None,
    ) -> Drift:
        """Compare with what runs, count anew, and note that those servers still live.

        :param listed_at: when ``running`` was asked for: what changed since then is left alone
        :param starting: persons and servers whose start is under way: a reservation for any other
            is one that the hub forgot; None: nobody knows, and reservations only expire
        """
        ...
