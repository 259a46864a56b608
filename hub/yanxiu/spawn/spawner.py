"""A hub spawner that asks the sandbox launcher for *a server for this person*.

Glue: no command line, no pid, no path. What it keeps across a restart of the hub is the
launcher's handle. A refusal is a ``SpawnException`` below 500: it is no error, and the hub
counts errors.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from jupyterhub.spawner import Spawner, SpawnException
from traitlets import Bool, Callable, Dict, Integer, Unicode

from yanxiu.clock import utcnow
from yanxiu.errors import N_, Refused, Sentence
from yanxiu.sandbox.client import Launcher, LauncherGone

from .profiles import server_env

AWAY = N_("服务器的沙箱启动器正在恢复，请过几秒再打开 Jupyter。您的文件不受影响。")
FAILED = N_("您的 Jupyter 没有启动成功。您的文件不受影响，请再试一次；仍不行请联系管理员。")
PREPARING = N_("正在准备您的个人文件夹……")
STARTING = N_("正在启动 Jupyter……")
ALMOST = N_("马上就好……")

STOP_GRACE_S = 5


class LauncherSpawner(Spawner):
    """One teacher's server in one sandbox."""

    launcher_socket = Unicode(config=True, help="Unix socket of the sandbox launcher")
    records_url = Unicode(config=True, help="Where the server finds the records service")
    limits = Dict(config=True, help="The launcher's limits of one server")
    # Both are called in a thread with the person's id.
    check_start = Callable(lambda person_id: None, config=True, help="Raises Refused, or not")
    is_active = Callable(lambda person_id: True, config=True, help="False ends the server")

    idle_minutes = Integer(0, config=True, help="Without use, the server ends; 0: it never does")
    assignment_list = Bool(False, config=True, help="Show nbgrader's Assignment List")

    handle: str = ""

    async def start(self) -> tuple[str, int]:
        """Ask for the server; return where it listens."""
        person = self.user.name
        try:
            await asyncio.to_thread(self.check_start, person)
        except Refused as refused:
            raise refuse(Sentence(refused), refused.code, refused.status) from refused
        try:
            started = await self._launcher().start_server(
                person=person,
                env=server_env(
                    self.get_env(),
                    self.records_url,
                    self.idle_minutes,
                    assignment_list=self.assignment_list,
                ),
                limits=dict(self.limits),
            )
        except Refused as refused:
            # Its sentence is for operators: what it will not do is never the teacher's doing.
            raise refuse(FAILED, refused.code, 409) from refused
        except LauncherGone as gone:
            raise refuse(AWAY, "launcher.gone", 409) from gone
        self.handle = started.handle
        return started.host, started.port

    async def poll(self) -> int | None:
        """Return None while the server runs, else its exit code.

        The server of a person who was deactivated is ended here, and one that nobody uses: within
        one poll interval. Only this server: grading runs are the launcher's own.
        """
        if not self.handle:
            return 0
        if self._is_idle() or not await asyncio.to_thread(self.is_active, self.user.name):
            await self.stop()
            return 0
        try:
            state = await self._launcher().poll(self.handle)
        except LauncherGone:
            # It is back within seconds, and then knows no server: the next poll will tell.
            return None
        if state.state == "running":
            return None
        self.clear_state()
        return state.exit_code or 0

    def _is_idle(self) -> bool:
        """Say whether nobody has used the server for too long, by what it told the hub itself."""
        uses = (
            [self.orm_spawner.last_activity, self.orm_spawner.started] if self.orm_spawner else []
        )
        known = [one for one in uses if one is not None]
        if not self.idle_minutes or not known or self.pending:
            return False
        # The hub keeps instants in UTC without saying so.
        return utcnow() - max(known).replace(tzinfo=UTC) >= timedelta(minutes=self.idle_minutes)

    async def stop(self, now: bool = False) -> None:
        """End the server; done when it has ended."""
        if not self.handle:
            return
        try:
            await self._launcher().stop(self.handle, grace_s=0 if now else STOP_GRACE_S)
        except Refused as refused:
            # It does not know the handle (any more): there is nothing to end.
            self.log.warning("The launcher would not stop a server: %s", refused.code)
        except LauncherGone:
            # Servers end with their launcher.
            self.log.warning("The launcher is away; its servers ended with it")
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

    def _launcher(self) -> Launcher:
        return Launcher(Path(self.launcher_socket))


def refuse(sentence: str, reason: str, status: int) -> SpawnException:
    """Return the hub's refusal; every page of the hub that can show it shows ``sentence``."""
    exception = SpawnException(
        sentence, reason=reason, log_message=reason, status_code=min(status, 499)
    )
    exception.jupyterhub_message = sentence
    return exception
