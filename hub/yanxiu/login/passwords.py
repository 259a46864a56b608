"""Hash and check passwords (argon2id, RFC 9106), and make one-time codes.

A hash takes about 0.1 s on purpose, so it runs in a pool of two threads: a storm of
logins waits in line instead of starving everything else on the machine.
"""

import hashlib
import hmac
import re
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
#: Checked when there is no such account, so that an answer's time does not tell.
_DUMMY = _hasher.hash("no such account")

_ROWS = ("abcdefghijklmnopqrstuvwxyz", "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORDS = ("password", "passw0rd", "woaini", "teacher", "laoshi", "admin")
#: Such a word, or three to ten neighbours in a row, forwards or backwards; the longest first.
_RUN = re.compile(
    "|".join(_WORDS)
    + "|"
    + "|".join(
        way[start : start + length]
        for length in range(10, 2, -1)
        for row in _ROWS
        for way in (row, row[::-1])
        for start in range(len(way) - length + 1)
    )
)

#: Without 0/O, 1/I/L and U/V: read out over the phone without mistakes. 27 × 4.86 = 131 bits.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"


def hash_password(password: str) -> str:
    """Return the argon2id hash of ``password``."""
    return _pool.submit(_hasher.hash, password).result()


def check_password(hashed: str | None, password: str) -> bool:
    """Say whether ``password`` is the one; takes as long when there is no hash."""

    def check() -> bool:
        try:
            return _hasher.verify(hashed or _DUMMY, password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    return _pool.submit(check).result()


def is_easy(password: str) -> bool:
    """Say whether a password is among the first that anybody tries.

    Digits alone, few different characters, or runs along the alphabet or the keyboard with
    hardly anything else (NIST SP 800-63B, 5.1.1.2: repetitive or sequential characters).

    >>> [is_easy(one) for one in ("12345678", "abcdefgh", "qwerty12", "Password1", "云溪9月开学好")]
    [True, True, True, True, False]
    """
    plain = password.lower()
    if plain.isdecimal() or len(set(plain)) < 4:
        return True
    return len(_RUN.sub("", plain)) < 4


def new_code() -> str:
    """Return a one-time code of 128 bits, in groups that people can copy."""
    raw = "".join(secrets.choice(_ALPHABET) for _ in range(27))
    return "-".join(raw[i : i + 9] for i in range(0, 27, 9))


def code_digest(code: str) -> str:
    """Return the SHA-256 of a code as typed: hyphens, spaces and case do not count.

    >>> code_digest("abcd-efgh") == code_digest("ABCD EFGH")
    True
    """
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(plain.encode()).hexdigest()


def check_code(digest: str | None, code: str) -> bool:
    """Say whether ``code`` is the one whose digest was kept."""
    return digest is not None and hmac.compare_digest(digest, code_digest(code))
