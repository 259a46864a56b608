"""How many servers start at once: the rest wait their turn, for seconds.

A start is a burst of work for the processor, and a machine that begins thirty together finishes
none of them in time. Decides nothing about places, which a start has by then (``desk``), nor how
a process is started. Called by ``spawner``; one for the hub's process.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

#: Starts that one core carries at the same time: while one reads its files another computes.
A_CORE = 2
#: As many may wait: on two cores the last one has its turn after some two minutes.
MOST_WAITING = 100


class Crowded(Exception):
    """So many wait for their turn already that another would wait for nothing."""


def at_once(cores: int | None = None) -> int:
    """Return how many servers this machine starts at the same time.

    >>> at_once(2), at_once(8)
    (4, 16)
    """
    return A_CORE * (cores or len(os.sched_getaffinity(0)))


class Starts:
    """At most ``at_once`` starts at a time, in the order in which they came.

    :param most_waiting: who comes when as many wait is told so at once
    """

    def __init__(self, at_once: int, most_waiting: int = MOST_WAITING):
        self._turns = asyncio.Semaphore(at_once)
        self._most_waiting = most_waiting
        self.waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and keep it.

        :raises Crowded: too many wait
        """
        if self._turns.locked() and self.waiting >= self._most_waiting:
            raise Crowded
        self.waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._turns.release()
