"""Follow one sandbox to its end, end it when a limit says so, and name the outcome.

The figures come from the sampler (``monitor``), the judgement from ``limit_policy``; here
is what happens when. Called by ``servers`` and ``jobs``.
"""

import asyncio
import contextlib
import logging
import signal
import time
from dataclasses import dataclass, replace
from typing import Any

from yanxiu.sandbox import limit_policy, meters
from yanxiu.sandbox.cgroups import Group
from yanxiu.sandbox.logfile import LogFile
from yanxiu.sandbox.monitor import Watched
from yanxiu.sandbox.process import Child
from yanxiu.sandbox.sandbox import Sandbox
from yanxiu.sandbox.spec import SandboxSpec

log = logging.getLogger("yanxiu.sandbox")

#: Exit code of what was killed before it had one.
_KILLED = -signal.SIGKILL
#: Groups of sandboxes that would not end, until they do.
_stuck: set[asyncio.Task[None]] = set()


@dataclass(frozen=True)
class End:
    """How a sandbox ended."""

    outcome: str
    exit_code: int
    wall_s: float
    cpu_s: float
    peak_bytes: int


class Lifetime:
    """One sandbox, from the start of its main program; with that it ends."""

    def __init__(
        self,
        sandbox: Sandbox,
        main: Child,
        watched: Watched,
        printed: LogFile,
        spec: SandboxSpec,
    ):
        self.sandbox = sandbox
        self._main = main
        self._watched = watched
        self._printed = printed
        self._spec = spec
        self._begin = time.monotonic()
        self._asked: str | None = None
        self._killed = asyncio.Event()
        self._over = asyncio.Event()

    @property
    def home_size(self) -> int | None:
        """Return the bytes in its home, None before they are measured."""
        return self._watched.home_size

    async def follow(self) -> End:
        """Return how it ended, after the last of its processes is gone."""
        try:
            await self._wait()
            full = self._is_full()
            gone = await self.sandbox.gone()
        finally:
            self._over.set()  # whoever stops it waits for this
            self._printed.close()
        end = await self._conclude(full)
        if self.sandbox.group:
            await self._let_go(self.sandbox.group, gone)
        return end

    async def _wait(self) -> None:
        """Wait for the main program's end, or for a reason to end it."""
        waiting: set[asyncio.Future[Any]] = {
            asyncio.ensure_future(self._main.ended.wait()),
            asyncio.ensure_future(self.sandbox.ended.wait()),
            # A process that the kernel cannot end leaves it at that: nobody waits for it.
            asyncio.ensure_future(self._killed.wait()),
            asyncio.ensure_future(asyncio.shield(self._watched.must_end)),
        }
        if self._spec.is_run:
            waiting.add(asyncio.ensure_future(self._printed.overflow.wait()))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        if self._main.ended.is_set():
            return
        if self._watched.must_end.done():
            self._asked = self._asked or self._watched.must_end.result()
        elif self._printed.full and self._spec.is_run:
            self._asked = self._asked or "output"

    async def stop(self, grace_s: float) -> None:
        """End it because somebody asked; it is gone when this returns."""
        self._asked = self._asked or "stopped"
        if grace_s > 0:
            self._main.send(signal.SIGTERM)
            await self._main.gone_within(grace_s)
        self.sandbox.kill()
        self._killed.set()
        await self._over.wait()

    def _is_full(self) -> bool:
        """Look while there still is one; the sampler may have been looking elsewhere."""
        return bool(self._spec.is_run and meters.full(self.sandbox.root, self._spec.tmpfs))

    async def _conclude(self, full: bool) -> End:
        meter, is_run = self._watched, self._spec.is_run
        final = await meter.final()
        used = self.sandbox.group.usage() if self.sandbox.group else final.usage
        usage = replace(
            used,
            cpu_s=max(used.cpu_s, self._main.cpu_s),
            peak=max(used.peak, final.usage.peak),
        )
        code = _KILLED if self._main.exit_code is None else self._main.exit_code
        outcome = self._asked or limit_policy.ended(
            self._spec.limits, usage, is_run=is_run, exit_code=code, full=full or final.full
        )
        if self._asked is None and is_run and self._printed.full:
            outcome = "output"
        return End(outcome, code, time.monotonic() - self._begin, usage.cpu_s, usage.peak)

    async def _let_go(self, group: Group, gone: bool) -> None:
        if gone:
            await group.remove()
            return
        task = asyncio.ensure_future(self._wait_for_the_stuck(group))
        _stuck.add(task)
        task.add_done_callback(_stuck.discard)

    async def _wait_for_the_stuck(self, group: Group) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self.sandbox.ended.wait()
            log.info("a sandbox that did not end is gone")
            await group.remove()
