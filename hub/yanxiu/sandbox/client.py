"""Ask the launcher for servers and runs: ``Launcher`` (async) and ``SyncLauncher``.

One connection for each call; nothing is kept, so a launcher that was started anew is
found again by itself. Called by the spawner and by grading.

>>> launcher = Launcher(data / "run/launcher/launcher.sock")           # doctest: +SKIP
>>> server = await launcher.start_server("u…", env, Limits(...))       # doctest: +SKIP
>>> with SyncLauncher(path).job() as job:                              # doctest: +SKIP
...     fill(job.inbox); result = job.run("execute")
"""

import asyncio
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yanxiu.errors import N_, Refused, YanxiuError
from yanxiu.sandbox.relay import short_path
from yanxiu.settings.limits import Limits

#: For everything but ``run_job``, which takes as long as its limits allow.
_PATIENCE_S = 90.0
_LONGEST = 1 << 20

__all__ = [
    "Job",
    "Launcher",
    "LauncherGone",
    "Limits",
    "RunResult",
    "ServerHandle",
    "ServerState",
    "SyncLauncher",
]


class LauncherGone(YanxiuError):
    """The launcher does not answer: it is not running, or it ended during the call."""


@dataclass(frozen=True)
class ServerHandle:
    """A started server: its name, and where it will answer HTTP."""

    handle: str
    host: str
    port: int


@dataclass(frozen=True)
class ServerState:
    """``state`` is running, ended or unknown; outcome and exit code only when ended."""

    state: str
    outcome: str | None = None
    exit_code: int | None = None


@dataclass(frozen=True)
class RunResult:
    """How a run ended; ``outcome`` as in docs/reference/launcher.md."""

    outcome: str
    exit_code: int
    wall_s: float
    cpu_s: float
    peak_bytes: int


@dataclass(frozen=True)
class Status:
    """The launcher itself: sandboxes now, what holds limits, whether there is isolation."""

    sandboxes: int
    limits_by: str
    isolation: bool


Asked = Limits | Mapping[str, Any] | None


def _limits(asked: Asked) -> dict[str, Any] | None:
    return asked.as_json() if isinstance(asked, Limits) else dict(asked) if asked else None


def _server_request(person: str, env: Mapping[str, str], asked: Asked) -> dict[str, Any]:
    return {"do": "start_server", "person": person, "env": dict(env), "limits": _limits(asked)}


def _run_request(handle: str, program: str, asked: Asked) -> dict[str, Any]:
    return {"do": "run_job", "handle": handle, "program": program, "limits": _limits(asked)}


def _checked(line: bytes) -> dict[str, Any]:
    if not line.endswith(b"\n"):
        raise LauncherGone("no answer")
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        # Its text is already filled in: braces in it are not ours to fill again.
        text = str(answer["message"]).replace("{", "{{").replace("}", "}}")
        raise Refused(answer["error"], text, status=400)
    return answer


def _encoded(request: Mapping[str, Any]) -> bytes:
    return json.dumps(request).encode() + b"\n"


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """Give an address for the socket; a path of any length is reached by its folder."""
    try:
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise LauncherGone(N_("启动器没有在运行。")) from error
    try:
        yield short_path(folder, path.name)
    finally:
        os.close(folder)


class Launcher:
    """The launcher, for a caller with an event loop.

    Every call raises ``Refused`` for what the launcher will not do and ``LauncherGone``
    when it does not answer.

    :param path: ``$DATA/run/launcher/launcher.sock``
    """

    def __init__(self, path: Path | str):
        self._path = Path(path)

    async def _ask(
        self, request: Mapping[str, Any], patience_s: float | None = _PATIENCE_S
    ) -> dict[str, Any]:
        try:
            with _address(self._path) as address:
                reader, writer = await asyncio.open_unix_connection(address, limit=_LONGEST)
            try:
                writer.write(_encoded(request))
                line = await asyncio.wait_for(reader.readline(), patience_s)
            finally:
                writer.close()
        except OSError as error:
            raise LauncherGone(N_("启动器没有在运行。")) from error
        return _checked(line)

    async def start_server(
        self, person: str, env: Mapping[str, str], limits: Asked = None
    ) -> ServerHandle:
        """Start a person's server and return where it will answer; wait for HTTP yourself."""
        return ServerHandle(**await self._ask(_server_request(person, env, limits)))

    async def poll(self, handle: str) -> ServerState:
        """Return a server's state."""
        return ServerState(**await self._ask({"do": "poll", "handle": handle}))

    async def stop(self, handle: str, grace_s: float = 5) -> ServerState:
        """End a server or a run; it is gone when this returns."""
        request = {"do": "stop", "handle": handle, "grace_s": grace_s}
        return ServerState(**await self._ask(request))

    async def open_job(self) -> "OpenJob":
        """Make a job and return its handle and folders."""
        return OpenJob(**await self._ask({"do": "open_job"}))

    async def run_job(self, handle: str, program: str, limits: Asked = None) -> RunResult:
        """Run ``execute`` or ``score`` in a job; going away ends the run."""
        return RunResult(**await self._ask(_run_request(handle, program, limits), None))

    async def close_job(self, handle: str) -> None:
        """Remove a job and its folders."""
        await self._ask({"do": "close_job", "handle": handle})

    async def ping(self) -> Status:
        """Return what the launcher is doing."""
        return Status(**await self._ask({"do": "ping"}))


@dataclass(frozen=True)
class OpenJob:
    """A job's handle and folders."""

    handle: str
    inbox: Path
    outbox: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "inbox", Path(self.inbox))
        object.__setattr__(self, "outbox", Path(self.outbox))


class Job:
    """An open job of a ``SyncLauncher``: fill ``inbox``, ``run``, read ``outbox``."""

    def __init__(self, launcher: "SyncLauncher", opened: OpenJob):
        self._launcher = launcher
        self.handle = opened.handle
        self.inbox = opened.inbox
        self.outbox = opened.outbox

    def run(self, program: str, limits: Asked = None) -> RunResult:
        """Run ``execute`` or ``score``; the outbox then holds plain files only."""
        return self._launcher.run_job(self.handle, program, limits)


class SyncLauncher:
    """The launcher, for a caller without an event loop; the same calls and errors."""

    def __init__(self, path: Path | str):
        self._path = Path(path)

    def _ask(
        self, request: Mapping[str, Any], patience_s: float | None = _PATIENCE_S
    ) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(patience_s)
                with _address(self._path) as address:
                    sock.connect(address)
                sock.sendall(_encoded(request))
                with sock.makefile("rb") as answers:
                    line = answers.readline(_LONGEST)
        except OSError as error:
            raise LauncherGone(N_("启动器没有在运行。")) from error
        return _checked(line)

    def start_server(
        self, person: str, env: Mapping[str, str], limits: Asked = None
    ) -> ServerHandle:
        """Start a person's server and return where it will answer; wait for HTTP yourself."""
        return ServerHandle(**self._ask(_server_request(person, env, limits)))

    def poll(self, handle: str) -> ServerState:
        """Return a server's state."""
        return ServerState(**self._ask({"do": "poll", "handle": handle}))

    def stop(self, handle: str, grace_s: float = 5) -> ServerState:
        """End a server or a run; it is gone when this returns."""
        return ServerState(**self._ask({"do": "stop", "handle": handle, "grace_s": grace_s}))

    def open_job(self) -> OpenJob:
        """Make a job and return its handle and folders."""
        return OpenJob(**self._ask({"do": "open_job"}))

    def run_job(self, handle: str, program: str, limits: Asked = None) -> RunResult:
        """Run ``execute`` or ``score`` in a job; going away ends the run."""
        return RunResult(**self._ask(_run_request(handle, program, limits), None))

    def close_job(self, handle: str) -> None:
        """Remove a job and its folders."""
        self._ask({"do": "close_job", "handle": handle})

    def ping(self) -> Status:
        """Return what the launcher is doing."""
        return Status(**self._ask({"do": "ping"}))

    @contextmanager
    def job(self) -> Iterator[Job]:
        """Open a job and remove it afterwards."""
        opened = self.open_job()
        try:
            yield Job(self, opened)
        finally:
            self.close_job(opened.handle)
