"""How long until this server is stopped because nobody uses it.

Decides nothing: the hub's idle culler stops it (``YANXIU_IDLE_MINUTES`` says after how long),
this only counts from the server's own last use. Called by ``api``.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def idle_minutes(environ: Mapping[str, str] = os.environ) -> int:
    """Return after how many idle minutes the server stops; 0: never, or it is not known.

    >>> idle_minutes({"YANXIU_IDLE_MINUTES": "120"}), idle_minutes({}), idle_minutes(
    ...     {"YANXIU_IDLE_MINUTES": "soon"})
    (120, 0, 0)
    """
    text = environ.get("YANXIU_IDLE_MINUTES", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def seconds_left(minutes: int, last_use: datetime, now: datetime) -> int | None:
    """Return the seconds until the stop, None for never."""
    if not minutes:
        return None
    return max(0, int(minutes * 60 - (now - last_use).total_seconds()))


def described(web_app: Any) -> dict[str, Any]:
    """Return ``{"minutes", "left_s"}`` of this server."""
    minutes = idle_minutes()
    left = seconds_left(minutes, web_app.last_activity(), datetime.now(UTC))
    return {"minutes": minutes, "left_s": left}
