"""Receipt numbers and what a receipt says."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from yanxiu.clock import local

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"


@dataclass(frozen=True)
class Receipt:
    """Proof that an attempt was accepted: what its owner may show anybody.

    :param received_at: the server's instant, never the client's
    :param digest: SHA-256 of the bundle's manifest
    """

    submission_id: uuid.UUID
    number: str
    attempt: int
    received_at: datetime
    digest: str
    late: bool


def new_number(at: datetime) -> str:
    """Return a receipt number: the site's date, and 10 characters to tell apart (48 bits)."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"{local(at):%Y%m%d}-{tail[:5]}-{tail[5:]}"
