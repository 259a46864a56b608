"""Start and stop teachers' servers: a home, two relays inside, one port outside.

Decides what a server sees; ``runtime`` starts it, ``lifetime`` follows it. Called by
``service``.
"""

import asyncio
import contextlib
import logging
import os
import stat
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from yanxiu.errors import N_, Invalid
from yanxiu.names import is_person_id
from yanxiu.sandbox import environment, files, landlock, process, relay
from yanxiu.sandbox.full_homes import measured
from yanxiu.sandbox.lifetime import End, Lifetime
from yanxiu.sandbox.limits import limits_from
from yanxiu.sandbox.relays import Way
from yanxiu.sandbox.runtime import LISTENER, Runtime, make_folder, new_handle
from yanxiu.sandbox.spec import Bind, SandboxSpec
from yanxiu.settings.limits import SERVER, Limits

log = logging.getLogger("yanxiu.sandbox")

#: Connections at once: of one server to the hub and to records, and of browsers to it.
OUTWARD, INWARD = 64, 512
#: Ended servers that ``poll`` still knows.
_REMEMBERED = 2000
HOME = "/home/teacher"
#: What a caller may know of a home: it is probably over its own limit, and is measured before the
#: start; or, whatever is in it, it must not grow, because those of a whole school may not.
CHECK, SHRINK = HOMES = ("check", "shrink")
#: Where a server accepts, in its sandbox's folder outside.
SERVE = "serve.sock"


@dataclass
class Server:
    """One teacher's server."""

    person: str
    lifetime: Lifetime
    ways: "Ways"
    following: "asyncio.Task[None] | None" = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Servers:
    """All servers of one launcher.

    :param hub: host and port of the hub's API
    :param records: host and port of the records service
    """

    def __init__(self, on: Runtime, hub: tuple[str, int], records: tuple[str, int]):
        self._on = on
        self._targets = {"hub": hub, "records": records}
        self._running: dict[str, Server] = {}
        self._starting = 0
        self._ended: OrderedDict[str, End] = OrderedDict()
        self._one_start: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        """Return how many there are now; one is from the moment it is asked for."""
        return len(self._running) + self._starting

    async def start(
        self, person: object, env: object, asked: object, home: object = None
    ) -> dict[str, Any]:
        """Start the server of ``person``; one that is running is ended first.

        :param home: what is known of the person's home: ``HOMES``; None: nothing
        :raises Invalid: not a person's id, or unusable environment or limits
        :raises sandbox.NotStarted: the machine refused
        """
        if not isinstance(person, str) or not is_person_id(person):
            raise Invalid("launcher.person", N_("person 不是人员编号。"))
        chosen = limits_from(asked, SERVER)
        given = environment.from_caller(env if env is not None else {})
        if home is not None and home not in HOMES:
            raise Invalid(
                "launcher.home_rule", N_("home 应是 {known} 之一。"), known=", ".join(HOMES)
            )
        # Two starts of one person must not both find none; another person's is no concern.
        lock = self._one_start.setdefault(person, asyncio.Lock())
        async with lock:
            for handle, old in list(self._running.items()):
                if old.person == person:
                    await self.stop(handle, 0)
            self._starting += 1
            try:
                return await self._start(person, given, chosen, home)
            finally:
                self._starting -= 1

    async def _start(
        self, person: str, given: dict[str, str], chosen: Limits, rule: object
    ) -> dict[str, Any]:
        handle = new_handle()
        home = self._home(person)
        user = await self._owned(home)
        if rule == CHECK:
            self._on.full_homes.note(person)
        over, why = await self._on.full_homes.look(person, home, chosen), "home"
        if over is None and rule == SHRINK:
            over, why = await measured(home), "school"
        if over is None and self._on.full_homes.on_full_disk(home):
            over, why = await measured(home), "disk"
        if over and over.size == files.UNMEASURABLE and not landlock.version():
            over = None  # nothing would hold it: the sampler ends it
        ways = Ways(self._on, make_folder(self._on.folder / "sandboxes" / handle))
        try:
            outside = ways.inward()
            ports = ways.outward(self._targets) if self._on.isolated else []
            binds = (Bind(home, HOME, True), Bind(ways.folder / "relay", "/run/relay"))
            spec = SandboxSpec(
                limits=chosen,
                is_run=False,
                folder=home,
                binds=binds if ports else binds[:1],
                over=over,
                user=user,
            )
            with relay.listen_unix(ways.folder_fd, SERVE) as inside:
                program = self._on.program(
                    "server",
                    spec,
                    home=(HOME, home),
                    env={
                        **given,
                        **(environment.of_full_home("/tmp", why) if over else {}),  # noqa: S108
                        "YANXIU_PORT": str(outside),
                        "YANXIU_RELAYS": ",".join(ports),
                        "YANXIU_LISTEN_FD": str(LISTENER),
                        "JUPYTERHUB_DISABLE_USER_CONFIG": "1",
                    },
                    plain={},
                    listener=inside.fileno(),
                )
                log_file = make_folder(self._on.data / "log" / "servers") / f"{person}.log"
                lifetime = await self._on.start(handle, spec, program, log_file)
        except BaseException:
            ways.close()
            raise
        server = Server(person, lifetime, ways)
        self._running[handle] = server
        server.following = asyncio.ensure_future(self._follow(handle, server))
        return {"handle": handle, "host": "127.0.0.1", "port": outside}

    def poll(self, handle: str) -> dict[str, Any]:
        """Return a server's state."""
        if handle in self._running:
            return {"state": "running"}
        end = self._ended.get(handle)
        if end is None:
            return {"state": "unknown"}
        return {"state": "ended", "outcome": end.outcome, "exit_code": end.exit_code}

    def home_sizes(self, run: object, after: object) -> dict[str, Any]:
        """Return what is new of the sizes of homes: see ``HomeSizes.news``."""
        for server in self._running.values():
            if server.lifetime.home_size is not None:
                self._on.home_sizes.note(server.person, server.lifetime.home_size)
        return self._on.home_sizes.news(run, after)

    async def stop(self, handle: str, grace_s: float) -> dict[str, Any]:
        """End a server and return its state; it is gone when this returns."""
        server = self._running.get(handle)
        if server:
            await server.lifetime.stop(grace_s)
            await server.done.wait()
        return self.poll(handle)

    async def stop_all(self) -> None:
        """End every server."""
        await asyncio.gather(*(self.stop(handle, 0) for handle in list(self._running)))

    def _home(self, person: str) -> Path:
        home = make_folder(self._on.homes) / person
        with contextlib.suppress(FileExistsError):
            home.mkdir(mode=0o700)
        if not stat.S_ISDIR(home.lstat().st_mode):
            raise Invalid("launcher.home", N_("这位人员的个人目录不是一个文件夹。"))
        return home

    async def _owned(self, home: Path) -> int | None:
        """Return whose a home is, which it is from now on: everything in it.

        A home of another time, or of another machine, is carried over to an id of its own. That
        takes as long as there are files, and nobody else waits for it.

        :raises OSError: it could not be carried over, and stays with whom it was
        """
        user = self._on.ids.of_home(home)
        owner = os.getuid() if user is None else user
        if home.lstat().st_uid != owner:
            log.info("a home is being carried over to another user id")
            await process.apart(lambda: files.give(home, owner))
        return user

    async def _follow(self, handle: str, server: Server) -> None:
        try:
            end = await server.lifetime.follow()
            self._ended[handle] = end
            self._on.ends["server", end.outcome] += 1
            self._on.home_sizes.changed(server.person)
            if end.outcome == "disk":
                self._on.full_homes.note(server.person)
            while len(self._ended) > _REMEMBERED:
                self._ended.popitem(last=False)
            log.info("server %s ended: %s (%d)", handle[:8], end.outcome, end.exit_code)
        except Exception:
            log.exception("server %s was lost sight of", handle[:8])
        finally:
            # Whatever went wrong: its person can start another one.
            self._running.pop(handle, None)
            server.done.set()
            server.ways.close()


class Ways:
    """The ways into and out of one server's sandbox.

    :param folder: of this sandbox alone; gone after ``close``
    """

    def __init__(self, on: Runtime, folder: Path):
        self.folder = folder
        self.folder_fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._on = on
        self._open: list[Way] = []

    def inward(self) -> int:
        """Take a port for browsers (the hub's proxy) to come in by.

        The port's socket stays out here. Inside, it would be a way out: a listening TCP
        socket can be shut down and connected anew, in the network it was made in.
        """
        listener = relay.listen_tcp()
        self._open.append(self._on.relays.to_unix(listener, self.folder_fd, SERVE, INWARD))
        return int(listener.getsockname()[1])

    def outward(self, targets: Mapping[str, tuple[str, int]]) -> list[str]:
        """Make the sockets to the hub and to records; return what leads where."""
        inner = make_folder(self.folder / "relay")
        # For the sandbox's own user id; nobody else comes through the folder above.
        inner.chmod(0o755)
        handle = os.open(inner, os.O_RDONLY | os.O_DIRECTORY)
        ports = []
        try:
            for name, (host, port) in targets.items():
                listener = relay.listen_unix(handle, f"{name}.sock", 0o666)
                self._open.append(self._on.relays.to_tcp(listener, host, port, OUTWARD))
                ports.append(f"{port}=/run/relay/{name}.sock")
        finally:
            os.close(handle)
        return ports

    def close(self) -> None:
        """Close all of them."""
        for way in self._open:
            self._on.relays.close(way)
        os.close(self.folder_fd)
        self._on.trash.throw(self.folder)
