"""Answer the proxy about every request for a teacher's server, and browsers that come in.

An ASGI layer in front of records' own application, because it is asked for every file of
JupyterLab: no routing, no database, and the hub only once in half a minute for each login
(``web.hub``). Everything that is not clearly allowed is refused; when the hub cannot be asked
any more, too. It reads no body. Put there by ``portal.app``; the proxy's side is ``up.origins``.
"""

from http import HTTPStatus
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from yanxiu.errors import N_
from yanxiu.i18n import SOURCE, translator
from yanxiu.settings.public import Layout, host_of
from yanxiu.web.errors import SURPRISE, note_surprise
from yanxiu.web.hub import Hub, HubAway
from yanxiu.web.pages import environment

from . import routes
from .passes import Pass, Passes, TwoPasses, clear_owner_of, digest, owner_of

NOT_YOURS = N_("这个 Jupyter 不是您的，或登录已结束。请从“我的研修”重新打开。")
AWAY = N_("登录服务正在重启，请过一会儿再试。您已保存的内容都在。")
TWO_PASSES = N_(
    "浏览器里有两个人进入 Jupyter 的凭据，不知道该信哪一份，已经全部清除。请从“我的研修”重新打开。"
)
NO_ENTRY = N_("进入 Jupyter 用的时间太长，或换了浏览器。请从“我的研修”重新打开。")
NOT_RUNNING = N_("您的 Jupyter 没有运行。请从“我的研修”打开它；文件都保留着。")
NOTHING = N_("这个网址上只有教师自己的 Jupyter。请从“我的研修”打开。")
FOREIGN = N_("这个请求不是从本平台的页面发出的，没有执行。请从平台页面里操作。")
UNKNOWN_HOST = N_("本平台不用这个网址。请从“我的研修”打开。")
CROWDED = N_("从您的网络同时打开的页面太多。请过几秒再试。")
TOO_LARGE = N_("提交的内容太大，没有收下。请减小后再试。")
NO_ANSWER = N_(
    "您的 Jupyter 没有回应，可能刚刚停止或正在启动。请过几秒刷新页面；还不行就从“我的研修”重新打开。文件都保留着。"
)

_REFUSED = {
    routes.FOREIGN: (403, FOREIGN),
    routes.UNKNOWN_HOST: (421, UNKNOWN_HOST),
    routes.NOTHING: (404, NOTHING),
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class Door:
    """The gate.

    :param prefix: where the portal is mounted
    :param hub: a view of the hub whose questions are no use of the login
    """

    def __init__(self, app: ASGIApp, layout: Layout, prefix: str, passes: Passes, hub: Hub):
        self.app = app
        self.layout = layout
        self.portal = f"{layout.portal}{prefix}"
        self.passes = passes
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is the gate's, and hand on everything else."""
        if not scope.get("path", "").startswith(routes.PREFIX):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            request = Request(scope)
            try:
                response = await self._answer(request)
            except Exception as error:
                # Nobody passes by it, and it stands outside of what catches the pages' surprises.
                response = self._refuse(request, 500, SURPRISE, number=note_surprise(error))
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path == routes.CHECK_FORWARDED or path.startswith(routes.CHECK):
            return await self._asked(request, path)
        if path == routes.ENTER:
            return await self._enter(request)
        if path.startswith(f"{routes.NO_SERVER}/"):
            return self._no_server(request)
        if path.startswith(routes.ERROR):
            return self._instead(request, path.removeprefix(routes.ERROR))
        if path == f"{routes.NOTHING}/" and is_page(request):
            # Whoever types the servers' address by heart means the platform.
            return RedirectResponse(self.portal, 302)
        prefix = next((one for one in _REFUSED if path.startswith(one)), routes.NOTHING)
        return self._refuse(request, *_REFUSED[prefix])

    def _instead(self, request: Request, about: str) -> Response:
        """Return the page for an answer that the proxy had to give itself: ``hub/502``."""
        part, _, status = about.partition("/")
        text = NO_ANSWER if part == routes.SERVER else AWAY
        if status == "413":
            return self._refuse(request, 413, TOO_LARGE)
        if status == "429":
            return self._refuse(request, 429, CROWDED)
        return self._refuse(request, 504 if status == "504" else 502, text)

    async def _asked(self, request: Request, path: str) -> Response:
        """Answer a proxy that names the owner, or an ingress that has one rule for everybody.

        An ingress writes anew what was asked for. What it, the proxy and the server could read in
        different ways is nobody's.
        """
        if path != routes.CHECK_FORWARDED:
            return await self._check(request, path.removeprefix(routes.CHECK))
        owner = clear_owner_of(request.headers.get("x-forwarded-uri", ""))
        if owner is None:
            return self._refuse(request, 404, NOTHING)
        if host_of(request.headers.get("x-forwarded-host", "")) != self.layout.server_host(owner):
            return self._refuse(request, 421, UNKNOWN_HOST)
        return await self._check(request, owner)

    async def _check(self, request: Request, owner: str) -> Response:
        """Say whether a request may reach the server of ``owner``, and with which cookies."""
        cookies = cookies_of(request)
        headers = request.headers
        try:
            known = self.passes.read(cookies)
            fits = known and known.person_id == owner and self._own_page(request, owner)
            if known and fits and await self._is_logged_in(known):
                kept = self.passes.without_own(cookies, owner)
                return Response(headers={"Cookie": kept} if kept else {})
        except TwoPasses:
            return self._end_passes(request, headers.get("x-forwarded-uri", ""))
        except HubAway:
            return self._refuse(request, 503, AWAY)
        page = headers.get("x-forwarded-uri", "")
        if headers.get("x-forwarded-method", "GET") != "GET" or not is_page(request):
            return self._refuse(request, 403, NOT_YOURS)
        return self._begin(cookies, page)

    def _own_page(self, request: Request, owner: str) -> bool:
        """Whether no other origin's page asks, where browsers say which; for WebSockets they do."""
        origin = request.headers.get("origin")
        return origin is None or origin == self.layout.server_origin(owner)

    async def _is_logged_in(self, known: Pass) -> bool:
        user = await self.hub.user(known.token)
        return user is not None and user.name == known.person_id and self.hub.may_enter(user)

    def _begin(self, cookies: str, page: str) -> Response:
        """Send a browser to the portal for a code, with a secret to be known by."""
        state = self.passes.state(cookies)
        told = []
        if state is None:
            state, cookie = self.passes.new_state()
            told.append(cookie)
        query = urlencode({"next": page, "state": digest(state)})
        return _redirect(f"{self.portal}gate?{query}", told)

    async def _enter(self, request: Request) -> Response:
        """Give a browser its pass for the code that it brings."""
        cookies = cookies_of(request)
        try:
            before = self.passes.read(cookies)
            code, state = request.query_params.get("code", ""), self.passes.state(cookies)
            entry = await run_in_threadpool(self.passes.use, code, state)
            if entry is None or owner_of(entry.page) != entry.who.person_id:
                return self._refuse(request, 400, NO_ENTRY)
            host = self.layout.server_host(entry.who.person_id)
            if host_of(request.headers.get("host", "")) != host:
                return self._refuse(request, 421, UNKNOWN_HOST)
            if not await self._is_logged_in(entry.who):
                return self._refuse(request, 403, NOT_YOURS)
        except TwoPasses:
            return self._end_passes(request, routes.ENTER)
        except HubAway:
            return self._refuse(request, 503, AWAY)
        response = _redirect(entry.page, [self.passes.seal(entry.who), self.passes.end_state()])
        if before is not None and before.person_id != entry.who.person_id:
            # Workers and stores of whoever sat here before. Not cookies: that would be those
            # of all hosts of the domain, the portal's too.
            response.headers["Clear-Site-Data"] = '"storage"'
        return response

    def _end_passes(self, request: Request, page: str) -> Response:
        """Refuse a browser that is two people, and let it begin anew."""
        response = self._refuse(request, 403, TWO_PASSES)
        if page == routes.ENTER or owner_of(page):
            for cookie in self.passes.end_passes(page):
                response.headers.append("set-cookie", cookie)
        return response

    def _no_server(self, request: Request) -> Response:
        """Lead a person to the hub's page about the server that does not run."""
        if not is_page(request) or request.method != "GET":
            return self._refuse(request, 424, NOT_RUNNING)
        raw = request.scope["raw_path"].decode("ascii", "replace")
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = raw.removeprefix(routes.NO_SERVER) + query
        if owner_of(wanted) is None:
            return self._refuse(request, 404, NOTHING)
        return RedirectResponse(f"{self.layout.portal}/hub{wanted}", 302)

    def _refuse(self, request: Request, status: int, sentence: str, **values: str) -> Response:
        """Say why not: a page to people, JSON to scripts; JupyterLab shows its ``message``."""
        english = request.headers.get("accept-language", "").lower().startswith("en")
        tr = translator("en" if english else SOURCE)
        text = tr.gettext(sentence, **values)
        if not is_page(request):
            return JSONResponse({"message": text}, status, _HEADERS)
        page = environment.get_template("gate.html").render(
            _=tr.gettext, lang=tr.lang, text=text, portal=self.portal, status=HTTPStatus(status)
        )
        return HTMLResponse(page, status, _HEADERS)


def cookies_of(request: Request) -> str:
    """Return all cookies: a request may have them in several headers."""
    return "; ".join(request.headers.getlist("cookie"))


def is_page(request: Request) -> bool:
    """Say whether a person opens a page in a tab, rather than a script something."""
    headers = request.headers
    if headers.get("sec-websocket-key"):
        return False
    if headers.get("sec-fetch-mode"):
        document = headers.get("sec-fetch-dest", "document") == "document"
        return document and headers["sec-fetch-mode"] == "navigate"
    # Browsers say less to plain http.
    return "text/html" in headers.get("accept", "")


def _redirect(address: str, cookies: list[str]) -> Response:
    response = RedirectResponse(address, 302, {"Cache-Control": "no-store"})
    # RedirectResponse would quote what is quoted already.
    response.headers["location"] = address
    for cookie in cookies:
        response.headers.append("set-cookie", cookie)
    return response
