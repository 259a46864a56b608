"""Server hours: how long servers lived, by month of the site's zone. Pure sums over lives."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from yanxiu.clock import SITE_ZONE, local


def month_of(instant: datetime, zone: ZoneInfo = SITE_ZONE) -> str:
    """Return the month in which an instant falls, where the site is.

    >>> from datetime import UTC
    >>> month_of(datetime(2026, 8, 31, 17, 0, tzinfo=UTC))
    '2026-09'
    """
    return f"{local(instant, zone):%Y-%m}"


def by_month(
    begin: datetime, end: datetime, zone: ZoneInfo = SITE_ZONE
) -> Iterator[tuple[str, float]]:
    """Yield each month between two instants with its seconds; nothing if the end comes first.

    >>> from datetime import UTC
    >>> list(by_month(datetime(2026, 8, 31, 15, tzinfo=UTC), datetime(2026, 8, 31, 18, tzinfo=UTC)))
    [('2026-08', 3600.0), ('2026-09', 7200.0)]
    """
    while begin < end:
        first = local(begin, zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        until = min(end, following)
        yield month_of(begin, zone), (until - begin).total_seconds()
        begin = until
