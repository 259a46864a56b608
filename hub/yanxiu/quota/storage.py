"""Judge how full homes are: one person's, and those of a school and of all above it together.

Pure. ``homes`` keeps the sums, ``state`` and the hub's start ask, ``pages.words`` says it. Storage
is no place: it is not reserved, and nobody waits for it. Who is over a limit starts all the same,
but so that the home only shrinks (docs/decisions/full-homes.md), or nobody could make room.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .rules import Own, Way

#: From this share of a limit on it is said that there is little room left.
SOFT = 0.9
MB = 1 << 20


@dataclass(frozen=True)
class Filled:
    """One limit on storage, and how much of it is used.

    :param org: whose limit; empty: the person's own home
    """

    org: str
    used_mb: float
    limit_mb: float

    @property
    def over(self) -> bool:
        """Say whether nothing may grow any more.

        >>> Filled("", 1024, 1024).over, Filled("", 1023.9, 1024).over, Filled("", 0, 0).over
        (True, False, True)
        """
        return self.used_mb >= self.limit_mb

    @property
    def near(self) -> bool:
        """Say whether it is time to speak of it.

        >>> Filled("", 922, 1024).near, Filled("", 921, 1024).near
        (True, False)
        """
        return self.used_mb >= SOFT * self.limit_mb


def filled(way: Way, own: Sequence[Own], size_mb: float) -> list[Filled]:
    """Return every limit that holds for somebody's home, her own first, then from the school up.

    :param way: of what all homes take, from the platform down
    :param own: limits on one person's home; the smallest holds
    :param size_mb: of the person's home
    """
    found = []
    if own:
        found.append(Filled("", size_mb, min(one.limit for one in own)))
    found += [
        Filled(one.name, one.used, one.ceiling) for one in reversed(way) if one.ceiling is not None
    ]
    return found


def worst(found: Sequence[Filled]) -> Filled | None:
    """Return what there is to speak of: the first limit that is reached, else the first that is near.

    >>> near, over = Filled("县三小", 95, 100), Filled("云溪县", 100, 100)
    >>> worst([near, over]).org, worst([near]).org, worst([Filled("", 1, 100)])
    ('云溪县', '县三小', None)
    """
    return next((one for one in found if one.over), next((one for one in found if one.near), None))
