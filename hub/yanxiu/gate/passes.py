"""What the gate keeps in a browser: the pass, and what a browser brings that comes for one.

A pass says who the browser is, sealed with the hub's token of that login, which is asked about
all the time. It is got in three steps, so that nobody's pass ends up in another browser: the
servers' host gives the browser a secret (``state``), the portal seals a code that fits only
that secret, the servers' host takes both. A browser is one person at a time: one cookie, for
the whole host, never one for each server. Called by ``door`` and ``pages``.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

from cryptography.fernet import InvalidToken

from yanxiu.clock import Clock
from yanxiu.web.seals import seal_for

from .once import Once

#: As a browser's jump from one host to the other takes, slow networks included.
CODE_S = 30
_STATE = re.compile(r"[A-Za-z0-9_-]{32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_OWN = re.compile(r"(?:__Host-|__Secure-)?yanxiu-")
_SERVER = re.compile(r"(?:__Host-|__Secure-)?jupyterhub-user-(u[a-z2-7]{16})(?![a-z0-9])")
_PAGE = re.compile(r"/user/(u[a-z2-7]{16})(?:[/?][!-\[\]-~]*)?")


class Pass(NamedTuple):
    """A browser that may reach the servers of one person.

    :param token: the hub's token of the login
    """

    person_id: str
    token: str


class Entry(NamedTuple):
    """What the portal lets a browser do: come in as somebody, and where it wants to go."""

    who: Pass
    page: str


class TwoPasses(Exception):
    """The browser sends the passes of two people: one of them is somebody else's doing."""


class Passes:
    """Seal and open passes and codes.

    :param session_s: how long a login lasts
    :param used: where it is known which codes have been used
    :param https: whether browsers come by https; then cookies are locked to the host
    """

    def __init__(self, session_key: str, clock: Clock, session_s: int, used: Once, *, https: bool):
        self._fernet = seal_for(b"yanxiu gate", session_key)
        self._clock = clock
        self._session_s = session_s
        self._https = https
        self._used = used
        prefix = "__Host-" if https else ""
        self.pass_cookie = f"{prefix}yanxiu-gate"
        self.state_cookie = f"{prefix}yanxiu-gate-state"

    def read(self, cookies: str) -> Pass | None:
        """Return the pass of a browser that sends ``cookies``; None when it has no valid one.

        Whatever else has the name counts for nothing: any page on the servers' host can set
        such a cookie for a path, and would shut out everybody who uses that browser.

        :raises TwoPasses: it has those of two people
        """
        sealed = (value for name, value in split(cookies) if name == self.pass_cookie)
        opened = (self._open(one, b"pass", self._session_s) for one in sealed)
        found = [Pass(*data) for data in opened if data]
        if len({one.person_id for one in found}) > 1:
            raise TwoPasses
        return found[0] if found else None

    def seal(self, who: Pass) -> str:
        """Return the ``Set-Cookie`` of a pass; it is gone with the browser."""
        return self._cookie(self.pass_cookie, self._seal(b"pass", who))

    def end_passes(self, page: str) -> list[str]:
        """Return the ``Set-Cookie`` that take away every pass which ``page`` is asked with."""
        path = re.split("[?;,]", page)[0]
        below = [path[:at] for at, letter in enumerate(path) if letter == "/" and at]
        paths = ["/", *below, *(f"{one}/" for one in below), path]
        ended = self._cookie(self.pass_cookie, "")
        return [
            f"{ended.replace('; Path=/', f'; Path={one}')}; Max-Age=0"
            for one in dict.fromkeys(paths)
        ]

    def state(self, cookies: str) -> str | None:
        """Return the secret that the browser got when it first came; None for none."""
        found = [value for name, value in split(cookies) if name == self.state_cookie]
        return found[0] if len(found) == 1 and _STATE.fullmatch(found[0]) else None

    def new_state(self) -> tuple[str, str]:
        """Return a new secret, and its ``Set-Cookie``."""
        state = secrets.token_urlsafe(24)
        return state, self._cookie(self.state_cookie, state)

    def end_state(self) -> str:
        """Return the ``Set-Cookie`` that takes the secret away."""
        return f"{self._cookie(self.state_cookie, '')}; Max-Age=0"

    def code(self, entry: Entry, state_digest: str) -> str:
        """Return the portal's code for the browser whose secret has ``state_digest``."""
        return self._seal(
            b"code", [*entry.who, entry.page, state_digest, secrets.token_urlsafe(12)]
        )

    def use(self, code: str, state: str | None) -> Entry | None:
        """Return what a code allows; None if it is old, used, or another browser's."""
        data = self._open(code, b"code", CODE_S)
        if data is None or state is None:
            return None
        person_id, token, page, state_digest, number = data
        # As bytes: texts that are not ASCII cannot be compared.
        fits = hmac.compare_digest(digest(state).encode(), state_digest.encode())
        if not fits or not self._used.take(number):
            return None
        return Entry(Pass(person_id, token), page)

    def without_own(self, cookies: str, owner: str) -> str:
        """Return the cookies that a server may see: none of ours, none of another's server."""

        def kept(name: str) -> bool:
            server = _SERVER.match(name)
            return not _OWN.match(name) and (server is None or server[1] == owner)

        return "; ".join(f"{name}={value}" for name, value in split(cookies) if kept(name))

    def _cookie(self, name: str, value: str) -> str:
        secure = "; Secure" if self._https else ""
        return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}"

    def _seal(self, kind: bytes, data: Iterable[str]) -> str:
        now = int(self._clock().timestamp())
        content = kind + json.dumps(list(data)).encode()
        return self._fernet.encrypt_at_time(content, now).decode()

    def _open(self, sealed: str | None, kind: bytes, most_s: int) -> list[Any] | None:
        if not sealed:
            return None
        try:
            now = int(self._clock().timestamp())
            content = self._fernet.decrypt_at_time(sealed.encode(), most_s, now)
        except (InvalidToken, ValueError):
            return None
        if not content.startswith(kind):
            return None
        data: list[Any] = json.loads(content.removeprefix(kind))
        return data


def digest(state: str) -> str:
    """Return what the portal learns of a browser's secret."""
    return hashlib.sha256(state.encode()).hexdigest()


def is_digest(text: str) -> bool:
    """Say whether ``text`` can be what ``digest`` returns.

    >>> is_digest(digest("s")), is_digest("é" * 64)
    (True, False)
    """
    return _DIGEST.fullmatch(text) is not None


def owner_of(page: str) -> str | None:
    """Return whose server an address is on; None if it is no page of a server.

    >>> owner_of("/user/uabcdefghij234567/lab/tree/a.ipynb?x=1")
    'uabcdefghij234567'
    >>> owner_of("/user/uabcdefghij234567@elsewhere.cn/"), owner_of("//elsewhere.cn/user/")
    (None, None)
    """
    match = _PAGE.fullmatch(page)
    return match[1] if match else None


def clear_owner_of(page: str) -> str | None:
    """Return whose server an address is on, where everybody reads the same in its path.

    >>> clear_owner_of("/user/uabcdefghij234567/lab/tree/100%25.ipynb?next=/user/../x")
    'uabcdefghij234567'
    >>> clear_owner_of("/user/uabcdefghij234567/..%2fuzzzzzzzzzz234567/lab") is None
    True
    >>> clear_owner_of("/user/uabcdefghij234567/../uzzzzzzzzzz234567/lab") is None
    True
    """
    written = page.partition("?")[0]
    path = unquote(written)
    steps = path.split("/")
    if len(steps) != len(written.split("/")) or "\\" in path or {".", ".."} & set(steps):
        return None
    return owner_of(page)


def split(cookies: str) -> list[tuple[str, str]]:
    """Return the names and values of a ``Cookie`` header, in order.

    >>> split("a=1; b = 2;a=3")
    [('a', '1'), ('b', '2'), ('a', '3')]
    """
    pairs = (one.partition("=") for one in cookies.split(";") if one.strip())
    return [(name.strip(), value.strip()) for name, _, value in pairs]
