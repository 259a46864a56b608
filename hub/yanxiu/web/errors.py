"""Turn what went wrong into a page or JSON with a sentence, never a traceback.

Refusals that no verb has noted (reading somebody else's page, a form from elsewhere) get
their audit event here. Called by ``app``.
"""

import logging
import secrets
import traceback
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yanxiu.errors import N_, Refused
from yanxiu.store.audit import Event
from yanxiu.store.full import Full

from .bodies import read_form
from .deps import (
    CONSENT_PATH,
    PASSWORD_PATH,
    NeedConsent,
    NeedLogin,
    NeedPassword,
    StaleForm,
    check_origin,
    get_service,
    get_sessions,
    texts,
)
from .headers import PAGE_POLICY
from .hub import HubAway
from .hub_login import begin_login
from .pages import reader, show

#: What a reader is told of what nobody expected.
SURPRISE = N_(
    "平台出了错，不是您的操作有问题。请稍后再试；如果还这样，请把编号 {number} 告诉本校管理员。"
)

log = logging.getLogger("yanxiu.records")

_TITLES = {
    400: N_("这个请求看不懂"),
    401: N_("请先登录"),
    403: N_("不能这样做"),
    404: N_("没有找到"),
    405: N_("不能这样做"),
    409: N_("现在不能这样做"),
    410: N_("内容已经删除"),
    413: N_("内容太大"),
    422: N_("填写的内容有问题"),
    429: N_("请稍等再试"),
    503: N_("请稍等再试"),
    507: N_("存储空间满了"),
}
_SENTENCES = {
    404: N_("没有找到这个页面。请从“我的研修”里打开。"),
    405: N_("这个地址不能这样打开。请从“我的研修”重新开始。"),
    413: N_("提交的内容太大，没有收下。请减小后再试。"),
}
_AWAY = N_("登录服务正在重启，请过一会儿再试。您已保存的内容都在。")


def is_api(request: Request) -> bool:
    """Say whether a program is asking."""
    path = request.url.path
    return path.startswith(("/internal/", f"{get_service(request).prefix}api/"))


def install(app: FastAPI) -> None:
    """Give ``app`` all handlers of this module."""
    handlers: dict[Any, Any] = {
        Refused: refused,
        Full: _full,
        NeedLogin: _need_login,
        NeedPassword: _need_password,
        NeedConsent: _need_consent,
        StaleForm: _stale_form,
        HubAway: _hub_away,
        RequestValidationError: _not_understood,
        HTTPException: _http,
        ClientDisconnect: _cut_off,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def sentence(
    request: Request, status: int, text: str, code: str, headers: dict[str, str] | None = None
) -> Response:
    """Return ``text`` as JSON to a program and as a page to a person."""
    if is_api(request):
        return JSONResponse({"code": code, "message": text}, status, headers)
    title = reader(request).gettext(_TITLES.get(status, N_("不能这样做")))
    return show(request, "error.html", status=status, headers=headers, title=title, text=text)


def refused(request: Request, error: Refused) -> Response:
    """Return the refusal as a page or as JSON, noted."""
    note_refusal(request, error)
    return sentence(request, error.status, error.text(reader(request).gettext), error.code)


async def _full(request: Request, error: Full) -> Response:
    """Show again what was typed into a form: it is nowhere else."""
    text = error.text(reader(request).gettext)
    if request.method in {"GET", "HEAD"} or is_api(request):
        return await run_in_threadpool(sentence, request, error.status, text, error.code)
    return await _keep(
        request, "expired.html", error.status, person_known=True, away=False, again=False, full=text
    )


def note_refusal(request: Request, refusal: Refused) -> None:
    """Record a refusal that no verb has recorded, such as reading somebody else's page."""
    if not refusal.noted:
        _note(request, refusal.code)
        refusal.noted = True


def _note(request: Request, code: str) -> None:
    # Counted, not written each: neither a stranger nor somebody who is logged in and asks for
    # one thing after the other may fill the database as fast as they can be refused.
    actor = getattr(request.state, "actor", None)
    store, verb, outcome = get_service(request).store, f"page.{request.method.lower()}", code[:70]
    if actor is None:
        if code.startswith("form."):
            store.count(Event("anonymous", verb, "page", outcome=f"refused {outcome}"))
        return
    # The path's parameters are ids, never names or tokens.
    thing = next(iter(request.path_params.values()), "")
    store.count(
        Event(
            actor.person_id,
            verb,
            kind="page",
            object_id=str(thing)[:80],
            school_id=actor.school_id,
            outcome=f"refused {outcome}",
        )
    )


async def _need_login(request: Request, _: NeedLogin) -> Response:
    if request.method in {"GET", "HEAD"}:
        return begin_login(request)
    known = get_sessions(request).read(request)
    await run_in_threadpool(_note, request, "form.session_ended")
    return await _keep(
        request, "expired.html", 401, person_known=known is not None, away=False, again=False
    )


async def not_logged_in(request: Request) -> Response:
    """Answer a form of somebody who was never logged in here, without reading it."""
    await run_in_threadpool(_note, request, "form.session_ended")
    return await run_in_threadpool(
        show,
        request,
        "expired.html",
        status=401,
        fields={},
        had_file=False,
        action=request.url.path,
        person_known=False,
        away=False,
        again=False,
        full=None,
    )


def _need_password(request: Request, _: NeedPassword) -> Response:
    return RedirectResponse(get_service(request).prefix + PASSWORD_PATH, 303)


def _need_consent(request: Request, _: NeedConsent) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = urlencode({"next": wanted}) if request.method in {"GET", "HEAD"} else ""
    return RedirectResponse(f"{get_service(request).prefix}{CONSENT_PATH}?{query}", 303)


async def _stale_form(request: Request, _: StaleForm) -> Response:
    await run_in_threadpool(_note, request, "form.token")
    return await _keep(request, "expired.html", 409, person_known=True, away=False, again=True)


async def _hub_away(request: Request, _: HubAway) -> Response:
    headers = {"Retry-After": "5"}
    if request.method in {"GET", "HEAD"} or is_api(request):
        text = reader(request).gettext(_AWAY)
        return await run_in_threadpool(sentence, request, 503, text, "hub.away", headers)
    return await _keep(request, "expired.html", 503, person_known=True, away=True, again=False)


async def _keep(request: Request, name: str, status: int, **context: Any) -> Response:
    """Show what was typed again, so that it can be sent once more; nothing was done with it."""
    try:
        check_origin(request)
        form = await read_form(request)
    except Refused as refusal:
        return await run_in_threadpool(refused, request, refusal)
    kept = {key: values for key, values in texts(form).items() if key != "_csrf"}
    had_file = any(not isinstance(value, str) and value.filename for _, value in form.multi_items())
    return await run_in_threadpool(
        show,
        request,
        name,
        status=status,
        fields=kept,
        had_file=had_file,
        action=request.url.path,
        **{"full": None, **context},
    )


def _not_understood(request: Request, _: RequestValidationError) -> Response:
    if is_api(request):
        text = reader(request).gettext(N_("请求的格式不对，请对照接口文档检查。"))
        return sentence(request, 422, text, "request.format")
    return _http(request, HTTPException(404))


def _http(request: Request, error: HTTPException) -> Response:
    status = error.status_code
    text = _SENTENCES.get(status, N_("这个请求没有执行。请从“我的研修”重新开始。"))
    headers = dict(error.headers) if error.headers else None
    return sentence(request, status, reader(request).gettext(text), f"http.{status}", headers)


async def _cut_off(request: Request, _: ClientDisconnect) -> Response:
    """Whoever sent this has gone away: no fault of ours, and nobody to read an answer."""
    log.info("cut off: %s", request.method)
    return Response(status_code=400)


class Surprises:
    """Catch what nobody expected: an id for the reader, the place in the code for the log.

    Not the message: databases and parsers quote the values that they choked on.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; answer 500 if it falls over before it has answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            number = str(error) if isinstance(error, Noted) else note_surprise(error)
            if started:
                raise Noted(number) from None
            try:
                answer = await run_in_threadpool(_sorry, Request(scope, receive), number)
            except Exception as worse:
                note_surprise(worse)
                answer = PlainTextResponse(SURPRISE.format(number=number), 500)
            # Where this is the outermost layer, nobody else gives the page its policy.
            answer.headers["content-security-policy"] = PAGE_POLICY
            answer.headers["cache-control"] = "no-store"
            await answer(scope, receive, send)


class Noted(ConnectionAbortedError):
    """A surprise in the middle of an answer, by its number in the log.

    A layer further out may not have sent it yet; else the connection has to end.
    """


def note_surprise(error: Exception) -> str:
    """Write the place in the code to the log; return the number that the reader is told."""
    number = secrets.token_hex(6)
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    where = " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames))
    log.error("surprise %s: %s at %s", number, type(error).__name__, where)
    return number


def _sorry(request: Request, number: str) -> Response:
    tr = reader(request)
    text = tr.gettext(SURPRISE, number=number)
    if is_api(request):
        return JSONResponse({"code": "surprise", "message": text, "id": number}, 500)
    request.state.actor = None  # whatever fell over may be what the frame would ask
    return show(request, "error.html", status=500, title=tr.gettext("平台出了错"), text=text)
