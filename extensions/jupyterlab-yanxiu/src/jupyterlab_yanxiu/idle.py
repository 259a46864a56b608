"""How long until this server is stopped because nobody uses it.

Decides nothing: the hub's idle culler stops it, after ``YANXIU_IDLE_MINUTES`` and, in some hours
of the day, after what ``YANXIU_IDLE_PEAK`` says; both go by ``yanxiu_formats.idle``. This only
counts from the server's own last use. Called by ``api``.
"""

import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from yanxiu_formats.idle import Peak, stops_at


def idle_minutes(environ: Mapping[str, str] = os.environ) -> int:
    """Return after how many idle minutes the server stops; 0: never, or it is not known.

    >>> idle_minutes({"YANXIU_IDLE_MINUTES": "120"}), idle_minutes({}), idle_minutes(
    ...     {"YANXIU_IDLE_MINUTES": "soon"})
    (120, 0, 0)
    """
    text = environ.get("YANXIU_IDLE_MINUTES", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def peak(environ: Mapping[str, str] = os.environ) -> Peak | None:
    """Return the hours in which the server stops sooner, if there are any."""
    return Peak.parse(environ.get("YANXIU_IDLE_PEAK", ""))


def left(
    minutes: int, hours: Peak | None, last_use: datetime, now: datetime
) -> tuple[int, int | None]:
    """Return after how many minutes without use the server stops, and the seconds until then.

    The minutes are those that hold when it comes to that; ``(0, None)`` is never.
    """
    stop = stops_at(last_use, minutes, hours)
    if stop is None:
        return 0, None
    idle = math.ceil((stop - last_use).total_seconds() / 60)
    return idle, max(0, int((stop - now).total_seconds()))


def described(web_app: Any) -> dict[str, Any]:
    """Return ``{"minutes", "left_s"}`` of this server."""
    minutes, left_s = left(idle_minutes(), peak(), web_app.last_activity(), datetime.now(UTC))
    return {"minutes": minutes, "left_s": left_s}
