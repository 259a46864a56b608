"""Log people in to the hub with the accounts of the roster, and keep what it knows fresh.

Glue between JupyterHub and ``accounts``, which decides who may log in. The hub's user name
is the opaque person id; its groups are derived at each login and refresh and never edited
by hand. ``AccountsAuthenticator`` has one seam for other ways in: a subclass that learns
a person id elsewhere (OIDC) ends in ``model_of`` as the login form does.
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Protocol, TypeVar

from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.auth import Authenticator
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LoginHandler, LogoutHandler
from jupyterhub.utils import url_path_join
from tornado import web
from tornado.log import app_log
from traitlets import Bool, Bytes, Instance, Integer, List, Unicode
from traitlets import Callable as CallableTrait

from yanxiu.errors import N_, Refused, Sentence
from yanxiu.i18n import LANG_COOKIE, LANGUAGES, SOURCE, translator
from yanxiu.names import PERSON_ID
from yanxiu.settings.model import LoginSettings
from yanxiu.web.sources import LOCAL_PROXY, source_of

from . import browsers, hub_sessions
from .browsers import Browser, Browsers
from .fair_queue import FairQueue, Full
from .guessing import Guesses, Try

T = TypeVar("T")

MAX_LOGIN_CHARS = 64
MAX_PASSWORD_CHARS = 256

EMPTY = N_("请输入登录名和密码。")
TOO_LONG = N_("登录名或密码太长，请检查后重新输入。")
BUSY = N_("现在登录的人很多，请过一会儿再试。")
EXPIRED = N_("登录页面已过期，请重新输入登录名和密码。")
FORM_ONLY = N_("密码只能在登录页面里用。程序请用运维给的令牌。")
PORTAL_AWAY = N_("研修门户正在重启，请过几秒刷新页面。您已保存的内容都在。")


class Verdict(Protocol):
    """What ``accounts.verify_login`` answers: a person, or a refusal with its sentence."""

    @property
    def person_id(self) -> str | None:
        """The person, if the login is right."""

    @property
    def refusal(self) -> Refused | None:
        """Why not, otherwise."""

    @property
    def password_hash(self) -> str | None:
        """The hash of the password that was right; None after a one-time code."""


class Glance(Protocol):
    """What ``accounts.glance`` answers: what can be told before a password is checked."""

    @property
    def person_id(self) -> str | None:
        """Whose name it is."""

    @property
    def password_hash(self) -> str | None:
        """The hash of the account's present password."""

    @property
    def right_code(self) -> bool:
        """Whether the account's one-time code was typed."""


class Change(Protocol):
    """What ``accounts.last_change`` answers: logins from before are over."""

    @property
    def at(self) -> datetime:
        """When the password was chosen or reset."""

    @property
    def kept(self) -> str | None:
        """The one login that goes on."""


class Directory(Protocol):
    """What the hub asks about people. Called in threads, so it must bear that."""

    def glance(self, login: str, password: str) -> Glance:
        """Look at a login name and a password without the work of a check."""

    def refused(self, outcome: str) -> None:
        """Note that somebody was refused before the password was looked at."""

    def verify_login(self, login: str, password: str) -> Verdict:
        """Check a login name and a password (slow on purpose: argon2)."""

    def hub_groups(self, person_id: str) -> list[str]:
        """Return the hub groups that the person is in now."""

    def is_active(self, person_id: str) -> bool:
        """Say whether the person may be here at all."""

    def last_change(self, person_id: str) -> Change | None:
        """Return the last choice or reset of the password."""


class FormLoginHandler(LoginHandler):
    """The stock login form, in the reader's language."""

    #: The login under way; whoever has gone away does not wait in line.
    login_task: asyncio.Task[Any] | None = None

    def on_connection_close(self) -> None:
        """Leave the line."""
        super().on_connection_close()
        if self.login_task is not None:
            self.login_task.cancel()

    async def post(self) -> None:
        """Log in, unless the browser goes away meanwhile."""
        self.login_task = asyncio.ensure_future(super().post())
        try:
            await self.login_task
        except asyncio.CancelledError:
            raise web.Finish from None

    def check_xsrf_cookie(self) -> None:
        """Say in a sentence that the form is too old."""
        try:
            super().check_xsrf_cookie()
        except web.HTTPError as error:
            _say(error, EXPIRED)
            raise


class GoodbyeHandler(LogoutHandler):
    """The hub's logout, and a page that says it is done and what to do on a shared computer."""

    async def render_logout_page(self) -> None:
        """Show the page; going straight to the login form looks as if nothing had happened."""
        self.finish(await self.render_template("logout.html"))


class AwayHandler(BaseHandler):
    """``/away``: the page that the proxy shows while the portal is being restarted."""

    async def get(self) -> None:
        """Say so; a program gets it as JSON."""
        self.set_status(503)
        if "text/html" in self.request.headers.get("Accept", ""):
            self.finish(
                await self.render_template("error.html", status_code=503, message=PORTAL_AWAY)
            )
            return
        lang = self.get_cookie(LANG_COOKIE, "")
        text = translator(lang if lang in LANGUAGES else SOURCE).gettext(PORTAL_AWAY)
        self.finish({"code": "portal.away", "message": text})


class AccountsAuthenticator(Authenticator):
    """Local accounts out of the roster."""

    # A factory, because traitlets copies configured objects deeply.
    directory = CallableTrait(config=True, help="Returns the Directory of this process")
    threads = Integer(4, config=True, help="Logins at once; argon2 itself is bounded further down")
    session_idle_s = Integer(0, config=True, help="Without use, a browser's login ends; 0: never")
    max_waiting = Integer(600, config=True, help="Logins waiting for a thread before 429")
    rules = Instance(LoginSettings, (), config=True, help="How often a password may be tried")
    browser_key = Bytes(
        config=True, help="32 bytes; without, known browsers are forgotten at a restart"
    )
    portal = Unicode(
        config=True, help="The portal's origin; what a request says of it may be made up"
    )
    trusted_proxies = List(
        Unicode(), sorted(LOCAL_PROXY), config=True, help="Whose X-Forwarded-For is believed"
    )

    # ``accounts`` decides; a name without an account never gets as far as the hub's lists.
    allow_all = Bool(True, config=True)
    manage_groups = Bool(True, config=True)
    username_pattern = Unicode(PERSON_ID.pattern, config=True)
    auth_refresh_age = Integer(30, config=True, help="Seconds; deactivation must bite within 60")
    # A token of somebody who was deactivated is refused too, not only the browser session.
    auth_refresh_strict = Bool(True, config=True)

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self._people: Directory = self.directory()
        self._passwords = ThreadPoolExecutor(self.threads, thread_name_prefix="password")
        self._queue = FairQueue(self.threads, self.max_waiting)
        self.guesses = Guesses(self.rules)
        self._browsers = Browsers(self.browser_key or secrets.token_bytes(32))

    def get_handlers(self, app: Any) -> list[tuple[str, type[BaseHandler]]]:
        """Serve the login form and the goodbye at the hub's own addresses for them."""
        return [
            ("/login", FormLoginHandler),
            ("/logout", GoodbyeHandler),
            ("/away", AwayHandler),
        ]

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any]:
        """Return the model of the person who typed this, or raise what the page shows.

        Never returns None: the hub would write the name that was typed into its log.
        """
        if isinstance(handler, APIHandler):
            # The hub's tokens API looks at names and passwords in its body; what it then says
            # depends on both, and no form, first password or notice stands in between.
            raise refusal(Refused("login.form_only", FORM_ONLY, status=403))
        login, password = typed(data)
        browser = self._browsers.read(handler.get_cookie(browsers.COOKIE))
        source = self.source_of(handler)
        try:
            seen = await asyncio.to_thread(self._people.glance, login, password)
        except Refused as refused:
            raise refusal(refused) from None
        known = None
        if seen.person_id and self._browsers.knows(browser, seen.person_id, seen.password_hash):
            known = browser.id if browser else None
        # A one-time code cannot be guessed: it need not wait, whoever made the account wait.
        trial = None if seen.right_code else self._begin(login, source, known)
        looked = False
        try:
            async with self._queue.turn(known or source, known=bool(known) or seen.right_code):
                looked = True
                verdict = await self._in_thread(lambda: self._people.verify_login(login, password))
        except Full:
            self._people.refused("busy")
            raise refusal(Refused("login.busy", BUSY, status=429)) from None
        except Refused as refused:
            # The store, not the password: nothing was told by it, and nothing is counted.
            looked = False
            raise refusal(refused) from None
        finally:
            if trial is not None and not looked:
                trial.not_made()
        if verdict.person_id is None:
            raise refusal(verdict.refusal or Refused("login.refused", EMPTY))
        if trial is not None:
            trial.right()
        if verdict.password_hash is None:
            # Whoever had the account before the code was given has it no longer.
            await self.end_old_logins(handler.db, verdict.person_id, all_of_them=True)
        else:
            await self.end_old_logins(handler.db, verdict.person_id)
            self._remember(handler, browser, verdict.person_id, verdict.password_hash)
        return await self.model_of(verdict.person_id)

    def _begin(self, login: str, source: str, browser: str | None) -> Try:
        try:
            return self.guesses.begin(login, source, browser)
        except Refused as refused:
            self._people.refused("too early")
            raise refusal(refused) from None

    def _remember(
        self, handler: Any, browser: Browser | None, person_id: str, password_hash: str
    ) -> None:
        """Let the browser be known from now on; only the login form needs to see the cookie."""
        handler.set_cookie(
            browsers.COOKIE,
            self._browsers.seal(browser, person_id, password_hash),
            path=url_path_join(handler.hub.base_url, "login"),
            expires_days=browsers.LASTS_DAYS,
            httponly=True,
            samesite="Lax",
            secure=self.https,
        )

    @property
    def https(self) -> bool:
        """Whether browsers come by https."""
        return bool(self.portal.startswith("https://"))

    def source_of(self, handler: Any) -> str:
        """Return where a request comes from."""
        context = handler.request.connection.context
        peer = context.address[0] if isinstance(context.address, tuple) else ""
        forwarded = ",".join(handler.request.headers.get_list("X-Forwarded-For"))
        return source_of(peer, forwarded, self.trusted_proxies)

    async def model_of(self, person_id: str) -> dict[str, Any]:
        """Return what the hub keeps of a person: the id and the groups, no name, no auth state."""
        groups = await asyncio.to_thread(self._people.hub_groups, person_id)
        return {"name": person_id, "groups": groups, "admin": False}

    async def refresh_user(self, user: Any, handler: Any = None) -> dict[str, Any] | bool:
        """Read the person again; False throws the session out."""
        if not await asyncio.to_thread(self._people.is_active, user.name):
            return False
        asking = hub_sessions.login_of(handler) if handler is not None else None
        ended, kept = await self.end_old_logins(user.db, user.name)
        if ended and asking is not None and asking != kept:
            return False
        return await self.model_of(user.name)

    async def end_old_logins(
        self, db: Any, person_id: str, *, all_of_them: bool = False
    ) -> tuple[bool, str | None]:
        """End the logins from before the password was chosen or reset, unless that was done.

        :param all_of_them: end every login that there is
        :return: whether any could be ended, and which goes on
        """
        change = await asyncio.to_thread(self._people.last_change, person_id)
        if all_of_them:
            return hub_sessions.end_logins(db, person_id, change.at if change else None), None
        if change is None or hub_sessions.ended_already(db, person_id, change.at):
            return False, None
        return hub_sessions.end_logins(db, person_id, change.at, change.kept), change.kept

    async def _in_thread(self, work: Callable[[], T]) -> T:
        running = asyncio.get_running_loop().run_in_executor(self._passwords, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # The thread works on, whoever has gone away: its place is not free before.
            await asyncio.wait([running])
            raise


def typed(data: Any) -> tuple[str, str]:
    """Return the login name and the password; programs may send anything instead of a form."""
    login, password = (
        data.get(name) if isinstance(data, dict) else None for name in ("username", "password")
    )
    if not (isinstance(login, str) and isinstance(password, str) and login and password):
        raise refusal(Refused("login.empty", EMPTY, status=400))
    if len(login) > MAX_LOGIN_CHARS or len(password) > MAX_PASSWORD_CHARS:
        raise refusal(Refused("login.too_long", TOO_LONG, status=400))
    return login, password


def refusal(refused: Refused) -> web.HTTPError:
    """Note the code of ``refused``, and return the hub's error with the sentence for the page."""
    # By ourselves: of what the hub logs where it answers nothing is kept (``hub_logs``).
    app_log.warning("login refused: %s", refused.code)
    error = web.HTTPError(refused.status, "login refused")
    _say(error, Sentence(refused))
    return error


def _say(error: Any, sentence: str) -> None:
    """Put ``sentence`` where the hub's error page looks for it."""
    error.jupyterhub_message = sentence
