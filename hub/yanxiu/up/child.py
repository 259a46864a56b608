"""Keep one part running: start it, wait until it serves, start it again when it dies.

Decides nothing about what the parts are (``parts``) nor when they start (``main``). Every
life is tied to this process (``tied``) and has its own session, so that Ctrl-C in the
terminal reaches ``yanxiu up`` alone, which then ends the parts in order.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import tied
from .backoff import Backoff
from .logs import open_log, rotate, tail

#: Exit codes that mean *I refuse*: of our own programs, and EX_CONFIG of sysexits.h.
REFUSALS = frozenset({2, 78})

Ready = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Part:
    """What to run: a name for logs, a title for people, a command and its whole environment."""

    name: str
    title: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    ready: Ready


class Child:
    """One part, kept alive until ``stop``."""

    def __init__(self, part: Part, log_dir: Path):
        self.part = part
        self.log = log_dir / f"{part.name}.log"
        self.process: asyncio.subprocess.Process | None = None
        self.deaths = 0
        self.exit_code: int | None = None
        self._log_start = 0
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the present life, if there is one."""
        return self.process.pid if self.process and self.process.returncode is None else None

    def start(self) -> None:
        """Begin to keep the part running."""
        self._keeper = asyncio.create_task(self._keep(), name=self.part.name)

    async def wait_ready(self, give_up_after: int = 4, poll_s: float = 0.05) -> bool:
        """Wait until the part serves; False when it died ``give_up_after`` times before that.

        Also False when it refused: trying again is useless then, and the last lines of its
        log are for the operator.
        """
        while True:
            with suppress(OSError):
                if self.pid and await self.part.ready():
                    return True
            if self.deaths >= give_up_after or self.refused:
                return False
            await asyncio.sleep(poll_s)

    @property
    def refused(self) -> bool:
        """Whether the last life ended by refusing its settings or this machine."""
        return self.exit_code in REFUSALS

    def last_lines(self, count: int = 5) -> list[str]:
        """Return what the part wrote last in this run, for a message to the operator."""
        return tail(self.log, count, since=self._log_start)

    async def stop(self, grace_s: float) -> None:
        """End the part for good: SIGTERM, and SIGKILL to all of its session after ``grace_s``."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        process = self.process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await process.wait()
        _kill_session(process.pid)
        await process.wait()

    async def _keep(self) -> None:
        backoff = Backoff()
        clock = asyncio.get_running_loop().time
        with suppress(OSError):
            self._log_start = self.log.stat().st_size
        while True:
            started = clock()
            await self._live()
            self.deaths += 1
            await asyncio.sleep(backoff.after(clock() - started))

    async def _live(self) -> None:
        """Start the part once and wait for its end."""
        rotate(self.log)
        output = open_log(self.log)
        try:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", tied.__file__, str(os.getpid())),
                *self.part.command,
                env=dict(self.part.env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            os.close(output)
        self.exit_code = await self.process.wait()
        # What the part left behind in its session must not hold its port.
        _kill_session(self.process.pid)


def _kill_session(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
