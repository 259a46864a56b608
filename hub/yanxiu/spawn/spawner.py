"""A hub spawner that asks the sandbox launcher for *a server for this person*.

How a process is started here, and nothing else: who may start, how much they may use and when
a server is idle are the same for every spawner (``hooks``, ``idle``). No command line, no pid,
no path. What it keeps across a restart of the hub is the launcher's handle. A refusal is a
``SpawnException`` (``refusal``).
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from jupyterhub.spawner import Spawner
from jupyterhub.traitlets import ByteSpecification
from traitlets import Integer, Unicode

from yanxiu.errors import N_, Refused
from yanxiu.sandbox.client import Launcher, LauncherGone, LauncherSlow

from .environment import allowed
from .refusal import refuse

AWAY = N_("服务器的沙箱启动器正在恢复，请过几秒再打开 Jupyter。您的文件不受影响。")
FAILED = N_("您的 Jupyter 没有启动成功。您的文件不受影响，请再试一次；仍不行请联系管理员。")
PREPARING = N_("正在准备您的个人文件夹……")
STARTING = N_("正在启动 Jupyter……")
ALMOST = N_("马上就好……")

STOP_GRACE_S = 5
#: How long a launcher that is there may fail to end a server, and the pause between two tries.
STOP_PATIENCE_S = 300.0
STOP_PAUSE_S = 2.0
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

    handle: str = ""

    async def start(self) -> tuple[str, int]:
        """Ask for the server; return where it listens."""
        try:
            started = await self._launcher().start_server(
                person=self.user.name, env=allowed(self.get_env()), limits=self._limits()
            )
        except Refused as refused:
            # Its sentence is for operators: what it will not do is never the teacher's doing.
            raise refuse(FAILED, refused.code, 409) from refused
        except LauncherGone as gone:
            raise refuse(AWAY, "launcher.gone", 409) from gone
        self.handle = started.handle
        return started.host, started.port

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
