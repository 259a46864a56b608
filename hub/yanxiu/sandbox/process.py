"""Children of the launcher: start one, know its end for certain, end it for certain.

Every child is held by its pidfd, so that no signal ever reaches whoever has its number by
now. Called by ``sandbox``, ``helper``, ``trash`` and ``launcher``;
knows none of them.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

from yanxiu.sandbox import enter, proctree

_MARK = "yanxiu-sandbox-"

#: Children that somebody waits for, and how many are on their way to be.
_known: set[int] = set()
_starting = 0


class Child:
    """A child of this process.

    :param pid: of a child that nobody has waited for
    """

    def __init__(self, pid: int):
        self.pid = pid
        self.exit_code: int | None = None
        #: Seconds of processor time, of itself and of the children it waited for.
        self.cpu_s = 0.0
        self.ended = asyncio.Event()
        self._kept: list[int] = []
        self._pidfd = os.pidfd_open(pid)
        _known.add(pid)
        asyncio.get_running_loop().add_reader(self._pidfd, self._over)

    def _over(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        _, status, used = os.wait4(self.pid, 0)
        _known.discard(self.pid)
        for fd in self._kept:
            os.close(fd)
        self.exit_code = os.waitstatus_to_exitcode(status)
        self.cpu_s = used.ru_utime + used.ru_stime
        self.ended.set()

    def keep(self, fd: int) -> None:
        """Close a descriptor of ours when it has ended: it would die of a closed pipe."""
        if self.exit_code is None:
            self._kept.append(fd)
        else:
            os.close(fd)

    def send(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    async def gone_within(self, seconds: float) -> bool:
        """Wait for its end and say whether it came."""
        return await within(self.ended.wait(), seconds)


async def within(waiting: Awaitable[object], seconds: float) -> bool:
    """Wait for something at most so long; say whether it came."""
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        return False
    return True


def spawn(
    argv: Sequence[str],
    descriptors: Mapping[int, int],
    env: Mapping[str, str],
    *,
    executable: str | None = None,
    before: Callable[[], None] = lambda: None,
) -> Child:
    """Start a program in a session of its own that dies with this process.

    :param descriptors: its number there → its number here; all others are closed
    :param before: called in the child first of all
    """

    def become() -> None:
        os.setsid()
        os.chdir("/")
        os.execve(executable or argv[0], list(argv), dict(env))  # noqa: S606 - that is its purpose

    return fork(become, descriptors, before)


def fork(
    work: Callable[[], None],
    descriptors: Mapping[int, int],
    before: Callable[[], None] = lambda: None,
) -> Child:
    """Run ``work`` in a child that dies with this process; the child ends after it."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        with enter.or_exit():
            enter.forget_signals()
            enter.die_with(parent)
            before()
            enter.arrange(descriptors)
            work()
    return Child(pid)


async def apart(work: Callable[[], None], descriptors: Mapping[int, int] | None = None) -> None:
    """Do in a child what takes as long as somebody's files are many, and wait for its end.

    :param descriptors: its number there → its number here, beyond 1 and 2
    :raises OSError: it failed; the log says why
    """
    child = fork(work, {1: 1, 2: 2, **(descriptors or {})})
    await child.ended.wait()
    if child.exit_code:
        raise OSError(f"a child that saw to somebody's files ended with {child.exit_code}")


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """Keep ``reap_orphans`` from a child whose number nobody knows yet."""
    global _starting  # noqa: PLW0603
    _starting += 1
    try:
        yield
    finally:
        _starting -= 1


def reap_orphans() -> None:
    """Wait for children that became ours when their parents ended; nobody else will."""
    if _starting:
        return
    with contextlib.suppress(OSError):
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        for pid in {int(one) for one in listed.split()} - _known:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def mark(launcher: int) -> str:
    """Return what ``ps`` shows in place of bubblewrap's name: whose sandbox it is."""
    return f"{_MARK}{launcher}-{proctree.started(launcher) or 0}"


def sweep() -> None:
    """Kill what a killed launcher of this account left behind.

    Bubblewrap's inner half waits for the outer one without end if that dies in the first
    milliseconds of a start. Our marker and the account say whose it is.
    """
    for pid, task in proctree.Table.read().tasks.items():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            own = Path(f"/proc/{pid}").stat().st_uid == os.getuid()
        except OSError:
            continue
        shown = words[0].decode(errors="replace")
        if not own or not shown.startswith(_MARK):
            continue
        launcher = shown.removeprefix(_MARK).partition("-")[0]
        if launcher.isdigit() and shown != mark(int(launcher)):
            proctree.kill(task)


async def readable(fd: int) -> None:
    """Wait until there is something to read, or an end."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(fd, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(fd)
