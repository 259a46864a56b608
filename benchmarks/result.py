"""What a benchmark found: medians, the ratio, and every single measurement.

Pure. Called by the benchmarks; ``run.py`` prints and keeps it.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Result:
    """One comparison.

    :param ours: median of ours, in ``unit``
    :param stock: median of the stock way, in ``unit``
    :param ratio: how many times better than stock ours is; below 1 it is worse
    :param details: whatever explains the figures; JSON
    """

    ours: float
    stock: float
    unit: str
    ratio: float
    details: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_seconds(cls, ours: Sequence[float], stock: Sequence[float], **details: Any) -> "Result":
        """Compare durations: less is better.

        >>> Result.of_seconds([1.0, 2.0, 9.0], [4.0]).ratio
        2.0
        """
        one, other = median(ours), median(stock)
        return cls(one, other, "s", other / one, _runs(ours, stock) | details)

    @classmethod
    def of_rates(
        cls, ours: Sequence[float], stock: Sequence[float], unit: str, **details: Any
    ) -> "Result":
        """Compare how many in a second: more is better.

        >>> Result.of_rates([10.0], [40.0], "1/s").ratio
        0.25
        """
        one, other = median(ours), median(stock)
        return cls(one, other, unit, one / other, _runs(ours, stock) | details)

    def line(self, name: str) -> str:
        """Return the one line that a benchmark prints.

        >>> Result(0.5, 2.0, "s", 4.0).line("x")
        'BENCH x ratio=4.00 ours=0.500 stock=2.000 unit=s'
        """
        return (
            f"BENCH {name} ratio={self.ratio:.2f} "
            f"ours={self.ours:.3f} stock={self.stock:.3f} unit={self.unit}"
        )

    def json(self, name: str) -> str:
        """Return everything as JSON."""
        return json.dumps({"name": name, **asdict(self)}, ensure_ascii=False, indent=1) + "\n"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of the values do not exceed.

    >>> percentile([5.0, 1.0, 2.0, 4.0, 3.0], 0.5), percentile([1.0, 2.0], 0.99)
    (3.0, 2.0)
    """
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def _runs(ours: Sequence[float], stock: Sequence[float]) -> dict[str, list[float]]:
    return {"ours_runs": list(ours), "stock_runs": list(stock)}
