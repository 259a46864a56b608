"""The one place that asks what time it is, so that tests can move time.

Inside, every instant is an aware UTC ``datetime``. People see the site's zone.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

SITE_ZONE = ZoneInfo("Asia/Shanghai")


def utcnow() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def local(instant: datetime, zone: ZoneInfo = SITE_ZONE) -> datetime:
    """Return ``instant`` on the site's wall clock."""
    return instant.astimezone(zone)


def is_over(now: datetime, deadline: datetime) -> bool:
    """Say whether a deadline has passed: a minute that is printed as due lasts until its end.

    >>> deadline = datetime(2030, 6, 30, 15, 59, tzinfo=UTC)
    >>> is_over(deadline.replace(second=59), deadline), is_over(deadline + timedelta(minutes=1), deadline)
    (False, True)
    """
    return now >= deadline.replace(second=0, microsecond=0) + timedelta(minutes=1)


class FrozenClock:
    """A clock that stands still until it is told to move; for tests.

    >>> clock = FrozenClock(datetime(2026, 9, 1, tzinfo=UTC))
    >>> clock.advance(hours=1)
    >>> clock().hour
    1
    """

    def __init__(self, now: datetime):
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        """Move forward by ``timedelta(**delta)``."""
        self.now += timedelta(**delta)
