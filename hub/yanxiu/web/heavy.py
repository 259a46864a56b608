"""Pages that cost more than a list or a form: two a person at once, and threads of their own.

Archives, workbooks, rosters, notebooks with their pictures: whoever opens forty of them waits for
forty of them, and nobody else does. A handler says of itself that it is one
(``@heavy``). Beyond a person's two it is refused with 429; it begins when one of its threads is
free, unless the browser has gone by then. The place is kept until the last byte is sent
(``HeavyPlaces``, a layer of ``portal.app``).
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial, wraps
from typing import Any

import anyio
from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from yanxiu.errors import N_, Refused

#: At once: of one person, and of everybody in one process.
EACH, ALL = 2, 4
#: What proxies log when a browser has gone; nobody reads it.
_NOBODY_THERE = 499
_PLACE = "heavy_place"


class HeavyPlaces:
    """The layer that gives places back when an answer has been sent, or its reader has gone."""

    def __init__(self, app: ASGIApp, places: "Places"):
        self.app, self.places = app, places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        state = scope.setdefault("state", {})
        try:
            await self.app(scope, receive, send)
        finally:
            if (person_id := state.pop(_PLACE, None)) is not None:
                self.places.leave(person_id)


class Places:
    """Who has heavy pages open now; of one process, in its event loop."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self.threads = CapacityLimiter(ALL)

    def take(self, person_id: str) -> None:
        """Take one of a person's places. :raises Refused: they have none left"""
        if self._taken[person_id] >= EACH:
            raise Refused(
                "heavy.busy",
                N_(
                    "您已经有 {most} 个下载或较大的页面正在打开。请等它们完成，再打开这一个；"
                    "已经填写、提交的内容不受影响。"
                ),
                status=429,
                most=EACH,
            )
        self._taken[person_id] += 1

    def leave(self, person_id: str) -> None:
        """Give it back."""
        self._taken[person_id] -= 1
        if not self._taken[person_id]:
            del self._taken[person_id]


def heavy(handler: Callable[..., Response]) -> Callable[..., Awaitable[Response]]:
    """Let a handler have a person's place and one of the threads for heavy pages.

    Its arguments include ``request``, and ``actor`` or ``posted``.
    """

    @wraps(handler)
    async def in_turn(**given: Any) -> Response:
        request: Request = given["request"]
        actor = given["actor"] if "actor" in given else given["posted"].actor
        places: Places = request.app.state.heavy
        places.take(actor.person_id)
        setattr(request.state, _PLACE, actor.person_id)
        return await _unless_gone(request, partial(handler, **given), places.threads)

    return in_turn


async def _unless_gone(
    request: Request, work: Callable[[], Response], threads: CapacityLimiter
) -> Response:
    """Do the work in one of the threads, if somebody still waits for it once one is free."""
    answers: list[Response] = []
    failures: list[Exception] = []

    def done() -> None:
        try:
            answers.append(work())
        except Exception as error:  # a refusal is the answer too, and no group's business
            failures.append(error)

    async with anyio.create_task_group() as group:

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(watch)
        with suppress(anyio.get_cancelled_exc_class()):
            await to_thread.run_sync(done, limiter=threads)
        group.cancel_scope.cancel()
    if failures:
        raise failures[0]
    return answers[0] if answers else Response(status_code=_NOBODY_THERE)
