"""Where the static files are and what their addresses are: with a digest, kept for a year.

Light on purpose: the hub's pages use the same stylesheet and import this module alone.
"""

import hashlib
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"


@cache
def static_digest(name: str) -> str:
    """Return the digest of a static file's content, a part of its address."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:16]


def static_address(prefix: str, name: str) -> str:
    """Return the address of a static file below the service's ``prefix``."""
    return f"{prefix}static/{static_digest(name)}/{name}"
