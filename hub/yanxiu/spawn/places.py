"""Take a place before a start and give it back at its end: the quota engine, asked by the hub.

Decides how long the hub waits for an answer and what holds while there is none
(``quota.on_silence``). Whether there is a place is the engine's to say (``quota.engine``), and
what a refusal says is ``refusal``'s. Called by ``hooks``, on the hub's one loop; the engine works
in threads of its own, so that a database which hangs stops neither logins nor pages.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, Generic, Literal, TypeVar

from yanxiu.errors import N_, Refused, place
from yanxiu.quota.engine import Admitted, Ask, Denied, Drift, Engine, Running, Waiting

T = TypeVar("T")

#: How long a start waits for the engine before the site's setting decides.
PATIENCE_S = 2.0
#: As many as the hub starts servers at once; more would wait for the same rows.
THREADS = 8
SILENT = N_(
    "现在查不到本校还有没有 Jupyter 的空位，请过一会儿再试。您的文件都在，不受影响；"
    "不开 Jupyter 也可以在“我的研修”里填写和提交单元。"
)
log = logging.getLogger("yanxiu.quota")


class Silent(Exception):
    """The engine did not answer in time, or could not."""


class Places:
    """The places of all servers of one hub.

    :param on_silence: what a start does when the engine does not answer
    :param count: called with what became of an ask and how long that took (``measures``)
    """

    def __init__(
        self,
        engine: Engine,
        *,
        on_silence: Literal["allow", "refuse"],
        count: Callable[[str, float], None],
        patience_s: float = PATIENCE_S,
    ):
        self._engine = engine
        self._on_silence = on_silence
        self._count = count
        self._patience_s = patience_s
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="quota")
        # Apart: a long one must not stand before a start.
        self._counting = ThreadPoolExecutor(1, thread_name_prefix="recount")
        #: The last call about a person: two about one place go one after the other.
        self._last: dict[str, Future[Any]] = {}

    async def reserve(self, ask: Ask) -> Waiting | Denied | None:
        """Take a place; return why not otherwise.

        :raises Refused: the engine is silent, and the site wants no start then
        """
        began = time.monotonic()
        allow = self._on_silence == "allow"
        try:
            answer = await self._ask(
                ask.person_id,
                partial(self._engine.reserve, ask),
                too_late=None if allow else partial(self._give_back, ask),
            )
        except Silent:
            self._count("silent_allowed" if allow else "silent_refused", _since(began))
            log.warning("A start is %s without an answer", "allowed" if allow else "refused")
            if allow:
                return None
            raise Refused("quota.silent", SILENT, status=429) from None
        if isinstance(answer, Admitted):
            self._count("admitted", _since(began))
            return None
        self._count("waiting" if isinstance(answer, Waiting) else "denied", _since(began))
        return answer

    async def confirm(self, person_id: str, server_name: str) -> None:
        """Say that the server runs. What is not heard is found by the recount."""
        await self._tell(person_id, partial(self._engine.confirm, person_id, server_name))

    async def release(self, person_id: str, server_name: str) -> None:
        """Say that the server has ended. What is not heard is found by the recount."""
        await self._tell(person_id, partial(self._engine.release, person_id, server_name))

    async def hold(self, person_id: str, server_name: str) -> None:
        """Say that the start has to be tried again. What is not heard expires."""
        await self._tell(person_id, partial(self._engine.hold, person_id, server_name))

    async def recount(
        self,
        running: Sequence[Running],
        *,
        listed_at: datetime,
        starting: Collection[tuple[str, str]],
    ) -> Drift:
        """Compare with the hub's own servers. Nobody waits for it, so it has all the time."""
        call = partial(self._engine.recount, running, listed_at=listed_at, starting=starting)
        return await asyncio.get_running_loop().run_in_executor(self._counting, call)

    async def _tell(self, person_id: str, call: Callable[[], object]) -> None:
        try:
            await self._ask(person_id, call)
        except Silent:
            log.warning("The engine was not told what became of a server; the recount finds it")

    async def _ask(
        self,
        person_id: str,
        call: Callable[[], T],
        too_late: Callable[[T], object] | None = None,
    ) -> T:
        """Return what ``call`` returns, after whatever is under way about the same person.

        :param too_late: called with the answer if nobody waits for it any more
        :raises Silent: not within the patience
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience_s
        before = self._last.get(person_id)
        if before is not None and not await _done(before, self._patience_s):
            raise Silent
        job = _Job(call, too_late)
        future = self._pool.submit(job.run)
        self._last[person_id] = future
        future.add_done_callback(partial(self._forget, person_id))
        if not await _done(future, until - loop.time()) and (future.cancel() or job.abandon()):
            raise Silent
        try:
            return await asyncio.wrap_future(future)
        except Exception as error:
            log.error("The engine failed: %s at %s", type(error).__name__, place(error))
            raise Silent from error

    def _forget(self, person_id: str, future: Future[Any]) -> None:
        if self._last.get(person_id) is future:
            self._last.pop(person_id, None)

    def _give_back(self, ask: Ask, late: object) -> None:
        """Give back what was reserved after the start had been refused."""
        if not isinstance(late, Admitted):
            return
        try:
            self._engine.release(ask.person_id, ask.server_name)
        except Exception as error:
            where = f"{type(error).__name__} at {place(error)}"
            log.error("Not given back: %s; the recount finds it", where)


def _since(began: float) -> float:
    return time.monotonic() - began


class _Job(Generic[T]):
    """A call in a thread, whose answer either somebody waits for or ``too_late`` gets."""

    def __init__(self, call: Callable[[], T], too_late: Callable[[T], object] | None):
        self._call = call
        self._too_late = too_late
        self._lock = threading.Lock()
        self._answered = self._abandoned = False

    def run(self) -> T:
        answer = self._call()
        with self._lock:
            self._answered = not self._abandoned
        if self._abandoned and self._too_late is not None:
            self._too_late(answer)
        return answer

    def abandon(self) -> bool:
        """Wait no longer; False if the answer is there already."""
        with self._lock:
            self._abandoned = not self._answered
        return self._abandoned


async def _done(future: Future[Any], within_s: float) -> bool:
    """Say whether ``future`` is done within so many seconds, whatever it comes to."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    future.add_done_callback(lambda _: loop.call_soon_threadsafe(done.set))
    try:
        await asyncio.wait_for(done.wait(), max(0.0, within_s))
    except TimeoutError:
        return False
    return True
