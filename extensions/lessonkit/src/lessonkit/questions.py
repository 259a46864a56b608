"""What a lesson's questions ask for, and how long the teacher waits.

Pure. Sources: Anderson & Krathwohl 2001 (Bloom's levels, revised); 四何 from 4MAT (McCarthy),
with 如何 and 若何 counted as deep as 王陆、彭玏 2020 do; Rowe 1974 (wait time).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.books import BLOOM, SIHE
from lessonkit.cleaning import numbers
from lessonkit.ratios import percent, quotient

#: Rowe's bands, in seconds; both ends belong to the middle one.
SHORT_S, LONG_S = 3, 5


@dataclass(frozen=True, eq=False)
class BloomResult:
    """``counts`` by level 1 to 6, ``high_order`` (4 to 6) in percent, ``mean_level`` 1 to 6."""

    n: int
    counts: pd.Series
    high_order: float | None
    mean_level: float | None


def bloom(levels: Any) -> BloomResult:
    """Return how many questions stand on each of Bloom's levels, one entry a question.

    :param levels: 1 记忆, 2 理解, 3 应用, 4 分析, 5 评价, 6 创造, as numbers or names
    :raises CodeError: another level, or none, with its place

    >>> found = bloom([1, 1, 2, "分析"])
    >>> found.counts.tolist(), found.high_order, found.mean_level
    ([2, 1, 0, 1, 0, 0], 25.0, 2.0)
    """
    counts = BLOOM.count(levels)
    n = int(counts.sum())
    high = int(counts.loc[list(BLOOM.groups["high"])].sum())
    total = int((counts * counts.index.astype(int)).sum())
    return BloomResult(n, counts, percent(high, n), quotient(total, n))


@dataclass(frozen=True, eq=False)
class SiheResult:
    """``shares`` of 是何, 为何, 如何 and 若何 in percent; ``deep`` is 如何 and 若何 together."""

    n: int
    shares: pd.Series
    deep: float | None


def sihe(kinds: Any) -> SiheResult:
    """Return the shares of the four kinds of question (四何), one entry a question.

    :param kinds: 是何, 为何, 如何 or 若何 (or what, why, how, if)
    :raises CodeError: another kind, or none, with its place

    >>> found = sihe(["是何", "是何", "为何", "if"])
    >>> found.shares.to_dict(), found.deep
    ({'是何': 50.0, '为何': 25.0, '如何': 0.0, '若何': 25.0}, 25.0)
    """
    counts = SIHE.count(kinds)
    n = int(counts.sum())
    shares = 100 * counts / n if n else pd.Series(np.nan, index=counts.index)
    return SiheResult(n, shares, percent(int(counts.loc[list(SIHE.groups["deep"])].sum()), n))


@dataclass(frozen=True)
class WaitResult:
    """Seconds: ``mean`` and ``median`` (None without a wait), and three counts that sum to n."""

    n: int
    mean: float | None
    median: float | None
    under3: int
    from3to5: int
    over5: int


def wait_time(seconds: Any) -> WaitResult:
    """Return how long the teacher waited: below 3 s, 3 to 5 s (both included), above 5 s.

    Wait 1 (after a question) and wait 2 (after an answer) are two calls. A wait that was not
    measured (empty, NaN) is left out of n.

    :raises MarkError: something that is no number, or below 0, with its place

    >>> wait_time([0.5, 3, 5, 6.5])
    WaitResult(n=4, mean=3.75, median=4.0, under3=1, from3to5=2, over5=1)
    """
    waits = numbers(seconds, "等待秒数", low=0).dropna()
    n = len(waits)
    return WaitResult(
        n,
        float(waits.mean()) if n else None,
        float(waits.median()) if n else None,
        int((waits < SHORT_S).sum()),
        int(waits.between(SHORT_S, LONG_S).sum()),
        int((waits > LONG_S).sum()),
    )
