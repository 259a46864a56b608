"""A sandbox: namespaces that hold nothing, until programs enter them.

Decides nothing about what runs inside, nor for how long: ``runtime`` makes sandboxes,
``lifetime`` ends them. ``Plain`` is the same for a launcher without isolation.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
from collections.abc import Mapping
from typing import NoReturn

from yanxiu.sandbox import bwrap, enter, host, landlock, namespace, process, proctree, seccomp
from yanxiu.sandbox.cgroups import Group
from yanxiu.sandbox.process import Child
from yanxiu.sandbox.spec import ProgramSpec, SandboxSpec

log = logging.getLogger("yanxiu.sandbox")

#: A start takes tens of milliseconds; what takes so long does not come any more.
START_S = 20.0
#: A killed process is gone at once, unless the kernel cannot end it (a disk that does not
#: answer): then nobody waits for it any longer, and it runs no instruction of its own.
STUCK_S = 10.0
#: The first process of a sandbox: says that all is made, and then only is there. It takes no
#: orphan's end as news, so that the kernel forgets them; nothing inside can kill it.
#: It waits for the end of a pipe that the launcher holds open and never writes to: a launcher
#: that is killed takes its sandboxes along, also where the signal that the kernel sends for
#: a dead parent is lost on the way past bubblewrap.
_READY, _HELD, _USERS = 9, 8, 7
_FIRST = (
    f"echo >&{_READY}; exec {_READY}>&-; exec env --ignore-signal=CHLD cat <&{_HELD} {_HELD}<&-"
)
FIRST = ("/bin/sh", "-c", _FIRST)


class NotStarted(Exception):
    """The sandbox or a program in it could not be made; the reason is in its log."""


class Sandbox:
    """A sandbox that exists. Programs come and go; it stays until ``kill``.

    :param root: pid of its first process, in our numbers
    :param group: its control group, if there are any
    """

    isolated = True

    def __init__(self, outer: Child, root: int, group: Group | None, spec: SandboxSpec):
        self.root = root
        self.group = group
        self.spec = spec
        self.programs: list[Child] = []
        self.ended = asyncio.Event()
        self._outer = outer
        # Bubblewrap has not waited for it yet, so the number cannot be anyone else's.
        self._pidfd = os.pidfd_open(root)
        asyncio.get_running_loop().add_reader(self._pidfd, self._over)

    def _over(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        self.ended.set()
        os.close(self._pidfd)

    async def enter(
        self, spec: ProgramSpec, log_fd: int, rlimits: Mapping[str, int], nice: int = 5
    ) -> Child:
        """Start a program in it, and return it when it runs.

        :param log_fd: for what it prints
        :raises NotStarted: it could not enter
        """
        entry = enter.Entry(
            sandbox=self._entrance(),
            doors=tuple(self.group.doors()) if self.group else (),
            rlimits=rlimits,
            seccomp=self._filter() if self.isolated else None,
            descriptors={1: log_fd, 2: log_fd, **spec.descriptors},
            folder=spec.folder,
            nice=nice,
            user=None if self.spec.user is None else bwrap.UID,
            tmpfs=self.spec.tmpfs if self.isolated else (),
            may_grow=self.spec.may_grow if self.isolated and landlock.version() else None,
        )
        with process.starting():
            program = await _entered(entry, spec)
        self.programs.append(program)
        return program

    def _filter(self) -> bytes | None:
        return seccomp.program(counted=self.group is not None)

    def open(self, path: str) -> int:
        """Return a descriptor of a folder inside that is memory; it outlives the sandbox.

        :param path: a mount point on a read-only root, so nobody inside can exchange it
        :raises OSError: the sandbox has ended
        """
        return os.open(f"/proc/{self.root}/root{path}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def _entrance(self) -> int | None:
        if self.ended.is_set():
            raise NotStarted
        return self._pidfd

    def kill(self) -> None:
        """End everything in it now: the kernel ends a pid namespace with its first process."""
        if not self.ended.is_set():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    async def gone(self) -> bool:
        """End it, wait for the last of its processes; say if one is still there after a while."""
        self.kill()
        if not await process.within(self.ended.wait(), STUCK_S):
            log.error("a killed sandbox (first process %d) does not end", self.root)
            return False
        await self._outer.gone_within(STUCK_S)
        return True


class Plain(Sandbox):
    """Not a sandbox: the programs that would share one, each the head of a session."""

    isolated = False

    def __init__(self, group: Group | None, spec: SandboxSpec):
        self.root = 0
        self.group = group
        self.spec = spec
        self.programs = []
        self.ended = asyncio.Event()

    def _entrance(self) -> int | None:
        return None

    def kill(self) -> None:
        """Kill the sessions of its programs."""
        table = proctree.Table.read()
        for program in self.programs:
            for task in table.session(program.pid):
                proctree.kill(task)

    async def gone(self) -> bool:
        """Kill what is left until nothing is."""
        try:
            async with asyncio.timeout(STUCK_S):
                while self._left():
                    self.kill()
                    await asyncio.sleep(0.01)
        except TimeoutError:
            return False
        self.ended.set()
        return True

    def _left(self) -> bool:
        process.reap_orphans()
        table = proctree.Table.read()
        return any(table.session(program.pid) for program in self.programs)


async def make(seen: bwrap.Host, spec: SandboxSpec, group: Group | None, log_fd: int) -> Sandbox:
    """Make a sandbox with nothing in it.

    :raises NotStarted: bubblewrap or the kernel refused
    """
    try:
        users = await namespace.make(spec.user, log_fd)
    except namespace.Refused:
        raise NotStarted from None
    args = bwrap.arguments(seen, spec, FIRST, _USERS)
    split = args.index("--")
    status, status_end = os.pipe()
    ready, ready_end = os.pipe()
    held, held_end = os.pipe()
    files = [_memory(bwrap.encode(args[:split]))]
    flags = ["--args", "3", "--json-status-fd", "4"]
    numbers = {1: log_fd, 2: log_fd, 3: files[0], 4: status_end, _READY: ready_end, _HELD: held}
    numbers[_USERS] = users
    if filtered := seccomp.program():
        files.append(_memory(filtered))
        flags += ["--seccomp", "5"]
        numbers[5] = files[1]
    try:
        outer = process.spawn(
            [process.mark(os.getpid()), *flags, *args[split:]],
            numbers,
            {"PATH": "/usr/bin:/bin"},
            executable=host.bwrap_command(),
            # Not into the control group: its first process takes nothing, and each entry
            # costs the kernel milliseconds. Programs enter it.
            before=lambda: enter.begin((), 5),
        )
    finally:
        for fd in (*files, users, status_end, ready_end, held):
            os.close(fd)
    try:
        async with asyncio.timeout(START_S):
            root = await _first_pid(status)
            await process.readable(ready)
            if not os.read(ready, 1):
                raise NotStarted
        return Sandbox(outer, root, group, spec)
    except (TimeoutError, NotStarted):
        outer.send(signal.SIGKILL)
        await outer.gone_within(STUCK_S)
        raise NotStarted from None
    finally:
        os.close(ready)
        outer.keep(status)
        outer.keep(held_end)


async def _entered(entry: enter.Entry, spec: ProgramSpec) -> Child:
    def become() -> NoReturn:
        os.execve(spec.argv[0], list(spec.argv), dict(spec.env))  # noqa: S606

    under_way = enter.fork(entry, become)
    middle = Child(under_way.middle)
    try:
        async with asyncio.timeout(START_S):
            await process.readable(under_way.report)
            said = os.read(under_way.report, 32)
            await middle.ended.wait()
        if not said:
            raise NotStarted
        program = Child(int(said))
        with contextlib.suppress(BrokenPipeError):  # it has ended; its exit code will tell
            os.write(under_way.go, b"!")
        return program
    except TimeoutError:
        middle.send(signal.SIGKILL)
        raise NotStarted from None
    finally:
        os.close(under_way.report)
        os.close(under_way.go)


async def _first_pid(status: int) -> int:
    """Read bubblewrap's first status line: the pid of the namespace's first process."""
    said = b""
    os.set_blocking(status, False)
    while b"\n" not in said or b"}" not in said:
        await process.readable(status)
        more = os.read(status, 4096)
        if not more:
            raise NotStarted
        said += more
    return int(json.loads(said[: said.index(b"}") + 1])["child-pid"])


def _memory(content: bytes) -> int:
    fd = os.memfd_create("yanxiu")
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
