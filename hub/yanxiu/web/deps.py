"""Who is asking, for handlers: ``current_actor`` (pages) and ``learn_actor`` (the API).

Turns a cookie or a token into an ``Actor`` loaded from the store; decides which proof
counts where. What the actor may do is ``permissions``' business.
"""

import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from yanxiu.errors import N_, Refused
from yanxiu.scopes import LEARN, TEACH, TOKEN_PREFIX
from yanxiu.settings.model import Site
from yanxiu.store.engine import Store

from .actor import Act, Actor, Way
from .bodies import read_form
from .hub import Hub, HubUser
from .permissions import check_can_list_work, check_may
from .service import Capabilities, Service
from .sessions import Session, Sessions, form_token_fits

PASSWORD_PATH = "account/password"  # noqa: S105 - an address
CONSENT_PATH = "account/consent"


class NeedLogin(Exception):
    """There is no session, or it has ended: log in, losing nothing that was typed."""


class NeedPassword(Exception):
    """The person must choose a password before anything else."""


class NeedConsent(Exception):
    """The person must agree to the privacy notice before anything else."""


class StaleForm(Exception):
    """The form was made for another session: show it again, do nothing."""


@dataclass(frozen=True)
class Asking:
    """Whose token or session it is; the roster may not have them any more."""

    person_id: str
    way: Way


def get_service(request: Request) -> Service:
    """Return the running service."""
    service: Service = request.app.state.service
    return service


def get_capabilities(request: Request) -> Capabilities:
    """Return what the rooms above give to every page."""
    capabilities: Capabilities = request.app.state.capabilities
    return capabilities


# The dependencies that look nothing up are coroutines: FastAPI would send each plain function
# through a thread of its own, several for every request.


async def get_store(request: Request) -> Store:
    """Return the store."""
    return get_service(request).store


async def get_site(request: Request) -> Site:
    """Return the site's settings."""
    return get_service(request).site


#: What most handlers take; FastAPI hands it to them.
TheStore = Annotated[Store, Depends(get_store)]
TheSite = Annotated[Site, Depends(get_site)]


def get_hub(request: Request) -> Hub:
    """Return the hub."""
    hub: Hub = request.app.state.hub
    return hub


def get_sessions(request: Request) -> Sessions:
    """Return the keeper of cookies."""
    sessions: Sessions = request.app.state.sessions
    return sessions


async def current_session(request: Request) -> Session:
    """Return the browser's session, which the hub confirmed within the last minute.

    :raises NeedLogin: there is none
    :raises HubAway: the hub does not answer
    """
    session = get_sessions(request).read(request)
    if session is None:
        raise NeedLogin
    user = await get_hub(request).user(session.token)
    if user is None or user.name != session.person_id or not get_hub(request).may_enter(user):
        raise NeedLogin
    request.state.session, request.state.hub_user = session, user
    return session


def active_actor(request: Request, session: Annotated[Session, Depends(current_session)]) -> Actor:
    """Return who is asking in a browser, even before their first password.

    :raises Refused: the roster does not have them any more
    """
    actor = _load(request, session.person_id, Way.SESSION)
    request.state.actor = actor
    return actor


async def own_password_actor(actor: Annotated[Actor, Depends(active_actor)]) -> Actor:
    """Return who is asking in a browser; those with a first password go and change it."""
    if actor.must_change_password:
        raise NeedPassword
    return actor


async def current_actor(
    request: Request, actor: Annotated[Actor, Depends(own_password_actor)]
) -> Actor:
    """Return who is asking; those who have not agreed to the privacy notice go and read it.

    A new version of it is asked for before the next page, but never in the way of a form that
    is on its way: what was typed, and its deadline, would be lost.
    """
    reading = request.method in {"GET", "HEAD"}
    if not actor.consent or (reading and actor.consent < get_service(request).notice.version):
        raise NeedConsent
    return actor


async def _token_user(request: Request) -> HubUser | None:
    """Return whom the ``Authorization`` header belongs to; None when there is no header.

    :raises Refused: the token is not one for learning
    """
    token = _token(request)
    if token is None:
        return None
    user = await _holder(request, token) if token else None
    if user is None:
        raise Refused(
            "token.unknown",
            N_("令牌无效或已过期。请从“我的研修”重新打开 Jupyter 后再试。"),
            status=401,
        )
    if LEARN not in user.scopes:
        raise Refused("token.scope", N_("这个令牌不能用来学习和提交。"))
    return user


def _token(request: Request) -> str | None:
    """Return the token of the ``Authorization`` header, "" for one of another kind."""
    header = request.headers.get("authorization", "").strip()
    match = re.fullmatch(r"(?:token|bearer)\s+(\S+)", header, re.IGNORECASE)
    return (match[1] if match else "") if header else None


async def _holder(request: Request, token: str) -> HubUser | None:
    """Return whom a token stands for: one of the operator's, or the hub's own."""
    if token.startswith(TOKEN_PREFIX):
        holder = get_capabilities(request).token_holder
        found = await run_in_threadpool(holder, get_service(request).store, token)
        return HubUser(found.person_id, found.scopes) if found else None
    return await get_hub(request).user(token)


async def learner_id(request: Request) -> Asking:
    """Return who is asking by a server's token, or by a session from the same origin.

    Found out once for a request: before its body may come (``limits``), and known to its handler.
    The store has not been asked yet: ``load_learner`` does, in whatever thread goes on anyway.
    """
    known: Asking | None = getattr(request.state, "asking", None)
    if known is None:
        known = request.state.asking = await _learner(request)
    return known


async def _learner(request: Request) -> Asking:
    user = await _token_user(request)
    if user is not None:
        return Asking(user.name, Way.LEARN_TOKEN)
    try:
        session = await current_session(request)
    except NeedLogin:
        raise Refused("login.needed", N_("请先登录。"), status=401) from None
    # A cookie is sent by any page of this origin's site: only reading is safe without a form.
    if request.method not in {"GET", "HEAD"}:
        check_origin(request)
        if not form_token_fits(session, request.headers.get("x-csrf-token", "")):
            raise Refused("form.token", N_("页面已过期，请刷新后再试。"))
    return Asking(session.person_id, Way.SESSION)


def load_learner(request: Request, asking: Asking) -> Actor:
    """Return who is asking.

    :raises Refused: the roster does not have them any more; also before the first password and
        the privacy notice, as on every page
    """
    actor = _settled(_load(request, asking.person_id, asking.way))
    request.state.actor = actor
    return actor


def learn_actor(request: Request, asking: Annotated[Asking, Depends(learner_id)]) -> Actor:
    """Return who is asking by a server's token, or by a session from the same origin."""
    return load_learner(request, asking)


def teach_actor(request: Request) -> Actor:
    """Return who is asking with a token that the operator issued for teaching; nothing else counts.

    Not a cookie, and not a server's token: a notebook that an organizer opens could use both.

    :raises Refused: there is no such token
    """
    token, store = _token(request), get_service(request).store
    found = get_capabilities(request).token_holder(store, token) if token else None
    if found is None:
        raise Refused(
            "token.teach_unknown",
            N_(
                "这一步要用限时的教学令牌；没有给出，或它无效、已过期。请向运维要一个（yanxiu token --scope teach）。"
            ),
            status=401,
        )
    if TEACH not in found.scopes:
        raise Refused("token.teach_scope", N_("这个令牌只能用来学习，不能收作业或发布。"))
    actor = _settled(_load(request, found.person_id, Way.TEACH_TOKEN))
    request.state.actor = actor
    return actor


async def check_worker(request: Request) -> None:
    """Raise unless the caller has the worker's token."""
    token, known = _token(request) or "", get_service(request).worker_token
    # As bytes: a header's are not all ASCII, and no other texts are compared.
    if not hmac.compare_digest(token.encode(), known.encode()):
        raise Refused("worker.token", N_("只有批改进程可以使用这个接口。"), status=401)


def _load(request: Request, person_id: str, way: Way) -> Actor:
    actor = get_capabilities(request).load_actor(get_service(request).store, person_id, way)
    if actor is None:
        raise Refused("account.inactive", N_("您的账号已停用，或不在花名册里。请联系本校管理员。"))
    return actor


def _settled(actor: Actor) -> Actor:
    """Return the actor, who has chosen a password and agreed to a privacy notice.

    Any version of it: a newer one is asked for on a page and stops no work. Pages lead there
    instead (``own_password_actor``, ``current_actor``); a program is told.
    """
    if actor.must_change_password:
        raise Refused("password.change_first", N_("请先在研修门户修改初始密码，再继续。"))
    if not actor.consent:
        raise Refused("consent.first", N_("请先在研修门户看过隐私告知并同意，再继续。"))
    return actor


def check_origin(request: Request) -> None:
    """Refuse a request that another site's page made the browser send.

    Compared with the settings, never with what the request calls this host: a proxy in front
    may have written that.
    """
    source = request.headers.get("origin") or request.headers.get("referer") or ""
    parts = urlsplit(source)
    if f"{parts.scheme}://{parts.netloc}" != str(get_service(request).layout.portal):
        raise Refused(
            "form.origin", N_("这个请求不是从本平台的页面发出的，没有执行。请从平台页面里操作。")
        )


@dataclass(frozen=True)
class Posted:
    """A form that this session's own page sent."""

    actor: Actor
    form: FormData

    def text(self, name: str, default: str = "") -> str:
        """Return a field's text, ``default`` when it is missing or a file."""
        value = self.form.get(name)
        return value if isinstance(value, str) else default

    def texts(self) -> dict[str, list[str]]:
        """Return all fields that are text."""
        return texts(self.form)


def texts(form: FormData) -> dict[str, list[str]]:
    """Return all fields of ``form`` that are text, in order, files left out."""
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
    return fields


async def _form(request: Request, session: Session) -> FormData:
    check_origin(request)
    form = await read_form(request)
    token = form.get("_csrf")
    if not isinstance(token, str) or not form_token_fits(session, token):
        raise StaleForm
    return form


async def posted_form(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
) -> Posted:
    """Return the form and its actor, once origin and token are right."""
    return Posted(actor, await _form(request, request.state.session))


#: A form of a page, with who sent it.
TheForm = Annotated[Posted, Depends(posted_form)]


async def posted_form_before_consent(
    request: Request,
    actor: Annotated[Actor, Depends(own_password_actor)],
) -> Posted:
    """Return the form, also of those who have not agreed to the privacy notice yet."""
    return Posted(actor, await _form(request, request.state.session))


async def posted_form_of_newcomer(
    request: Request,
    actor: Annotated[Actor, Depends(active_actor)],
) -> Posted:
    """Return the form, also of those who have not chosen a password yet."""
    return Posted(actor, await _form(request, request.state.session))


def who_may(act: Act) -> Callable[..., Awaitable[Actor]]:
    """Return the dependency for a page of those who may do ``act`` to other people's things."""

    async def actor_who_may(actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
        check_may(actor, act)
        return actor

    return actor_who_may


async def marker(actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
    """Return the actor, who organizes something or has something to mark."""
    check_can_list_work(actor)
    return actor
