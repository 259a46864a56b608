"""Read a time of the settings as an instant: the site's zone, unless it names another.

A day alone begins at 00:00 and ends at 23:59, so ``due: 2030-06-30`` is the end of that
day wherever a time is read. Pure. YAML's own timestamps are read here too: its parsers
drop offsets and stumble over 24:00.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Annotated

from pydantic import BeforeValidator

from yanxiu.clock import SITE_ZONE

_TIME = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[Tt ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|z|[+-]\d{1,2}(?::?\d{2})?)?)?"
)
EXAMPLE = "2026-12-31 23:59"


def instant(value: object, *, end: bool) -> datetime:
    """Return the instant that somebody wrote.

    :param end: a day alone means its last minute, not its first
    :raises ValueError: with a sentence

    >>> instant("2030-06-30", end=True).isoformat()
    '2030-06-30T23:59:00+08:00'
    >>> instant("2030-06-30T15:59:00Z", end=True) == instant("2030-06-30 23:59", end=True)
    True
    >>> instant("2030-06-30 24:00", end=True)
    Traceback (most recent call last):
    ValueError: 没有 24:00 这个时刻；一天的最后一分钟是 23:59
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=SITE_ZONE)
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) and value.isascii() else None
    if found is None:
        raise ValueError(f"应是时间，如 {EXAMPLE}，或只写日期")
    year, month, day, hour, minute, second, zone = found.groups()
    if hour is None:
        hour, minute = ("23", "59") if end else ("0", "0")
    if int(hour) == 24:
        raise ValueError("没有 24:00 这个时刻；一天的最后一分钟是 23:59")
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0),
            tzinfo=_zone(zone),
        )  # fmt: skip
        moment.astimezone(UTC)  # the first and the last day of all are none everywhere
    except (ValueError, OverflowError):
        raise ValueError(f"没有这个时间：{value}") from None
    return moment


def _zone(text: str | None) -> tzinfo:
    if not text:
        return SITE_ZONE
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").zfill(4) if ":" in text or len(text) > 3 else text[1:] + "00"
    ahead = timedelta(hours=int(digits[:-2]), minutes=int(digits[-2:]))
    return timezone(ahead if text[0] == "+" else -ahead)


def _begin(value: object) -> datetime:
    return instant(value, end=False)


def _end(value: object) -> datetime:
    return instant(value, end=True)


Begin = Annotated[datetime, BeforeValidator(_begin)]
End = Annotated[datetime, BeforeValidator(_end)]
