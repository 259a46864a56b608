"""How many there were at each moment, out of when each began and ended.

Pure sums over spans; whatever a span is of (a server's life, somebody's time in line). What has
no end yet is given the present as its end by the caller. Called by pages, reports and ``whatif``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Span:
    """From when until when; ``until`` is not in it."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Level:
    """How many there were between two moments at which that changed."""

    since: datetime
    until: datetime
    count: int

    @property
    def seconds(self) -> float:
        """How long it was so."""
        return (self.until - self.since).total_seconds()


def changes(spans: Iterable[Span]) -> dict[datetime, int]:
    """Return by how much the number changes at each moment; a span without length changes none."""
    found: dict[datetime, int] = defaultdict(int)
    for one in spans:
        if one.since < one.until:
            found[one.since] += 1
            found[one.until] -= 1
    return {moment: by for moment, by in found.items() if by}


def levels(spans: Iterable[Span], since: datetime, until: datetime) -> Iterator[Level]:
    """Yield how many there were from ``since`` to ``until``, without a gap, in order.

    >>> from datetime import UTC
    >>> at = lambda hour: datetime(2026, 9, 1, hour, tzinfo=UTC)
    >>> for one in levels([Span(at(8), at(10)), Span(at(9), at(12))], at(7), at(11)):
    ...     print(one.since.hour, one.until.hour, one.count)
    7 8 0
    8 9 1
    9 10 2
    10 11 1
    """
    if since >= until:
        return
    steps = sorted(changes(spans).items())
    count, begun = 0, since
    for moment, by in steps:
        if moment <= since:
            count += by
            continue
        if moment >= until:
            break
        yield Level(begun, moment, count)
        count, begun = count + by, moment
    yield Level(begun, until, count)


def peaks(
    spans: Iterable[Span], since: datetime, until: datetime, step: timedelta
) -> list[tuple[datetime, int]]:
    """Return the most that there were within each ``step``: what a chart shows.

    A moment between two points is not lost, as it would be if each point were asked.
    """
    found: list[tuple[datetime, int]] = []
    running = iter(levels(spans, since, until))
    level = next(running, None)
    begin = since
    while begin < until and level is not None:
        end, most = min(begin + step, until), 0
        while level is not None and level.since < end:
            most = max(most, level.count)
            if level.until > end:
                break
            level = next(running, None)
        found.append((begin, most))
        begin = end
    return found
