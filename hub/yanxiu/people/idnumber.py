"""Resident identity numbers (GB 11643—1999): check, match, keep, and never show.

Kept encrypted, matched by HMAC, shown as the last four. The key comes from the caller;
nothing here logs or returns a whole number except ``decrypt``, for official reports.
"""

import base64
import hashlib
import hmac
import re

from cryptography.fernet import Fernet

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def is_valid(number: str) -> bool:
    """Say whether the check character (ISO 7064 mod 11-2) is right.

    >>> is_valid("11010519491231002X"), is_valid("440524188001010014")
    (True, True)
    >>> is_valid("110105194912310021")
    False
    """
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return number[17] == _CHECKS[total % 11]


class IdMatcher:
    """The part of the site's key that recognizes numbers and cannot read them.

    :param key: ``IdKey.match_key``
    """

    def __init__(self, key: bytes):
        self._match = key

    def hmac(self, number: str) -> str:
        """Return what the roster matches by: 64 hex digits."""
        return hmac.new(self._match, number.encode(), hashlib.sha256).hexdigest()


class IdKey(IdMatcher):
    """The site's key for identity numbers, split into one for each use.

    :param secret: at least 32 random bytes
    """

    def __init__(self, secret: bytes):
        if len(secret) < 32:
            raise ValueError("the key for identity numbers needs 32 bytes")
        super().__init__(hashlib.blake2b(secret, person=b"yanxiu match", digest_size=32).digest())
        keep = hashlib.blake2b(secret, person=b"yanxiu keep", digest_size=32).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(keep))

    @property
    def match_key(self) -> bytes:
        """Return what a part gets that must recognize numbers and never read them."""
        return self._match

    def encrypt(self, number: str) -> bytes:
        """Return the number as it is kept at rest."""
        return self._fernet.encrypt(number.encode())

    def decrypt(self, kept: bytes) -> str:
        """Return the whole number, for official reports only."""
        return self._fernet.decrypt(kept).decode()


def masked_id(last4: str | None) -> str:
    """Return an ID number as pages show it.

    >>> masked_id("002X"), masked_id(None)
    ('**************002X', '')
    """
    return f"{'*' * 14}{last4}" if last4 else ""
