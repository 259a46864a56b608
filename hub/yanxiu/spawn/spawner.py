"""A hub spawner that asks the sandbox launcher for *a server for this person*.

How a process is started here, and nothing else: who may start, how much they may use and when
a server is idle are the same for every spawner (``hooks``, ``culler``). No command line, no pid,
no path. What it keeps across a restart of the hub is the launcher's handle. A refusal is a
``SpawnException`` (``refusal``).
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from jupyterhub.spawner import Spawner
from jupyterhub.traitlets import ByteSpecification
from jupyterhub.utils import wait_for_http_server
from traitlets import Integer, Unicode

from yanxiu.errors import N_, Refused
from yanxiu.sandbox.client import Launcher, LauncherGone, LauncherSlow, ServerHandle

from .environment import allowed
from .refusal import refuse
from .starts import Crowded, Starts, at_once

AWAY = N_("服务器的沙箱启动器正在恢复，请过几秒再打开 Jupyter。您的文件不受影响。")
FAILED = N_("您的 Jupyter 没有启动成功。您的文件不受影响，请再试一次；仍不行请联系管理员。")
CROWDED = N_("现在有很多老师同时打开 Jupyter，请过半分钟再试。您的文件不受影响。")
IN_TURN = N_("正在排队启动，前面还有几位老师，请不要关闭本页……")
PREPARING = N_("正在准备您的个人文件夹……")
STARTING = N_("正在启动 Jupyter……")
ALMOST = N_("马上就好……")

STOP_GRACE_S = 5
#: How long a launcher that is there may fail to end a server, and the pause between two tries.
STOP_PATIENCE_S = 300.0
STOP_PAUSE_S = 2.0
#: How long a server has from its turn on until it answers, and how often one asks whether it lives.
ANSWER_S = 120.0
LOOK_S = 1.0
#: Of one hub's process, whose spawners share its loop.
_starts: WeakKeyDictionary[asyncio.AbstractEventLoop, Starts] = WeakKeyDictionary()
MB = 1 << 20


class LauncherSpawner(Spawner):
    """One teacher's server in one sandbox."""

    launcher_socket = Unicode(config=True, help="Unix socket of the sandbox launcher")
    pids_limit = Integer(
        None, allow_none=True, config=True, help="Most processes and threads of one server"
    )
    disk_limit = ByteSpecification(
        None, allow_none=True, config=True, help="Most bytes in one person's home"
    )
    files_limit = Integer(
        None, allow_none=True, config=True, help="Most files and folders in one person's home"
    )

    home_rule = Unicode(
        "", config=True, help="What is known of the person's home: the launcher's ``home``"
    )
    starts_at_once = Integer(
        at_once(), min=1, config=True, help="Servers that start at the same time; others wait"
    )

    handle: str = ""
    #: Whether the start may be tried again in a moment, and its place is kept for that (``desk``).
    sent_away = False
    _has_turn = False

    async def start(self) -> tuple[str, int]:
        """Wait for a turn, ask for the server, and keep the turn until it answers.

        :returns: where it listens
        """
        self._has_turn = self.sent_away = False
        try:
            async with self._line().turn():
                self._has_turn = True
                started = await self._ask_for_server()
                await self._answers(started)
        except Crowded as crowded:
            self.sent_away = True
            raise refuse(CROWDED, "start.crowded", 429) from crowded
        return started.host, started.port

    async def _ask_for_server(self) -> ServerHandle:
        try:
            started = await self._launcher().start_server(
                person=self.user.name,
                env=allowed(self.get_env()),
                limits=self._limits(),
                home=self.home_rule or None,
            )
        except Refused as refused:
            # Its sentence is for operators: what it will not do is never the teacher's doing.
            raise refuse(FAILED, refused.code, 409) from refused
        except LauncherGone as gone:
            self.sent_away = True
            raise refuse(AWAY, "launcher.gone", 409) from gone
        self._keep(started)
        return started

    def _keep(self, started: ServerHandle) -> None:
        """Write down where the server is before anybody waits for it.

        The hub does so when a start is over: one that was killed before that would know nothing
        of the server, which takes no place then and is ended by nobody.
        """
        self.handle = started.handle
        if self.orm_spawner is None or self.server is None:
            return
        self.server.ip, self.server.port = started.host, started.port
        self.orm_spawner.state = self.get_state()
        self.db.commit()

    async def _answers(self, started: ServerHandle) -> None:
        """Wait until the server answers, or has ended; the hub then looks once more itself."""
        path = self.server.base_url if self.server else "/"
        url = f"http://{started.host}:{started.port}{path}"
        answer = asyncio.ensure_future(wait_for_http_server(url, timeout=ANSWER_S))
        try:
            while not answer.done():
                await asyncio.wait({answer}, timeout=LOOK_S)
                if not answer.done() and await self.poll() is not None:
                    raise refuse(FAILED, "server.ended", 409)
            if answer.exception():
                raise refuse(FAILED, "server.silent", 409) from answer.exception()
        finally:
            answer.cancel()

    def _line(self) -> Starts:
        loop = asyncio.get_running_loop()
        if loop not in _starts:
            _starts[loop] = Starts(self.starts_at_once)
        return _starts[loop]

    async def poll(self) -> int | None:
        """Return None while the server runs, else its exit code."""
        if not self.handle:
            return 0
        try:
            state = await self._launcher().poll(self.handle)
        except LauncherGone:
            # It is back within seconds, and then knows no server: the next poll will tell.
            return None
        except Refused as refused:
            self.log.warning("The launcher cannot say how a server is: %s", refused.code)
            return None
        if state.state == "running":
            return None
        self.clear_state()
        return state.exit_code or 0

    async def stop(self, now: bool = False) -> None:
        """End the server; done when it has ended.

        The hub forgets the server after this, whatever happens: so a launcher that is there
        is asked again until it has done it.

        :raises Refused, LauncherSlow: it would or could not for ``STOP_PATIENCE_S``; the person's
            next start, or the launcher's, ends the server
        """
        if not self.handle:
            return
        clock = asyncio.get_running_loop().time
        until = clock() + STOP_PATIENCE_S
        while True:
            try:
                await self._launcher().stop(self.handle, grace_s=0 if now else STOP_GRACE_S)
                break
            except (Refused, LauncherSlow) as error:
                reason = error.code if isinstance(error, Refused) else "launcher.slow"
                self.log.warning("The launcher has not stopped a server yet: %s", reason)
                if clock() >= until:
                    raise
                await asyncio.sleep(STOP_PAUSE_S)
            except LauncherGone:
                self.log.warning("The launcher is away; its servers ended with it")
                break
        self.clear_state()

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Say what is going on, for the waiting page."""
        while not self._has_turn:
            yield {"progress": 10, "message": IN_TURN}
            await asyncio.sleep(LOOK_S)
        yield {"progress": 20, "message": PREPARING}
        await asyncio.sleep(0.5)
        yield {"progress": 50, "message": STARTING}
        await asyncio.sleep(4)
        yield {"progress": 80, "message": ALMOST}

    def get_state(self) -> dict[str, Any]:
        """Keep the handle in the hub's database."""
        return {**super().get_state(), "handle": self.handle}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up the server again after a restart of the hub."""
        super().load_state(state)
        self.handle = state.get("handle", "")

    def clear_state(self) -> None:
        """Forget the server."""
        super().clear_state()
        self.handle = ""

    def _limits(self) -> dict[str, int | float]:
        """Return the launcher's ``limits``; what is not set is the launcher's default."""
        limits = {
            "memory_mb": self.mem_limit and self.mem_limit // MB,
            "cpus": self.cpu_limit,
            "processes": self.pids_limit,
            "disk_mb": self.disk_limit and self.disk_limit // MB,
            "files": self.files_limit,
        }
        return {name: value for name, value in limits.items() if value is not None}

    def _launcher(self) -> Launcher:
        return Launcher(Path(self.launcher_socket))
