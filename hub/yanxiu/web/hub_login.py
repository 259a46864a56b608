"""Log in with the hub (OAuth with PKCE), and out again.

The browser keeps the login under way in a sealed cookie, so that nobody can finish a
login that another browser began. Knows nothing of passwords: the hub asks for them.
"""

from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from yanxiu.errors import N_, Refused

from .deps import NeedLogin, check_origin, current_session, get_hub, get_service, get_sessions
from .sessions import Login

router = APIRouter()


def safe_next(prefix: str, path: str) -> str:
    """Return ``path`` if it is a page of this service, else the first page.

    >>> safe_next("/services/records/", "/services/records/units/1?lang=en")
    '/services/records/units/1?lang=en'
    >>> safe_next("/services/records/", "//elsewhere.example/services/records/")
    '/services/records/'
    """
    parts = urlsplit(path)
    here = not parts.scheme and not parts.netloc and parts.path.startswith(prefix)
    callback = parts.path == f"{prefix}oauth_callback"
    return path if here and not callback and "\\" not in path else prefix


def begin_login(request: Request, next_path: str | None = None) -> Response:
    """Send the browser to the hub, and remember where it wanted to go."""
    service, hub = get_service(request), get_hub(request)
    wanted = next_path or request.url.path + (f"?{request.url.query}" if request.url.query else "")
    verifier, challenge, method = hub.auth.generate_pkce_code_challenge()
    response = RedirectResponse("", 302)
    login = Login(safe_next(service.prefix, wanted), verifier)
    state = get_sessions(request).begin_login(request, response, login)
    query = urlencode(
        {"state": state, "code_challenge": challenge, "code_challenge_method": method}
    )
    response.headers["location"] = f"{hub.auth.login_url}&{query}"
    return response


@router.get("/login")
def login(request: Request, next: str = "") -> Response:
    """Log in, also in a second tab while the first keeps what was typed."""
    return begin_login(request, next or get_service(request).prefix)


@router.get("/oauth_callback")
async def oauth_callback(request: Request, code: str = "", state: str = "") -> Response:
    """Take the browser back from the hub."""
    sessions, hub, service = get_sessions(request), get_hub(request), get_service(request)
    login = sessions.finish_login(request, state) if state else None
    if login is None:
        raise Refused(
            "login.state",
            N_("登录用的时间太长，或换了浏览器，请从“我的研修”重新登录。"),
            status=400,
        )
    token = await hub.token_for_code(code, login.verifier) if code else None
    user = await hub.user(token) if token else None
    if token is None or user is None:
        raise Refused("login.refused", N_("登录没有完成，请从“我的研修”重新登录。"), status=400)
    if not hub.may_enter(user):
        raise Refused("login.no_access", N_("您的账号不能使用研修记录，请联系本校管理员。"))
    response = RedirectResponse(safe_next(service.prefix, login.next_path), 302)
    sessions.clear_login(response, state)
    sessions.begin(response, user.name, token)
    return response


@router.get("/login/again", include_in_schema=False)
async def logged_in_again(request: Request) -> Response:
    """Say that the login worked, to a tab that was only opened for that."""
    from .pages import show

    try:
        await current_session(request)
    except NeedLogin:
        return begin_login(request)
    return show(request, "logged_in.html")


@router.post("/logout")
def logout(request: Request, _: Annotated[None, Depends(check_origin)]) -> Response:
    """Forget the session here, and go to the hub's own logout, which ends it everywhere."""
    sessions, hub = get_sessions(request), get_hub(request)
    response = RedirectResponse(f"{get_service(request).hub_prefix}logout", 303)
    session = sessions.read(request)
    if session is not None:
        hub.forget(session.token)
        request.app.state.gate_hub.forget(session.token)
    sessions.end(response)
    return response
