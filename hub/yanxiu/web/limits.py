"""What a request may bring, and who may bring it: decided before a byte of it is read.

One layer before routing. It knows each route's limit and sender (``portal.bodies`` has the
table), asks for the proof of who sends first (session and origin, token), refuses by
``Content-Length``, counts what arrives and ends senders that are too slow. What is in a body is
the handlers' to judge.

A person whose session has just ended is let through with a form, so that what was typed can be
shown again: the browser has a cookie from its last login (``Sessions.was_here``).
"""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yanxiu.errors import N_, Invalid, Refused

from . import errors
from .bodies import announced
from .deps import check_origin, check_worker, get_sessions, learner_id, teach_actor
from .hub import HubAway
from .service import Service

#: Without a byte for so long, the line is dead.
SILENT_S = 30.0
#: Slower than this on average, after the first half minute, is no line that anybody works on: a
#: form of 20 KB takes ten seconds at this rate.
FEWEST_BYTES_S = 2048
#: A browser shows no answer before it has sent all; more than this is not waited for.
MOST_DRAINED = 512 * 1024 * 1024
#: What is kept of a form of somebody whose session has ended: text.
MOST_TYPED = 1_000_000


class Sender(StrEnum):
    """Who may send a body."""

    #: A browser that is logged in, from a page of ours.
    SESSION = "session"
    #: A teacher's server by its token, or a browser as above.
    LEARNER = "learner"
    #: A program with a token that the operator issued for teaching.
    TEACHER = "teacher"
    #: The grading worker, on the listener that is its own.
    WORKER = "worker"


@dataclass(frozen=True)
class Body:
    """What one route takes.

    :param most: bytes
    :param said_mb: the limit as it is told, in MB
    :param longest_s: seconds of waiting for it, all together
    """

    methods: frozenset[str]
    path: re.Pattern[str]
    sender: Sender
    most: int
    said_mb: int
    longest_s: float


def too_large(said_mb: int) -> Invalid:
    """Return the refusal of a body that is too large."""
    return Invalid(
        "form.too_large",
        N_("提交的内容超过 {most} MB，没有收下。请减小后再试。"),
        status=413,
        most=said_mb,
    )


def too_slow() -> Refused:
    """Return the refusal of a body that does not come."""
    return Refused(
        "form.too_slow", N_("内容传得太慢，没有收下。请检查网络，再提交一次。"), status=408
    )


class Arriving:
    """A body on its way: counted, and waited for only so long."""

    def __init__(self, receive: Receive, most: int, said_mb: int, longest_s: float):
        self._receive = receive
        self._most, self._said_mb, self._longest_s = most, said_mb, longest_s
        self._taken, self._waited, self._whole = 0, 0.0, False
        #: Why it was cut off; the handler sees a sender that went away.
        self.refusal: Refused | None = None

    async def __call__(self) -> Message:
        """Return the next piece."""
        if self.refusal is not None:
            return {"type": "http.disconnect"}
        if self._whole:
            return await self._receive()
        allowed = min(self._longest_s, SILENT_S + self._taken / FEWEST_BYTES_S)
        began = time.monotonic()
        try:
            async with asyncio.timeout(min(SILENT_S, max(0.0, allowed - self._waited))):
                message = await self._receive()
        except TimeoutError:
            self.refusal = too_slow()
            return {"type": "http.disconnect"}
        self._waited += time.monotonic() - began
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._taken > self._most:
                self.refusal = too_large(self._said_mb)
                return {"type": "http.disconnect"}
        return message


class BodyLimits:
    """The layer.

    :param bodies: what each route takes; a route without a row takes nothing
    """

    def __init__(self, app: ASGIApp, service: Service, bodies: Sequence[Body]):
        self.app = app
        self.service = service
        self.bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, once the sender is known, with what may be read."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        if self._elsewhere(scope):
            await _not_found(request)(scope, receive, send)
            return
        body = self._body(scope)
        if body is None:
            await self._bounded(request, Arriving(receive, 0, 0, SILENT_S), send)
            return
        most = body.most
        try:
            kept = await self._check_sender(request, body.sender)
            if not kept:
                most = min(most, MOST_TYPED)
            await self._check_length(request, receive, body, most, drain=kept)
        except Refused as refusal:
            answer = await run_in_threadpool(errors.refused, request, refusal)
            await _last(answer)(scope, receive, send)
            return
        except HubAway:
            # The handlers know what to say to whom; a form is kept.
            pass
        except _Stranger:
            answer = await errors.not_logged_in(request)
            await _last(answer)(scope, receive, send)
            return
        arriving = Arriving(receive, most, body.said_mb, body.longest_s)
        await self._bounded(request, arriving, send)

    def _body(self, scope: Scope) -> Body | None:
        for one in self.bodies:
            if scope["method"] in one.methods and one.path.match(scope["path"]):
                return one
        return None

    def _elsewhere(self, scope: Scope) -> bool:
        """Say whether this listener does not have the address at all.

        Sandboxes reach the service's port, and it has no ``/internal``; the worker's own port
        has nothing else.
        """
        port = self.service.internal_port
        if port is None:  # one listener, as in tests of single parts
            return False
        here = scope.get("server") or ("", None)
        return (here[1] == port) is not scope["path"].startswith("/internal/")

    async def _check_sender(self, request: Request, sender: Sender) -> bool:
        """Raise unless the sender is known; return False if all that is kept is what was typed."""
        if sender is Sender.WORKER:
            await check_worker(request)
        elif sender is Sender.TEACHER:
            await run_in_threadpool(teach_actor, request)
        elif sender is Sender.LEARNER:
            await learner_id(request)
        else:
            check_origin(request)
            sessions = get_sessions(request)
            if sessions.read(request) is None:
                if not sessions.was_here(request):
                    raise _Stranger
                return False
        return True

    async def _check_length(
        self, request: Request, receive: Receive, body: Body, most: int, *, drain: bool
    ) -> None:
        length = announced(request)
        if length is None or length <= most:
            return
        if drain and body.sender is Sender.SESSION and length <= MOST_DRAINED:
            arriving = Arriving(receive, MOST_DRAINED, body.said_mb, body.longest_s)
            while (await arriving()).get("more_body"):
                pass
        raise too_large(body.said_mb)

    async def _bounded(self, request: Request, arriving: Arriving, send: Send) -> None:
        """Run the application; a body that was cut off is answered here."""
        started = False

        async def answering(message: Message) -> None:
            nonlocal started
            if arriving.refusal is not None and not started:
                return
            started = True
            await send(message)

        await self.app(request.scope, arriving, answering)
        if arriving.refusal is not None and not started:
            answer = await run_in_threadpool(errors.refused, request, arriving.refusal)
            await _last(answer)(request.scope, arriving, send)


class _Stranger(Exception):
    """Nobody who is or was logged in."""


def _last(answer: Response) -> Response:
    """Return the answer as the last of its connection: the rest of the body is not read."""
    answer.headers["connection"] = "close"
    return answer


def _not_found(request: Request) -> Response:
    return Response(status_code=404)
