"""Server hours: how long servers lived, by day and month of the site's zone. Pure sums over lives."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from yanxiu.clock import SITE_ZONE, local


def day_of(instant: datetime, zone: ZoneInfo = SITE_ZONE) -> date:
    """Return the day on which an instant falls, where the site is.

    >>> day_of(datetime(2026, 8, 31, 17, 0, tzinfo=UTC))
    datetime.date(2026, 9, 1)
    """
    return local(instant, zone).date()


def month_of(instant: datetime, zone: ZoneInfo = SITE_ZONE) -> str:
    """Return the month in which an instant falls, where the site is.

    >>> month_of(datetime(2026, 8, 31, 17, 0, tzinfo=UTC))
    '2026-09'
    """
    return f"{local(instant, zone):%Y-%m}"


def begin_of(day: date, zone: ZoneInfo = SITE_ZONE) -> datetime:
    """Return the instant at which a day begins where the site is.

    >>> begin_of(date(2026, 9, 1))
    datetime.datetime(2026, 8, 31, 16, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days_of(month: str) -> list[date]:
    """Return the days of a month.

    >>> len(days_of("2028-02")), days_of("2026-12")[-1]
    (29, datetime.date(2026, 12, 31))
    """
    first = date.fromisoformat(f"{month}-01")
    found = [first + timedelta(days=n) for n in range(31)]
    return [one for one in found if one.month == first.month]


def by_day(
    begin: datetime, end: datetime, zone: ZoneInfo = SITE_ZONE
) -> Iterator[tuple[date, float]]:
    """Yield each day between two instants with its seconds; nothing if the end comes first.

    >>> for day, seconds in by_day(
    ...     datetime(2026, 8, 31, 15, tzinfo=UTC), datetime(2026, 8, 31, 18, tzinfo=UTC)
    ... ):
    ...     print(day, seconds)
    2026-08-31 3600.0
    2026-09-01 7200.0
    """
    # In UTC: where clocks are put back an hour, a day of the zone has 25 of them.
    begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    while begin < end:
        day = day_of(begin, zone)
        until = min(end, begin_of(day + timedelta(days=1), zone))
        yield day, (until - begin).total_seconds()
        begin = until


def by_month(
    begin: datetime, end: datetime, zone: ZoneInfo = SITE_ZONE
) -> Iterator[tuple[str, float]]:
    """Yield each month between two instants with its seconds; nothing if the end comes first.

    >>> list(by_month(datetime(2026, 8, 31, 15, tzinfo=UTC), datetime(2026, 8, 31, 18, tzinfo=UTC)))
    [('2026-08', 3600.0), ('2026-09', 7200.0)]
    """
    for month, days in groupby(by_day(begin, end, zone), key=lambda one: f"{one[0]:%Y-%m}"):
        yield month, sum(seconds for _, seconds in days)
