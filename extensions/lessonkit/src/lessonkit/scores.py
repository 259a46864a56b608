"""Where a score stands in its class: standard scores, percentile rank, rank, three rates.

Pure. Scores are a Series with one entry a pupil; NaN stays NaN and is not counted.
Nothing here ranks for publication: who may see a rank is not decided here.
"""

from dataclasses import dataclass

import pandas as pd


def z_scores(scores: pd.Series, ddof: int = 0) -> pd.Series:
    """Return z = (x − M)/σ; NaN for all if nobody differs.

    ``ddof=0`` treats the class as the whole population, as school practice does.

    >>> z_scores(pd.Series([60, 70, 80])).round(4).tolist()
    [-1.2247, 0.0, 1.2247]
    """
    spread = scores.std(ddof=ddof)
    if not spread > 0:
        return pd.Series(float("nan"), index=scores.index)
    return (scores - scores.mean()) / spread


def t_scores(scores: pd.Series, ddof: int = 0) -> pd.Series:
    """Return T = 50 + 10z.

    >>> t_scores(pd.Series([60, 70, 80])).round(2).tolist()
    [37.75, 50.0, 62.25]
    """
    return 50 + 10 * z_scores(scores, ddof)


def standard_500(scores: pd.Series, ddof: int = 0) -> pd.Series:
    """Return 标准分 = 500 + 100z.

    >>> standard_500(pd.Series([60, 70, 80])).round(1).tolist()
    [377.5, 500.0, 622.5]
    """
    return 500 + 100 * z_scores(scores, ddof)


def percentile_rank(scores: pd.Series) -> pd.Series:
    """Return PR = 100(n_below + ½ n_equal)/N, in percent; a score counts itself as equal.

    >>> percentile_rank(pd.Series([60, 70, 70, 80])).tolist()
    [12.5, 50.0, 50.0, 87.5]
    """
    # With average ranks, rank − ½ is exactly the number below plus half of the equals.
    return 100 * (scores.rank(method="average") - 0.5) / scores.count()


def rank(scores: pd.Series) -> pd.Series:
    """Return 1 + the number of greater scores: equals share a place, the next is skipped.

    >>> rank(pd.Series([95, 82, 82, 76])).tolist()
    [1.0, 2.0, 2.0, 4.0]
    """
    return scores.rank(method="min", ascending=False)


@dataclass(frozen=True)
class ThreeRates:
    """三率: shares of the pupils with a score, each between 0 and 1, None without pupils."""

    n: int
    excellent: float | None
    passed: float | None
    low: float | None


def three_rates(
    scores: pd.Series,
    full_mark: float = 100,
    *,
    excellent: float = 0.85,
    passing: float = 0.60,
    low: float = 0.40,
) -> ThreeRates:
    """Return 优秀率, 及格率 and 低分率; thresholds are shares of the full mark.

    A score *at* a threshold is excellent or passed; low is *below* its threshold.

    :raises ValueError: a full mark not above 0

    >>> three_rates(pd.Series([85, 60, 40, 39]))
    ThreeRates(n=4, excellent=0.25, passed=0.5, low=0.25)
    """
    if not full_mark > 0:
        raise ValueError(f"full_mark is {full_mark}; it must be above 0")
    counted = scores.dropna()
    n = len(counted)
    if n == 0:
        return ThreeRates(0, None, None, None)
    return ThreeRates(
        n,
        float((counted >= excellent * full_mark).mean()),
        float((counted >= passing * full_mark).mean()),
        float((counted < low * full_mark).mean()),
    )
