"""How long to wait before a dead part is started again. Pure; called by ``child``."""

from dataclasses import dataclass, field

#: The first two are quick: a part that was killed must be back within 5 s.
DELAYS_S = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
#: A part that lived this long was well: its next death starts the table again.
WELL_AFTER_S = 20.0


@dataclass
class Backoff:
    """The waiting times of one part.

    >>> backoff = Backoff()
    >>> [backoff.after(lived_s=1.0) for _ in range(3)]
    [0.1, 0.5, 1.0]
    >>> backoff.after(lived_s=3600.0)
    0.1
    """

    deaths: int = field(default=0)

    def after(self, lived_s: float) -> float:
        """Return the seconds to wait after a life of ``lived_s``."""
        if lived_s >= WELL_AFTER_S:
            self.deaths = 0
        delay = DELAYS_S[min(self.deaths, len(DELAYS_S) - 1)]
        self.deaths += 1
        return delay
