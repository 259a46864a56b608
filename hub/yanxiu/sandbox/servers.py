"""Start and stop teachers' servers: a home, two relays inside, one port outside.

Decides what a server sees; ``ground`` starts it, ``watch`` follows it. Called by
``service``.
"""

import asyncio
import contextlib
import logging
import os
import stat
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yanxiu.errors import N_, Invalid
from yanxiu.names import is_person_id
from yanxiu.sandbox import environment, files, ground, relay, watch
from yanxiu.sandbox.bwrap import Bind
from yanxiu.sandbox.limits import SERVER, Limits, limits_from

log = logging.getLogger("yanxiu.sandbox")

#: Connections at once: of one server to the hub and to records, and of browsers to it.
OUTWARD, INWARD = 64, 512
#: Ended servers that ``poll`` still knows.
_REMEMBERED = 2000
HOME = "/home/teacher"


@dataclass
class Server:
    """One teacher's server."""

    person: str
    watch: watch.Watch
    relays: list[relay.Relay]
    folder: Path
    folder_fd: int
    following: "asyncio.Task[None] | None" = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Servers:
    """All servers of one launcher.

    :param hub: host and port of the hub's API
    :param records: host and port of the records service
    """

    def __init__(self, on: ground.Ground, hub: tuple[str, int], records: tuple[str, int]):
        self._on = on
        self._targets = {"hub": hub, "records": records}
        self._running: dict[str, Server] = {}
        self._ended: OrderedDict[str, watch.End] = OrderedDict()
        self._one_start = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._running)

    async def start(self, person: object, env: object, asked: object) -> dict[str, Any]:
        """Start the server of ``person``; one that is running is ended first.

        :raises Invalid: not a person's id, or unusable environment or limits
        :raises process.NotStarted: bubblewrap refused
        """
        if not isinstance(person, str) or not is_person_id(person):
            raise Invalid("launcher.person", N_("person 不是人员编号。"))
        chosen = limits_from(asked, SERVER)
        given = environment.from_caller(env if env is not None else {})
        async with self._one_start:  # two starts of one person must not both find none
            for handle, old in list(self._running.items()):
                if old.person == person:
                    await self.stop(handle, 0)
            return await self._start(person, given, chosen)

    async def _start(self, person: str, given: dict[str, str], chosen: Limits) -> dict[str, Any]:
        handle = ground.new_handle()
        home = self._home(person)
        folder = ground.make_folder(self._on.run / "sandboxes" / handle)
        folder_fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        relays: list[relay.Relay] = []
        try:
            outside = await self._inward(folder_fd, relays)
            with relay.listen_unix(folder_fd, "serve.sock") as inside:
                ports = await self._outward(folder, relays)
                env_of_it = {
                    **given,
                    "YANXIU_PORT": str(outside),
                    "YANXIU_RELAYS": ",".join(ports),
                    "JUPYTERHUB_DISABLE_USER_CONFIG": "1",
                }
                binds = (Bind(home, HOME, True), Bind(folder / "relay", "/run/relay"))
                order = ground.Order(
                    program="server",
                    limits=chosen,
                    is_run=False,
                    env=env_of_it,
                    binds=binds if ports else binds[:1],
                    plain={"YANXIU_RELAYS": ""},
                    folder=watch.home(home),
                    log=ground.make_folder(self._on.data / "log" / "servers") / f"{person}.log",
                    home=(HOME, home),
                    listener=inside.fileno(),
                )
                watched = await ground.start(self._on, handle, order)
        except BaseException:
            self._let_go(relays, folder_fd, folder)
            raise
        server = Server(person, watched, relays, folder, folder_fd)
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

    async def stop(self, handle: str, grace_s: float) -> dict[str, Any]:
        """End a server and return its state; it is gone when this returns."""
        server = self._running.get(handle)
        if server:
            await server.watch.stop(grace_s)
            await server.done.wait()
        return self.poll(handle)

    async def stop_all(self) -> None:
        """End every server."""
        await asyncio.gather(*(self.stop(handle, 0) for handle in list(self._running)))

    def _home(self, person: str) -> Path:
        home = ground.make_folder(self._on.data / "homes") / person
        with contextlib.suppress(FileExistsError):
            home.mkdir(mode=0o700)
        if not stat.S_ISDIR(home.lstat().st_mode):
            raise Invalid("launcher.home", N_("这位人员的个人目录不是一个文件夹。"))
        return home

    async def _inward(self, folder_fd: int, relays: list[relay.Relay]) -> int:
        """Take a port for browsers (the hub's proxy) to come in by.

        The port's socket stays out here. Inside, it would be a way out: a listening TCP
        socket can be shut down and connected anew, in the network it was made in.
        """
        carried = relay.Relay(relay.to_unix(relay.short_path(folder_fd, "serve.sock")), INWARD)
        relays.append(carried)
        listener = relay.listen_tcp()
        port = int(listener.getsockname()[1])
        await carried.listen(listener)
        return port

    async def _outward(self, folder: Path, relays: list[relay.Relay]) -> list[str]:
        """Make the sockets to the hub and to records; return what leads where."""
        if not self._on.isolated:
            return []  # without its own network it reaches both directly
        inner = ground.make_folder(folder / "relay")
        handle = os.open(inner, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        ports = []
        try:
            for name, (host, port) in self._targets.items():
                carried = relay.Relay(relay.to_tcp(host, port), OUTWARD)
                relays.append(carried)
                await carried.listen(relay.listen_unix(handle, f"{name}.sock"))
                ports.append(f"{port}=/run/relay/{name}.sock")
        finally:
            os.close(handle)
        return ports

    async def _follow(self, handle: str, server: Server) -> None:
        server.watch.neighbours = self.__len__
        end = await server.watch.follow()
        self._let_go(server.relays, server.folder_fd, server.folder)
        self._running.pop(handle, None)
        self._ended[handle] = end
        while len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)
        log.info("server %s ended: %s (%d)", handle[:8], end.outcome, end.exit_code)
        server.done.set()

    def _let_go(self, relays: list[relay.Relay], folder_fd: int, folder: Path) -> None:
        for carried in relays:
            carried.close()
        os.close(folder_fd)
        files.remove(folder)
