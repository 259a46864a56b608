"""Log people in to the hub with the accounts of the roster, and keep what it knows fresh.

Glue between JupyterHub and ``accounts``, which decides who may log in. The hub's user name
is the opaque person id; its groups are derived at each login and refresh and never edited
by hand. ``AccountsAuthenticator`` has one seam for other ways in: a subclass that learns
a person id elsewhere (OIDC) ends in ``model_of`` as the login form does.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from jupyterhub.auth import Authenticator
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LoginHandler, LogoutHandler
from tornado import web
from traitlets import Bool, Integer, Unicode
from traitlets import Callable as CallableTrait

from yanxiu.errors import N_, Refused, Sentence
from yanxiu.names import PERSON_ID

T = TypeVar("T")

MAX_LOGIN_CHARS = 64
MAX_PASSWORD_CHARS = 256

EMPTY = N_("请输入登录名和密码。")
TOO_LONG = N_("登录名或密码太长，请检查后重新输入。")
BUSY = N_("现在登录的人很多，请过一会儿再试。")
EXPIRED = N_("登录页面已过期，请重新输入登录名和密码。")


class Verdict(Protocol):
    """What ``accounts.verify_login`` answers: a person, or a refusal with its sentence."""

    @property
    def person_id(self) -> str | None:
        """The person, if the login is right."""

    @property
    def refusal(self) -> Refused | None:
        """Why not, otherwise."""


class Directory(Protocol):
    """What the hub asks about people. Called in threads, so it must bear that."""

    def verify_login(self, login: str, password: str) -> Verdict:
        """Check a login name and a password (slow on purpose: argon2)."""

    def hub_groups(self, person_id: str) -> list[str]:
        """Return the hub groups that the person is in now."""

    def is_active(self, person_id: str) -> bool:
        """Say whether the person may be here at all."""


class FormLoginHandler(LoginHandler):
    """The stock login form, in the reader's language."""

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


class AccountsAuthenticator(Authenticator):
    """Local accounts out of the roster."""

    # A factory, because traitlets copies configured objects deeply.
    directory = CallableTrait(config=True, help="Returns the Directory of this process")
    threads = Integer(4, config=True, help="Logins at once; argon2 itself is bounded further down")
    session_idle_s = Integer(0, config=True, help="Without use, a browser's login ends; 0: never")
    max_waiting = Integer(60, config=True, help="Logins waiting for a thread before 429")

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
        self._waiting = 0

    def get_handlers(self, app: Any) -> list[tuple[str, type[BaseHandler]]]:
        """Serve the login form and the goodbye at the hub's own addresses for them."""
        return [("/login", FormLoginHandler), ("/logout", GoodbyeHandler)]

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any]:
        """Return the model of the person who typed this, or raise what the page shows.

        Never returns None: the hub would write the name that was typed into its log.
        """
        login, password = data.get("username", ""), data.get("password", "")
        if not login or not password:
            raise refusal(Refused("login.empty", EMPTY, status=400))
        if len(login) > MAX_LOGIN_CHARS or len(password) > MAX_PASSWORD_CHARS:
            raise refusal(Refused("login.too_long", TOO_LONG, status=400))
        if self._waiting >= self.max_waiting:
            raise refusal(Refused("login.busy", BUSY, status=429))
        self._waiting += 1
        try:
            verdict = await self._in_thread(lambda: self._people.verify_login(login, password))
        finally:
            self._waiting -= 1
        if verdict.person_id is None:
            raise refusal(verdict.refusal or Refused("login.refused", EMPTY))
        return await self.model_of(verdict.person_id)

    async def model_of(self, person_id: str) -> dict[str, Any]:
        """Return what the hub keeps of a person: the id and the groups, no name, no auth state."""
        groups = await asyncio.to_thread(self._people.hub_groups, person_id)
        return {"name": person_id, "groups": groups, "admin": False}

    async def refresh_user(self, user: Any, handler: Any = None) -> dict[str, Any] | bool:
        """Read the person again; False throws the session out."""
        if not await asyncio.to_thread(self._people.is_active, user.name):
            return False
        return await self.model_of(user.name)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._passwords, work)


def refusal(refused: Refused) -> web.HTTPError:
    """Return the hub's error for ``refused``: the code for the log, the sentence for the page."""
    error = web.HTTPError(refused.status, f"login refused: {refused.code}")
    _say(error, Sentence(refused))
    return error


def _say(error: Any, sentence: str) -> None:
    """Put ``sentence`` where the hub's error page looks for it."""
    error.jupyterhub_message = sentence
