"""When a server that nobody uses stops: one rule for who stops it and who warns.

The hub's idle culler ends a server at ``stops_at``, and the panel in JupyterLab says some minutes
before when that will be. A school may shorten the time for some hours of the day (``Peak``): then
a server ends as soon as it has been unused that long within these hours.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAY_MINUTES = 24 * 60
_TEXT = re.compile(r"([0-9]{1,4})-([0-9]{1,4})=([0-9]{1,4})", re.ASCII)


@dataclass(frozen=True)
class Peak:
    """The hours of the day in which an unused server stops sooner.

    :param begins: minutes since midnight UTC; ``ends``: likewise, the next day's if it is not later
    :param minutes: how long a server may be unused then
    """

    begins: int
    ends: int
    minutes: int

    def __str__(self) -> str:
        return f"{self.begins}-{self.ends}={self.minutes}"

    @classmethod
    def parse(cls, text: str) -> "Peak | None":
        """Return what ``str`` of a peak said, None for anything else.

        >>> Peak.parse("630-810=30"), Peak.parse("now"), Peak.parse("630-9999=30")
        (Peak(begins=630, ends=810, minutes=30), None, None)
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            return None
        begins, ends, minutes = (int(part) for part in match.groups())
        if max(begins, ends) >= DAY_MINUTES or not minutes:
            return None
        return cls(begins, ends, minutes)

    def first_within(self, instant: datetime) -> datetime:
        """Return ``instant`` if it is in the hours, else when they begin next.

        >>> peak, noon = Peak(630, 810, 30), datetime(2026, 9, 1, 12, tzinfo=UTC)
        >>> peak.first_within(noon) == noon, peak.first_within(noon.replace(hour=9)).time()
        (True, datetime.time(10, 30))
        """
        midnight = instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        long = timedelta(minutes=(self.ends - self.begins) % DAY_MINUTES or DAY_MINUTES)
        for day in (-1, 0):
            begins = midnight + timedelta(days=day, minutes=self.begins)
            if instant < begins + long:
                return max(instant, begins)
        return midnight + timedelta(days=1, minutes=self.begins)


def stops_at(last_use: datetime, minutes: int, peak: Peak | None = None) -> datetime | None:
    """Return when a server that was used last then stops, None for never.

    :param minutes: how long it may be unused at any time; 0: for ever

    >>> used = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
    >>> f"{stops_at(used, 120, Peak(630, 810, 30)):%H:%M}", f"{stops_at(used, 60):%H:%M}"
    ('10:30', '10:00')
    >>> stops_at(used, 0)
    """
    found = [last_use + timedelta(minutes=minutes)] if minutes else []
    if peak is not None:
        found.append(peak.first_within(last_use + timedelta(minutes=peak.minutes)))
    return min(found, default=None)
