"""What the portal keeps in a browser: the session, and a login that is under way.

Both are sealed (Fernet: encrypted and authenticated, with the time of sealing), HttpOnly,
SameSite=Lax and only sent to this service. Nothing is kept here in memory, so a restart
of the service loses nobody's login. Also makes and checks the tokens of forms.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass

from cryptography.fernet import Fernet, InvalidToken
from starlette.requests import Request
from starlette.responses import Response

from .portal import Portal

SESSION_COOKIE = "yanxiu-records"
LOGIN_COOKIE = "yanxiu-records-login-"
LOGIN_S = 600


@dataclass(frozen=True, repr=False)
class Session:
    """A browser that logged in.

    :param person_id: whom the hub said it was; asked again all the time
    :param token: the hub's token of this login
    :param form_key: what the tokens of this session's forms are made with
    """

    person_id: str
    token: str
    form_key: str


@dataclass(frozen=True, repr=False)
class Login:
    """A login under way, bound to the browser that began it."""

    next_path: str
    verifier: str


class Sessions:
    """Seal and open cookies."""

    def __init__(self, portal: Portal):
        digest = hashlib.sha256(b"yanxiu portal session\0" + portal.session_key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))
        self._path = portal.prefix
        self._https = portal.public_url.startswith("https:")
        self.session_s = portal.site.login.session_hours * 3600

    def read(self, request: Request) -> Session | None:
        """Return the session of the browser, None when there is none or it is too old."""
        data = self._open(request.cookies.get(SESSION_COOKIE), self.session_s)
        return Session(**data) if data else None

    def begin(self, request: Request, response: Response, person_id: str, token: str) -> None:
        """Give the browser a new session."""
        session = Session(person_id, token, secrets.token_urlsafe(24))
        self._set(request, response, SESSION_COOKIE, asdict(session), self.session_s)

    def end(self, response: Response) -> None:
        """Take the session from the browser."""
        response.delete_cookie(SESSION_COOKIE, path=self._path, httponly=True, samesite="lax")

    def begin_login(self, request: Request, response: Response, login: Login) -> str:
        """Remember a login in the browser; return the ``state`` that the hub will repeat."""
        state = secrets.token_urlsafe(16)
        for old in [name for name in request.cookies if name.startswith(LOGIN_COOKIE)][4:]:
            response.delete_cookie(old, path=self._path)
        self._set(request, response, LOGIN_COOKIE + state, asdict(login), LOGIN_S)
        return state

    def finish_login(self, request: Request, state: str) -> Login | None:
        """Return the login that this browser began with ``state``."""
        data = self._open(request.cookies.get(LOGIN_COOKIE + state), LOGIN_S)
        return Login(**data) if data else None

    def clear_login(self, response: Response, state: str) -> None:
        """Forget a finished login."""
        response.delete_cookie(LOGIN_COOKIE + state, path=self._path)

    def _set(
        self, request: Request, response: Response, name: str, data: dict[str, str], max_age: int
    ) -> None:
        forwarded = request.headers.get("x-forwarded-proto", request.url.scheme)
        response.set_cookie(
            name,
            self._fernet.encrypt(json.dumps(data).encode()).decode(),
            max_age=max_age,
            path=self._path,
            httponly=True,
            samesite="lax",
            secure=self._https or forwarded.split(",")[0].strip() == "https",
        )

    def _open(self, cookie: str | None, max_age: int) -> dict[str, str] | None:
        if not cookie:
            return None
        try:
            data: dict[str, str] = json.loads(self._fernet.decrypt(cookie.encode(), ttl=max_age))
        except InvalidToken:
            return None
        return data


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
