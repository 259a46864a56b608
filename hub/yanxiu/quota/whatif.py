"""What another ceiling would have meant, answered from what has been.

Pure. Known are the servers that ran and the people who stood in line, each from when until when.
How many wanted one at a moment is the sum of both; so a higher ceiling is answered too, as far as
people came and waited: who did not even try is in no ledger, and the page says so. What became
earlier by waiting less would also have ended earlier; that is not reckoned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .curve import Span, levels


@dataclass(frozen=True)
class Shortage:
    """One ceiling, over one time.

    :param full_s: for how long every place was taken, so that whoever came had to wait
    :param short_s: for how long somebody would have waited
    :param waited_s: how long all of them together
    :param most_waiting: how many at once at most
    """

    ceiling: float
    full_s: float
    short_s: float
    waited_s: float
    most_waiting: int


def shortage(
    ran: Iterable[Span],
    waited: Iterable[Span],
    ceiling: float,
    since: datetime,
    until: datetime,
) -> Shortage:
    """Return how it would have been from ``since`` to ``until`` with ``ceiling``.

    >>> from datetime import UTC
    >>> at = lambda hour: datetime(2026, 9, 1, hour, tzinfo=UTC)
    >>> ran = [Span(at(8), at(10)), Span(at(8), at(12))]
    >>> found = shortage(ran, [Span(at(9), at(10))], 2, at(0), at(23))
    >>> found.full_s / 3600, found.waited_s / 3600, found.most_waiting
    (2.0, 1.0, 1)
    >>> shortage(ran, [Span(at(9), at(10))], 3, at(0), at(23)).waited_s
    0.0
    """
    full = short = waiting = 0.0
    most = 0
    places = int(ceiling)
    for level in levels([*ran, *waited], since, until):
        if level.count >= places:
            full += level.seconds
        beyond = level.count - places
        if beyond > 0:
            short += level.seconds
            waiting += beyond * level.seconds
            most = max(most, beyond)
    return Shortage(ceiling, full, short, waiting, most)


@dataclass(frozen=True)
class Sure:
    """What is sure of what one organization has to share out.

    :param limit: its ceiling, or the platform's capacity; None: no limit
    :param guaranteed: what those right below it are sure of together
    :param own: what itself is sure of, at those above it
    """

    name: str
    limit: float | None
    guaranteed: float
    own: float = 0.0

    @property
    def free(self) -> float | None:
        """What nobody is sure of: whoever comes first has it; below 0 it is promised twice."""
        return None if self.limit is None else self.limit - self.guaranteed


@dataclass(frozen=True)
class Cost:
    """How far another guarantee leaves less for all others, at one organization above."""

    name: str
    free_before: float
    free_after: float

    @property
    def fits(self) -> bool:
        """Whether nothing is promised twice."""
        return self.free_after >= 0


def costs(above: Sequence[Sure], before: float, after: float) -> list[Cost]:
    """Return what a guarantee of ``after`` instead of ``before`` leaves at each organization above.

    Guarantees of others are theirs whatever happens: what shrinks is what nobody is sure of.

    :param above: from the nearest up; each organization's own guarantee covers what is below it,
        so only what goes beyond it reaches the next

    >>> [(one.free_before, one.free_after, one.fits)
    ...  for one in costs([Sure("云溪县", 100, 80)], before=10, after=40)]
    [(20, -10, False)]
    """
    found, more = [], after - before
    for one in above:
        if one.free is not None:
            found.append(Cost(one.name, one.free, one.free - more))
        more = max(one.own, one.guaranteed + more) - max(one.own, one.guaranteed)
    return found
