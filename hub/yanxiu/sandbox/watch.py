"""Follow one sandbox to its end, end it when a limit says so, and name the outcome.

The numbers come from ``meters`` and ``files``, the judgement from ``verdict``; this
module only asks at the right times and acts. Called by ``servers`` and ``jobs``.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from yanxiu.sandbox import files, meters, verdict
from yanxiu.sandbox.cgroups import Group
from yanxiu.sandbox.limits import MB, Limits
from yanxiu.sandbox.logfile import LogFile
from yanxiu.sandbox.process import Process
from yanxiu.sandbox.verdict import Usage

#: Seconds between two looks.
RUN_EVERY_S = 0.1
SERVER_EVERY_S = 1.0
#: Without control groups a server's memory has to be looked at more often.
TREE_EVERY_S = 0.25
#: A folder is measured at most this often, and never for more than 5 % of the time.
FILES_EVERY_S = 2.0
FILES_SHARE = 20.0


@dataclass(frozen=True)
class End:
    """How a sandbox ended."""

    outcome: str
    exit_code: int
    wall_s: float
    cpu_s: float
    peak_bytes: int


class Folder:
    """The folder of a sandbox that lies on the disk, and how large it may become."""

    def __init__(self, path: Path, allowed: int | None):
        self.path = path
        self.allowed = allowed
        self.size = 0
        self.pause_s = 0.0

    async def measure(self, limits: Limits, neighbours: int) -> None:
        """Measure it; the first time also decides what a home may grow to."""
        begin = time.monotonic()
        try:
            self.size = await files.used(self.path)
        except files.TooDeep:
            self.size = 1 << 62
        if self.allowed is None:
            self.allowed = verdict.disk_allowed(limits, min(self.size, 1 << 61))
        took = time.monotonic() - begin
        self.pause_s = FILES_SHARE * took * max(1, neighbours)


class Watch:
    """One sandbox under observation.

    :param scratch: a tmpfs inside and its size, whose being full is worth telling (runs)
    :param group: removed after the end
    """

    def __init__(
        self,
        process: Process,
        limits: Limits,
        meter: meters.Meter,
        log: LogFile,
        *,
        is_run: bool,
        folder: Folder,
        scratch: tuple[str, int] | None = None,
        group: Group | None = None,
    ):
        self._process = process
        self._limits = limits
        self._meter = meter
        self._log = log
        self._is_run = is_run
        self._folder = folder
        self._scratch = scratch
        self._group = group
        self._full = False
        self._usage = Usage()
        self._begin = time.monotonic()
        self._crowded_since: float | None = None
        self._hurt_since: float | None = None
        self._asked: str | None = None
        #: How many are measured at the same time as this one.
        self.neighbours: Callable[[], int] = lambda: 1
        self.end: End | None = None

    async def follow(self) -> End:
        """Return how it ended, after the last of its processes is gone."""
        measuring = asyncio.ensure_future(self._measure_files())
        every = RUN_EVERY_S if self._is_run else SERVER_EVERY_S
        if not self._is_run and isinstance(self._meter, meters.TreeMeter):
            every = TREE_EVERY_S
        try:
            while not self._process.ended.is_set():
                self._look()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._process.ended.wait(), every)
        finally:
            measuring.cancel()
        self._log.close()
        end = self._conclude()
        if self._group:
            await self._group.remove()
        return end

    async def stop(self, grace_s: float) -> None:
        """End it because somebody asked."""
        self._asked = self._asked or "stopped"
        await self._process.stop(grace_s)

    def _look(self) -> None:
        now = time.monotonic()
        self._usage = self._meter.sample()
        if self._usage.tasks >= self._limits.processes:
            self._crowded_since = self._crowded_since or now
        else:
            self._crowded_since = None
        if self._usage.oom_kills:
            self._hurt_since = self._hurt_since or now
        if self._scratch:
            self._full = meters.tmpfs_used(self._process.root, *self._scratch)[1] or self._full
        outcome = verdict.must_end(
            self._limits,
            self._usage,
            is_run=self._is_run,
            wall_s=now - self._begin,
            crowded_s=now - self._crowded_since if self._crowded_since else 0.0,
            hurt_s=now - self._hurt_since if self._hurt_since else 0.0,
            files=self._folder.size,
            files_allowed=self._folder.allowed,
        )
        if outcome is None and self._is_run and self._log.full:
            outcome = "output"
        if outcome and not self._asked:
            self._asked = outcome
            self._process.kill()

    async def _measure_files(self) -> None:
        every = RUN_EVERY_S if self._is_run else FILES_EVERY_S
        while True:
            await self._folder.measure(self._limits, self.neighbours())
            await asyncio.sleep(max(every, self._folder.pause_s))

    def _conclude(self) -> End:
        final = self._meter.sample()
        usage = replace(
            final,
            cpu_s=max(final.cpu_s, self._process.cpu_s),
            peak=max(final.peak, self._usage.peak),
        )
        code = self._process.exit_code
        code = -9 if code is None else code
        outcome = self._asked or verdict.ended(
            self._limits, usage, is_run=self._is_run, exit_code=code, scratch_full=self._full
        )
        if self._asked is None and self._is_run and self._log.full:
            outcome = "output"
        self.end = End(outcome, code, time.monotonic() - self._begin, usage.cpu_s, usage.peak)
        return self.end


def outbox(path: Path, limits: Limits) -> Folder:
    """Return the outbox of a run as a folder to watch."""
    return Folder(path, limits.disk_mb * MB)


def home(path: Path) -> Folder:
    """Return a home as a folder to watch."""
    return Folder(path, None)
