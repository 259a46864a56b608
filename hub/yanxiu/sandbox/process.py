"""Start one sandbox and know for certain when the last of its processes is gone.

Knows nothing of servers, runs or limits: it gets a command and gives an exit code.
The launcher must have one thread only: children die with the thread that made them.
Called by ``servers`` and ``jobs``.
"""

import asyncio
import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yanxiu.sandbox import bwrap, host, proctree, seccomp

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_MARK = "yanxiu-sandbox-"


class NotStarted(Exception):
    """Bubblewrap could not make the sandbox; its reason is in the log."""


@dataclass(frozen=True)
class Command:
    """What to start.

    :param inside: the sandbox, or None for a plain process (``--no-isolation``)
    :param plain: program, folder and environment of the plain process
    :param fds: descriptors that it inherits
    :param doors: ``cgroup.procs`` files to enter before anything else
    :param nice: added priority number: the platform's own processes come first
    """

    inside: tuple[bwrap.Host, bwrap.Room] | None
    plain: tuple[Sequence[str], Path, Mapping[str, str]]
    fds: tuple[int, ...] = ()
    doors: tuple[Path, ...] = ()
    nice: int = 5


class Process:
    """A running sandbox, or what is left of it."""

    def __init__(self, child: "subprocess.Popen[bytes]", isolated: bool):
        self._child = child
        self._isolated = isolated
        self._init_pidfd: int | None = None
        self._status: int | None = None
        #: The first process inside, in the launcher's numbers.
        self.root = child.pid
        self.cpu_s = 0.0
        self.exit_code: int | None = None
        self.ended = asyncio.Event()
        self._task = asyncio.ensure_future(self._wait())

    async def _wait(self) -> None:
        pidfd = os.pidfd_open(self._child.pid)
        try:
            await _readable(pidfd)
        finally:
            os.close(pidfd)
        _, status, used = os.wait4(self._child.pid, 0)
        self._child.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_s = used.ru_utime + used.ru_stime
        if self._isolated:
            await self._wait_for_namespace()
        else:
            await self._end_session()
        if self._status is not None:
            os.close(self._status)
        self.exit_code = self._child.returncode
        self.ended.set()

    def adopt(self, root: int, status: int) -> None:
        """Remember the first process of the namespace, and keep bubblewrap's status pipe.

        Bubblewrap writes to it once more at its end, and would die of a closed one.
        """
        self.root = root
        self._status = status
        # Bubblewrap has not waited for it yet, so the number cannot be anyone else's.
        with contextlib.suppress(ProcessLookupError):
            self._init_pidfd = os.pidfd_open(root)

    async def _wait_for_namespace(self) -> None:
        """Bubblewrap's own end is not the end: the namespace's first process must be gone."""
        if self._init_pidfd is None:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._init_pidfd, signal.SIGKILL)
        await _readable(self._init_pidfd)
        os.close(self._init_pidfd)
        self._init_pidfd = None

    async def _end_session(self) -> None:
        while left := proctree.of_session(proctree.snapshot(), self._child.pid):
            for task in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(task.pid, signal.SIGKILL)
            await asyncio.sleep(0.01)

    def kill(self) -> None:
        """End it now."""
        if self.exit_code is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            if self._init_pidfd is not None:
                signal.pidfd_send_signal(self._init_pidfd, signal.SIGKILL)
            elif self._child.returncode is None:
                self._child.kill()

    async def stop(self, grace_s: float) -> None:
        """Ask the program to end, and end it after ``grace_s`` seconds."""
        pid = self._program()
        if pid is not None and grace_s > 0:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), grace_s)
        self.kill()
        await self.ended.wait()

    def _program(self) -> int | None:
        if not self._isolated:
            return self._child.pid
        children = [task for task in proctree.snapshot().values() if task.parent == self.root]
        return min(children, key=lambda task: task.started).pid if children else None


async def start(command: Command, log_fd: int) -> Process:
    """Start a sandbox; its output goes to ``log_fd``.

    :raises NotStarted: bubblewrap refused
    """
    if command.inside is None:
        program, folder, env = command.plain
        return Process(_fork(program, command, command.fds, log_fd, folder, env), False)
    args = bwrap.arguments(*command.inside)
    split = args.index("--")
    status, status_end = os.pipe()
    inherited = [_memory(bwrap.encode(args[:split]))]
    flags = ["--args", str(inherited[0]), "--json-status-fd", str(status_end)]
    filtered = seccomp.program()
    if filtered is not None:
        inherited.append(_memory(filtered))
        flags += ["--seccomp", str(inherited[1])]
    program = [_mark(os.getpid()), *flags, *args[split:]]
    try:
        fds = (*command.fds, *inherited, status_end)
        child = _fork(program, command, fds, log_fd, Path("/"), {})
    except BaseException:
        os.close(status)
        raise
    finally:
        for fd in (*inherited, status_end):
            os.close(fd)
    process = Process(child, True)
    try:
        process.adopt(await _first_pid(status), status)
    except NotStarted:
        os.close(status)
        await process.ended.wait()
        raise
    return process


def _fork(
    program: Sequence[str],
    command: Command,
    fds: tuple[int, ...],
    log_fd: int,
    folder: Path,
    env: Mapping[str, str],
) -> "subprocess.Popen[bytes]":
    launcher = os.getpid()

    def before_exec() -> None:
        for door in command.doors:
            door.write_bytes(b"0")
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != launcher:  # it died before prctl could notice
            os._exit(1)
        os.nice(command.nice)
        # When the machine runs out of memory, sandboxes go before the platform.
        Path("/proc/self/oom_score_adj").write_bytes(b"500")
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return subprocess.Popen(
        program,
        executable=host.bwrap_command() if command.inside else None,
        stdin=subprocess.DEVNULL,
        stdout=log_fd,
        stderr=log_fd,
        cwd=folder,
        env=dict(env),
        pass_fds=fds,
        start_new_session=True,
        preexec_fn=before_exec,  # noqa: PLW1509 - one thread only, see above
    )


def _mark(launcher: int) -> str:
    """Return what ``ps`` shows in place of bubblewrap's name: whose sandbox it is."""
    return f"{_MARK}{launcher}-{proctree.started(launcher) or 0}"


def sweep() -> None:
    """Kill what a killed launcher of this account left behind.

    Bubblewrap's inner half waits for the outer one without end if that dies in the first
    milliseconds of a start. Our marker and the account say whose it is.
    """
    for pid, task in proctree.snapshot().items():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            own = Path(f"/proc/{pid}").stat().st_uid == os.getuid()
        except OSError:
            continue
        mark = words[0].decode(errors="replace")
        if not own or not mark.startswith(_MARK):
            continue
        launcher = mark.removeprefix(_MARK).partition("-")[0]
        if launcher.isdigit() and mark != _mark(int(launcher)):
            proctree.kill(task)


def _memory(content: bytes) -> int:
    fd = os.memfd_create("yanxiu")
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


async def _readable(fd: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(fd, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(fd)


async def _first_pid(status: int) -> int:
    """Read bubblewrap's first status line: the pid of the namespace's first process."""
    said = b""
    os.set_blocking(status, False)
    while b"\n" not in said:
        await _readable(status)
        more = os.read(status, 4096)
        if not more:
            raise NotStarted
        said += more
    return int(json.loads(said.splitlines()[0])["child-pid"])
