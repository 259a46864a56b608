"""Measure homes and outboxes, one after another, for a small share of the time.

Threads of the sampler, because walking a folder may take long or wait for a disk, and
nobody else's limits are to wait for it: one for homes, one for the outboxes of runs, which
end at their limit however large the homes are. Decides nothing. Called by ``sampler``.
"""

import heapq
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from yanxiu.sandbox import files

#: Seconds between two looks at one folder, at least.
RUN_EVERY_S = 0.1
SERVER_EVERY_S = 2.0
#: Of all the time, how much measuring may take, of all outboxes and of all homes. An outbox
#: is small.
RUN_SHARE = 0.5
SERVER_SHARE = 0.01


@dataclass
class Folder:
    """A folder of a sandbox that lies on the disk, and what it may take."""

    path: Path
    is_run: bool
    allowed: files.Used
    used: files.Used = files.NOTHING

    def measure(self) -> float:
        """Measure it; return how many seconds of this thread that took."""
        begin = time.thread_time()
        self.used = files.measure(self.path)
        return time.thread_time() - begin


class Folders:
    """All folders of one sampler."""

    def __init__(self) -> None:
        self._outboxes = Turns(RUN_EVERY_S, RUN_SHARE)
        self._homes = Turns(SERVER_EVERY_S, SERVER_SHARE)

    def add(self, name: str, folder: Folder) -> None:
        """Measure one more from now on."""
        (self._outboxes if folder.is_run else self._homes).add(name, folder)

    def drop(self, name: str) -> None:
        """Measure one no longer."""
        self._outboxes.drop(name)
        self._homes.drop(name)


class Turns:
    """Folders of one kind, measured in turn by a thread of their own.

    :param every_s: seconds between two looks at one folder, at least
    :param share: of all the time, what measuring them may take together
    """

    def __init__(self, every_s: float, share: float) -> None:
        self._every_s = every_s
        self._share = share
        self._all: dict[str, Folder] = {}
        self._turns: list[tuple[float, str]] = []
        self._more = threading.Condition()
        threading.Thread(target=self._measure, daemon=True).start()

    def add(self, name: str, folder: Folder) -> None:
        """Measure one more from now on."""
        with self._more:
            self._all[name] = folder
            heapq.heappush(self._turns, (0.0, name))
            self._more.notify()

    def drop(self, name: str) -> None:
        """Measure one no longer."""
        with self._more:
            self._all.pop(name, None)

    def _next(self) -> tuple[str, Folder]:
        """Wait for the turn of a folder and return it."""
        with self._more:
            while True:
                due, name = self._turns[0] if self._turns else (None, "")
                wait_s = None if due is None else due - time.monotonic()
                if wait_s is not None and wait_s <= 0:
                    heapq.heappop(self._turns)
                    if name in self._all:
                        return name, self._all[name]
                    continue
                self._more.wait(wait_s)

    def _measure(self) -> None:
        while True:
            name, folder = self._next()
            took = folder.measure()
            with self._more:
                heapq.heappush(self._turns, (time.monotonic() + self._every_s, name))
            time.sleep(took / self._share - took)
