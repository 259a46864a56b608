"""One teacher of a soak: an open notebook, cells, saving, handing in, reading what came of it.

Does what the panel and the pages of a browser do, at a person's pace; counts every request
and keeps what failed. Decides nothing about growth. Called by ``soak``.
"""

import asyncio
import json
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
from tornado.websocket import WebSocketClientConnection

from benchmarks.support import unit
from benchmarks.support.visitor import PATIENCE_S, Visitor, run_on

RECORDS = "/services/records"
#: Of rounds in the notebook, one ends with handing in.
SUBMIT_EVERY = 12
#: A submission that is not sent after this many looks has failed.
LOOKS = 90


class Teacher:
    """Somebody who works in one unit until told to stop.

    :param pause_s: seconds between two rounds, on average
    """

    def __init__(self, visitor: Visitor, number: int, pause_s: float):
        self.visitor = visitor
        self.number = number
        self.pause_s = pause_s
        self.done: Counter[str] = Counter()
        self.failed: list[str] = []
        self._dice = random.Random(number)
        self._assignment = ""

    async def work(self, going: Callable[[], bool], chairs: threading.Semaphore) -> None:
        """Start a server when it is one's turn, open the unit and work in it; hand in once at least."""
        try:
            with chairs:
                kernel, path = self._sit_down()
            socket = await self._open(kernel)
            number = 0
            while number == 0 or going():
                await self._round(socket, kernel, path, number)
                number += 1
                await asyncio.sleep(self.pause_s * self._dice.uniform(0.5, 1.5))
            socket.close()
        except Exception as error:
            # One failure ends a teacher's evening, and is what a soak looks for.
            self.failed.append(f"teacher {self.number}: {type(error).__name__}: {error}"[:500])

    def _sit_down(self) -> tuple[str, str]:
        self.visitor.start_server(look_s=1.0, patience_s=600.0)
        self.visitor.enter_server()
        (one,) = self._ask("units", "GET", "yanxiu/api/units").json()["units"]
        self._assignment = one["assignment"]
        opened = self._ask("open", "POST", self._of_unit("open"), json={"choice": ""})
        return self.visitor.start_kernel(), str(opened.json()["path"])

    async def _open(self, kernel: str) -> WebSocketClientConnection:
        home = self.visitor.home
        return await self.visitor.open_socket(
            f"{home}api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
        )

    async def _round(
        self, socket: WebSocketClientConnection, kernel: str, path: str, number: int
    ) -> None:
        # What an open Lab asks by itself.
        for what in ("api/sessions", "api/kernels", f"api/kernels/{kernel}", "yanxiu/api/units"):
            self._ask(what.partition("/")[2].partition("/")[0], "GET", what)
        await asyncio.wait_for(self._run(socket, "print(6 * 7)", "42\n"), PATIENCE_S)
        content = json.loads(unit.submitted(f"teacher {self.number}, round {number}"))
        body = {"type": "notebook", "format": "json", "content": content}
        self._ask("save", "PUT", f"api/contents/{path}", json=body)
        if number % SUBMIT_EVERY == 0:
            await self._hand_in()
        for page in ("/", f"/units/{self._assignment}"):
            self._page("page", page)

    async def _run(self, socket: WebSocketClientConnection, code: str, wanted: str) -> None:
        printed = await run_on(socket, code)
        if printed != wanted:
            raise RuntimeError(f"the cell printed {printed!r}")
        self.done["cell"] += 1

    async def _hand_in(self) -> None:
        self._ask("submit", "POST", self._of_unit("submit"), json={"confirmed": True})
        for _ in range(LOOKS):
            job = self._ask("progress", "GET", self._of_unit("submit")).json()
            if job["state"] == "failed":
                raise RuntimeError(f"not handed in: {job['error']}")
            if job["state"] == "done":
                break
            await asyncio.sleep(1)
        else:
            raise RuntimeError("a submission was not sent")
        self.done["handed in"] += 1
        mine = f"/api/v1/units/{self._assignment}/submissions"
        self._page("result", mine)

    def _of_unit(self, verb: str) -> str:
        return f"yanxiu/api/units/{self._assignment}/{verb}"

    def _ask(self, what: str, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self.visitor.api(method, f"{self.visitor.home}{path}", **more)
        self.done[what] += 1
        return answer

    def _page(self, what: str, path: str) -> None:
        self.visitor.http.get(f"{RECORDS}{path}").raise_for_status()
        self.done[what] += 1
