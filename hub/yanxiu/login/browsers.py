"""Which browsers have logged in to an account before: a sealed cookie, and no session.

It proves nothing but that: whoever has it still needs the password. It lets the account's own
people in while strangers are being slowed down (``guessing``) or queue (``fair_queue``). Bound
to the account and to its password, so a new password ends it everywhere. One cookie for all
accounts of a browser, because school computers are shared; it names nobody to whoever reads it.
Called by ``authenticator``.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken

COOKIE = "yanxiu-browser"
LASTS_DAYS = 180
#: Accounts that one browser remembers, the latest first.
MOST_ACCOUNTS = 20
_MOST_CHARS = 4000


@dataclass(frozen=True)
class Browser:
    """A browser, and the marks of the accounts that it has logged in to.

    :param marks: one for each account and its present password
    """

    id: str
    marks: tuple[str, ...] = ()


class Browsers:
    """Seal and open the cookie.

    :param key: 32 bytes; whoever has it can make a browser known
    :param now: seconds since 1970
    """

    def __init__(self, key: bytes, now: Callable[[], float] = time.time):
        self._fernet = Fernet(base64.urlsafe_b64encode(key))
        self._key = key
        self._now = now

    def read(self, cookie: str | None) -> Browser | None:
        """Return the browser; None when it has no such cookie, or an old or a made-up one."""
        if not cookie or len(cookie) > _MOST_CHARS:
            return None
        lasts_s = LASTS_DAYS * 86400
        try:
            opened = self._fernet.decrypt_at_time(cookie.encode(), lasts_s, int(self._now()))
        except (InvalidToken, UnicodeEncodeError):
            return None
        browser_id, *marks = json.loads(opened)
        return Browser(browser_id, tuple(marks))

    def knows(self, browser: Browser | None, person_id: str, password_hash: str | None) -> bool:
        """Say whether the browser has logged in to this account with its present password."""
        if browser is None or password_hash is None:
            return False
        mark = self._mark(person_id, password_hash)
        return any(hmac.compare_digest(mark.encode(), one.encode()) for one in browser.marks)

    def seal(self, browser: Browser | None, person_id: str, password_hash: str) -> str:
        """Return the cookie of a browser that has logged in, and all that it knew before."""
        known = browser or Browser(secrets.token_urlsafe(12))
        mark = self._mark(person_id, password_hash)
        marks = [mark, *(one for one in known.marks if one != mark)][:MOST_ACCOUNTS]
        content = json.dumps([known.id, *marks]).encode()
        return self._fernet.encrypt_at_time(content, int(self._now())).decode()

    def _mark(self, person_id: str, password_hash: str) -> str:
        text = f"{person_id}\0{password_hash}".encode()
        return base64.b64encode(hmac.new(self._key, text, hashlib.sha256).digest()[:15]).decode()
