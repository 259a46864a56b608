"""Ask the launcher: ``Launcher`` (async) for servers, ``SyncLauncher`` for runs.

One connection for each call, so a launcher that was started anew is found again by itself;
a job has one for as long as it lasts, and goes with it. Called by the spawner and by grading.

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
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yanxiu.errors import N_, Refused, YanxiuError
from yanxiu.sandbox.relay import short_path
from yanxiu.settings.limits import Limits

#: For everything but a run, which takes as long as its limits allow.
_PATIENCE_S = 90.0
_LONGEST = 1 << 20

__all__ = [
    "Counts",
    "HomeSizes",
    "Job",
    "Launcher",
    "LauncherGone",
    "LauncherSlow",
    "Limits",
    "RunResult",
    "ServerHandle",
    "ServerState",
    "SyncLauncher",
]


class LauncherGone(YanxiuError):
    """The launcher does not answer: it is not running, or it ended during the call."""


class LauncherSlow(LauncherGone):
    """The launcher is there and did not answer in time; what was asked may still happen."""


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
    """The launcher itself: sandboxes now, what holds limits, whether there is isolation.

    :param own_ids: each sandbox has a user id that nobody else has
    :param not_isolated: what sandboxes do not keep apart here, a sentence each
    """

    sandboxes: int
    limits_by: str
    isolation: bool
    own_ids: bool
    not_isolated: tuple[str, ...]


@dataclass(frozen=True)
class Counts:
    """What the launcher has done since it started, in numbers; nobody's name or id.

    :param running: ``server`` and ``run`` → how many now
    :param requests: (verb, ``ok`` or the refusal's code, how often)
    :param ends: (``server`` or ``run``, outcome, how many)
    """

    running: dict[str, int]
    requests: list[tuple[str, str, int]]
    ends: list[tuple[str, str, int]]


@dataclass(frozen=True)
class HomeSizes:
    """What is new of homes: bytes by person.

    :param run: of the launcher, and ``after``: its last change told here; to be said the next time
    """

    run: str = ""
    after: int = 0
    homes: tuple[tuple[str, int], ...] = ()


Asked = Limits | Mapping[str, Any] | None


def _limits(asked: Asked) -> dict[str, Any] | None:
    return asked.as_json() if isinstance(asked, Limits) else dict(asked) if asked else None


def _server_request(
    person: str, env: Mapping[str, str], asked: Asked, home: str | None = None
) -> dict[str, Any]:
    request = {"do": "start_server", "person": person, "env": dict(env), "limits": _limits(asked)}
    return {**request, **({"home": home} if home else {})}


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


def _gone(error: OSError) -> LauncherGone:
    if isinstance(error, TimeoutError):
        return LauncherSlow(N_("启动器没有及时回答。"))
    return LauncherGone(N_("启动器没有在运行。"))


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

    Every call raises ``Refused`` for what the launcher will not do, ``LauncherSlow`` when it
    takes too long and ``LauncherGone`` when there is none.

    :param path: ``$DATA/run/launcher/launcher.sock``
    """

    def __init__(self, path: Path | str):
        self._path = Path(path)

    async def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            with _address(self._path) as address:
                reader, writer = await asyncio.open_unix_connection(address, limit=_LONGEST)
            try:
                writer.write(_encoded(request))
                line = await asyncio.wait_for(reader.readline(), _PATIENCE_S)
            finally:
                writer.close()
        except OSError as error:
            raise _gone(error) from error
        return _checked(line)

    async def start_server(
        self, person: str, env: Mapping[str, str], limits: Asked = None, home: str | None = None
    ) -> ServerHandle:
        """Start a person's server and return where it will answer; wait for HTTP yourself.

        :param home: ``check`` or ``shrink``, as docs/reference/launcher.md
        """
        return ServerHandle(**await self._ask(_server_request(person, env, limits, home)))

    async def poll(self, handle: str) -> ServerState:
        """Return a server's state."""
        return ServerState(**await self._ask({"do": "poll", "handle": handle}))

    async def stop(self, handle: str, grace_s: float = 5) -> ServerState:
        """End a server; it is gone when this returns."""
        request = {"do": "stop", "handle": handle, "grace_s": grace_s}
        return ServerState(**await self._ask(request))

    async def home_sizes(self, told: HomeSizes) -> HomeSizes:
        """Return what has changed since ``told``; some of it, if it is much."""
        request = {"do": "home_sizes", "run": told.run, "after": told.after}
        answer = await self._ask(request)
        homes = tuple((str(person), int(size)) for person, size in answer["homes"])
        return HomeSizes(answer["run"], answer["after"], homes)

    async def ping(self) -> Status:
        """Return what the launcher is doing."""
        return Status(**await self._ask({"do": "ping"}))


class _Connection:
    """One connection to the launcher, for requests one after another."""

    def __init__(self, path: Path):
        self._sock = socket.socket(socket.AF_UNIX)
        self._sock.settimeout(_PATIENCE_S)
        try:
            with _address(path) as address:
                self._sock.connect(address)
        except OSError as error:
            self._sock.close()
            raise _gone(error) from error
        except BaseException:
            self._sock.close()
            raise
        self._answers = self._sock.makefile("rb")

    def ask(
        self, request: Mapping[str, Any], patience_s: float | None = _PATIENCE_S
    ) -> dict[str, Any]:
        """Send one request and return its answer."""
        try:
            self._sock.settimeout(patience_s)
            self._sock.sendall(_encoded(request))
            line = self._answers.readline(_LONGEST)
        except OSError as error:
            raise _gone(error) from error
        return _checked(line)

    def close(self) -> None:
        """Hang up."""
        self._answers.close()
        self._sock.close()


class Job:
    """An open job: fill ``inbox``, ``run``, read ``outbox``."""

    def __init__(self, connection: _Connection):
        self._connection = connection
        opened = connection.ask({"do": "open_job"})
        self.handle: str = opened["handle"]
        self.inbox = Path(opened["inbox"])
        self.outbox = Path(opened["outbox"])

    def run(self, program: str, limits: Asked = None) -> RunResult:
        """Run ``execute``, ``score`` or ``nbgrade``; the outbox then holds plain files only."""
        request = {"do": "run_job", "handle": self.handle, "program": program}
        return RunResult(**self._connection.ask({**request, "limits": _limits(limits)}, None))


class SyncLauncher:
    """The launcher, for a caller without an event loop; the same errors."""

    def __init__(self, path: Path | str):
        self._path = Path(path)

    def _ask(self, request: Mapping[str, Any], patience_s: float = _PATIENCE_S) -> dict[str, Any]:
        with closing(_Connection(self._path)) as connection:
            return connection.ask(request, patience_s)

    def start_server(
        self, person: str, env: Mapping[str, str], limits: Asked = None, home: str | None = None
    ) -> ServerHandle:
        """Start a person's server and return where it will answer; wait for HTTP yourself."""
        return ServerHandle(**self._ask(_server_request(person, env, limits, home)))

    def poll(self, handle: str) -> ServerState:
        """Return a server's state."""
        return ServerState(**self._ask({"do": "poll", "handle": handle}))

    def stop(self, handle: str, grace_s: float = 5) -> ServerState:
        """End a server or a run; it is gone when this returns."""
        return ServerState(**self._ask({"do": "stop", "handle": handle, "grace_s": grace_s}))

    def ping(self, patience_s: float = _PATIENCE_S) -> Status:
        """Return what the launcher is doing."""
        return Status(**self._ask({"do": "ping"}, patience_s))

    def counts(self, patience_s: float = _PATIENCE_S) -> Counts:
        """Return what it has done since it started."""
        return Counts(**self._ask({"do": "counts"}, patience_s))

    @contextmanager
    def job(self) -> Iterator[Job]:
        """Open a job; afterwards it is gone, and also if this process dies before."""
        with closing(_Connection(self._path)) as connection:
            job = Job(connection)
            try:
                yield job
            finally:
                # Hanging up removes it as well, but later.
                with suppress(LauncherGone, Refused):
                    connection.ask({"do": "close_job", "handle": job.handle})
