"""What the portal keeps in a browser: the session, and a login that is under way.

Both are sealed (Fernet: encrypted and authenticated, with the time of sealing), HttpOnly,
SameSite=Lax and only sent to this service. Nothing is kept here in memory, so a restart
of the service loses nobody's login. A session ends with the browser, after some hours, and
after some minutes without use: each use seals it anew, at most once a minute. Also makes
and checks the tokens of forms.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from http.cookies import SimpleCookie
from typing import Any

from cryptography.fernet import InvalidToken
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .seals import seal_for
from .service import Service

#: Over https ``__Host-`` comes before them: no other host of the domain can set such a cookie.
SESSION_COOKIE = "yanxiu-records"
LOGIN_COOKIE = "yanxiu-records-login-"
LOGIN_S = 600
#: Says that somebody logged in here within a day, and not who.
BEEN_COOKIE = "yanxiu-records-been"
BEEN_S = 86_400
RENEW_S = 60
#: As far as machines that seal and open may disagree, as Fernet has it.
CLOCK_SKEW_S = 60
MOST_OPENED = 4096


@dataclass(frozen=True, repr=False)
class Session:
    """A browser that logged in.

    :param person_id: whom the hub said it was; asked again all the time
    :param token: the hub's token of this login
    :param form_key: what the tokens of this session's forms are made with
    :param began: when it began, in seconds of the clock
    :param used: when it was sealed last; not in the seal itself
    """

    person_id: str
    token: str
    form_key: str
    began: int
    used: int = field(default=0, compare=False)


@dataclass(frozen=True, repr=False)
class Login:
    """A login under way, bound to the browser that began it."""

    next_path: str
    verifier: str


class Sessions:
    """Seal and open cookies."""

    def __init__(self, service: Service):
        self._fernet = seal_for(b"yanxiu portal session", service.session_key)
        self._https = service.layout.https
        # What such a name promises includes the path.
        self._path = "/" if self._https else service.prefix
        prefix = "__Host-" if self._https else ""
        self.cookie, self._login_cookie = prefix + SESSION_COOKIE, prefix + LOGIN_COOKIE
        self._been_cookie = prefix + BEEN_COOKIE
        # A browser sends the same cookie for a minute; opening it takes longer than a query. What
        # cannot be opened is not remembered.
        self._unseal = lru_cache(maxsize=MOST_OPENED)(self._unseal_anew)
        self._clock = service.store.clock
        self.session_s = service.site.login.session_hours * 3600
        self.idle_s = service.site.login.idle_minutes * 60 or self.session_s

    def now(self) -> int:
        """Return the clock's seconds."""
        return int(self._clock().timestamp())

    def read(self, request: Request) -> Session | None:
        """Return the session of the browser; None when there is none, or too old, or unused."""
        cookie = request.cookies.get(self.cookie)
        found = self._open(cookie, min(self.idle_s, self.session_s))
        if found is None or self.now() - found[0].get("began", 0) > self.session_s:
            return None
        return Session(**found[0], used=found[1])

    def begin(self, response: Response, person_id: str, token: str) -> None:
        """Give the browser a new session."""
        session = Session(person_id, token, secrets.token_urlsafe(24), self.now())
        self.keep(response, session)
        # Outlives the session and a logout in another tab: a form that comes then is shown again.
        self._set(response, self._been_cookie, {}, BEEN_S)

    def was_here(self, request: Request) -> bool:
        """Say whether somebody logged in with this browser within the last day."""
        return any(
            self._open(request.cookies.get(name), BEEN_S) is not None
            for name in (self._been_cookie, self.cookie)
        )

    def keep(self, response: Response, session: Session) -> None:
        """Seal the session as used now. Without an age: it is gone with the browser."""
        data = asdict(session)
        del data["used"]
        self._set(response, self.cookie, data, None)

    def end(self, response: Response) -> None:
        """Take the session from the browser."""
        self._delete(response, self.cookie)

    def begin_login(self, request: Request, response: Response, login: Login) -> str:
        """Remember a login in the browser; return the ``state`` that the hub will repeat."""
        state = secrets.token_urlsafe(16)
        for old in [name for name in request.cookies if name.startswith(self._login_cookie)][4:]:
            self._delete(response, old)
        self._set(response, self._login_cookie + state, asdict(login), LOGIN_S)
        return state

    def finish_login(self, request: Request, state: str) -> Login | None:
        """Return the login that this browser began with ``state``."""
        found = self._open(request.cookies.get(self._login_cookie + state), LOGIN_S)
        return Login(**found[0]) if found else None

    def clear_login(self, response: Response, state: str) -> None:
        """Forget a finished login."""
        self._delete(response, self._login_cookie + state)

    def _set(
        self, response: Response, name: str, data: dict[str, Any], max_age: int | None
    ) -> None:
        response.set_cookie(
            name,
            self._fernet.encrypt_at_time(json.dumps(data).encode(), self.now()).decode(),
            max_age=max_age,
            path=self._path,
            httponly=True,
            samesite="lax",
            secure=self._https,
        )

    def _delete(self, response: Response, name: str) -> None:
        # Browsers do not take back a __Host- cookie by one that is not secure.
        response.delete_cookie(
            name, path=self._path, httponly=True, samesite="lax", secure=self._https
        )

    def _open(self, cookie: str | None, max_age: int) -> tuple[dict[str, Any], int] | None:
        """Return what a cookie holds and when it was sealed; its age is asked every time."""
        if not cookie:
            return None
        try:
            data, sealed_at = self._unseal(cookie)
        except InvalidToken:
            return None
        if not sealed_at - CLOCK_SKEW_S <= self.now() <= sealed_at + max_age:
            return None
        return data, sealed_at

    def _unseal_anew(self, cookie: str) -> tuple[dict[str, Any], int]:
        sealed = cookie.encode()
        return json.loads(self._fernet.decrypt(sealed)), self._fernet.extract_timestamp(sealed)


class Renewal:
    """Seal the session of whoever was answered anew, so that use keeps it awake."""

    def __init__(self, app: ASGIApp, sessions: Sessions):
        self.app = app
        self.sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""

        async def renewing(message: Message) -> None:
            session: Session | None = scope.get("state", {}).get("session")
            if message["type"] == "http.response.start" and session is not None:
                self._renew(session, MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, renewing if scope["type"] == "http" else send)

    def _renew(self, session: Session, headers: MutableHeaders) -> None:
        told = SimpleCookie()
        for line in headers.getlist("set-cookie"):
            told.load(line)
        # Not after a logout, which has just taken it away.
        if self.sessions.cookie in told or self.sessions.now() - session.used < RENEW_S:
            return
        carrier = Response()
        self.sessions.keep(carrier, session)
        headers.append("set-cookie", carrier.headers["set-cookie"])


def form_token(session: Session) -> str:
    """Return a token for one form; another one each time, so that compression tells nothing."""
    salt = secrets.token_hex(8)
    return f"{salt}.{_form_mac(session, salt)}"


def form_token_fits(session: Session, token: str) -> bool:
    """Say whether ``token`` was made for a form of this session."""
    salt, _, mac = token.partition(".")
    return hmac.compare_digest(mac.encode(), _form_mac(session, salt).encode())


def _form_mac(session: Session, salt: str) -> str:
    return hmac.new(session.form_key.encode(), salt.encode(), hashlib.sha256).hexdigest()
