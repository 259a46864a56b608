"""Who is next when more passwords wait than can be checked: every source in its turn.

Sources take turns, and browsers that are known (``browsers``) have every second turn whatever
waits. When the line is full, it is the source with most waiting that gives up its last place;
so however many connections one address opens, it delays another by one check, and keeps nobody
out. Knows neither passwords nor HTTP; one event loop. Called by ``authenticator``.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

Waiters = deque[asyncio.Future[None]]


class Full(Exception):
    """There is no place: the line is full, and this source has most of it."""


class FairQueue:
    """A line for ``slots`` places that work at once.

    :param most: how many may wait
    """

    def __init__(self, slots: int, most: int):
        self._free = slots
        self._most = most
        self._known: OrderedDict[str, Waiters] = OrderedDict()
        self._others: OrderedDict[str, Waiters] = OrderedDict()
        self._known_had_it = False

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return sum(len(line) for lanes in (self._known, self._others) for line in lanes.values())

    @asynccontextmanager
    async def turn(self, lane: str, *, known: bool = False) -> AsyncIterator[None]:
        """Wait for a place, keep it for the block.

        Whoever is cancelled while waiting has left the line.

        :param lane: the source; of a known browser, the browser
        :raises Full: at once, or once somebody else's right to a place is greater
        """
        if self._free:
            self._free -= 1
        else:
            await self._wait(self._known if known else self._others, lane)
        try:
            yield
        finally:
            self._next()

    async def _wait(self, lanes: OrderedDict[str, Waiters], lane: str) -> None:
        if self.waiting >= self._most:
            self._make_room(lane, len(lanes.get(lane, ())))
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lanes.setdefault(lane, deque()).append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self._next()  # the turn came in the same moment
            else:
                self._leave(lanes, lane, place)
            raise

    def _make_room(self, lane: str, own: int) -> None:
        """Take the last place of the longest line of strangers, unless that is one's own."""
        longest = max(self._others, key=lambda one: len(self._others[one]), default=None)
        if longest is None or longest == lane or len(self._others[longest]) <= own:
            raise Full
        place = self._others[longest][-1]
        self._leave(self._others, longest, place)
        if not place.done():
            place.set_exception(Full())

    def _leave(
        self, lanes: OrderedDict[str, Waiters], lane: str, place: asyncio.Future[None]
    ) -> None:
        line = lanes.get(lane)
        if line and place in line:
            line.remove(place)
            if not line:
                del lanes[lane]

    def _next(self) -> None:
        """Give the place that has become free to whoever is next."""
        while lanes := self._whose_turn():
            lane, line = next(iter(lanes.items()))
            place = line.popleft()
            if line:
                lanes.move_to_end(lane)
            else:
                del lanes[lane]
            if not place.done():
                self._known_had_it = lanes is self._known
                place.set_result(None)
                return
        self._free += 1

    def _whose_turn(self) -> OrderedDict[str, Waiters] | None:
        first, second = self._known, self._others
        if self._known_had_it:
            first, second = second, first
        return first or second or None
