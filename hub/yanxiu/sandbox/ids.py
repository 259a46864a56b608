"""Give sandboxes user ids that nobody else on the machine has: one a home, one a run.

What the kernel counts by account (watches of files and of descriptors, pipes, locks) is then
counted for one sandbox, and a file of one is closed to all others by its mode alone. Whose id
a home has is said by the home: its folder belongs to it. Which ids there are is decided when
the launcher starts (``identity``). Called by ``servers`` and ``jobs``.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from yanxiu.errors import N_, Refused

#: As many of the ids, the last ones, are for runs, which have one for as long as they last.
FOR_RUNS = 256


@dataclass(frozen=True)
class Range:
    """Ids of the launcher's own, as it counts them.

    >>> 1000 in Range(1000, 600), 1600 in Range(1000, 600)
    (True, False)
    """

    first: int
    count: int

    def __contains__(self, number: int) -> bool:
        return self.first <= number < self.first + self.count

    @property
    def homes(self) -> range:
        """Return those for homes."""
        return range(self.first, self.first + self.count - FOR_RUNS)

    @property
    def runs(self) -> range:
        """Return those for runs."""
        return range(self.first + self.count - FOR_RUNS, self.first + self.count)


@dataclass
class Ids:
    """One launcher's ids.

    :param available: None where it has none to give: everything is the launcher's own
    """

    available: Range | None = None
    _homes: dict[int, str] = field(default_factory=dict)
    _running: set[int] = field(default_factory=set)
    _last: int = -1

    def learn(self, homes: Path) -> None:
        """Read whose id each home has; of two that have the same one the first keeps it."""
        if self.available is None or not homes.is_dir():
            return
        for entry in sorted(os.scandir(homes), key=lambda entry: entry.name):
            owner = entry.stat(follow_symlinks=False).st_uid
            if owner in self.available.homes:
                self._homes.setdefault(owner, entry.name)

    def of_home(self, home: Path) -> int | None:
        """Return the id of a home that exists, for good; a new one where it has none of its own.

        :raises Refused: there are more homes than ids
        """
        if self.available is None:
            return None
        owner = home.lstat().st_uid
        if owner in self.available.homes and self._homes.setdefault(owner, home.name) == home.name:
            return owner
        mine = (one for one, name in self._homes.items() if name == home.name)
        if (given := next(mine, None)) is not None:
            return given  # it is still being carried over to it
        free = self._free() or self._free(anew=home.parent)
        if free is None:
            raise Refused(
                "launcher.ids",
                N_("沙箱的用户编号用完了，请运维人员在 site.yaml 的 sandbox.ids 里加大范围。"),
            )
        self._homes[free] = home.name
        return free

    def _free(self, *, anew: Path | None = None) -> int | None:
        """Return an id that no home has; first forget homes that are no longer in ``anew``."""
        assert self.available is not None
        if anew is not None:
            there = {entry.name for entry in os.scandir(anew)}
            self._homes = {one: name for one, name in self._homes.items() if name in there}
        return next((one for one in self.available.homes if one not in self._homes), None)

    @contextlib.contextmanager
    def of_run(self) -> Iterator[int | None]:
        """Lend an id to a run.

        :raises Refused: more runs at once than ids
        """
        if self.available is None:
            yield None
            return
        runs = self.available.runs
        # In turn, so that what is left of a run for a moment is not the next one's.
        order = (runs[(self._last + 1 + step) % len(runs)] for step in range(len(runs)))
        chosen = next((one for one in order if one not in self._running), None)
        if chosen is None:
            raise Refused("launcher.ids", N_("同时运行的批改太多，请稍后再试。"))
        self._last = chosen - runs[0]
        self._running.add(chosen)
        try:
            yield chosen
        finally:
            self._running.discard(chosen)
