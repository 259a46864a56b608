"""Where a score stands in its class, and what a class gained: standard scores, value added.

Pure. Scores are one entry a pupil; a missing one (empty, NaN) stays NaN and is not counted.
Nothing here ranks for publication: who may see a rank is not decided here.
Source of the idea of value added: Sanders & Horn 1994; the model here is one regression.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.cleaning import in_one_order, is_missing, listed, numbers, same_length, shown
from lessonkit.errors import MarkError


def standard(scores: Any, *, ddof: int = 0) -> pd.DataFrame:
    """Return ``z``, ``t``, ``pr`` and ``rank`` of each score, in the input's order.

    z = (x − M)/σ and T = 50 + 10z, NaN for all if nobody differs; ``ddof=0`` takes the class as
    the whole population, as school practice does. PR = 100(n_below + ½ n_equal)/N in percent, a
    score being one of its own equals. Rank = 1 + the number of greater scores: equals share a
    place, and the next is skipped.

    :raises MarkError: a score that is no number, with its place

    >>> standard([60, 70, 70, 80]).round(2).to_dict("list")
    {'z': [-1.41, 0.0, 0.0, 1.41], 't': [35.86, 50.0, 50.0, 64.14], 'pr': [12.5, 50.0, 50.0, 87.5], 'rank': [4.0, 2.0, 2.0, 1.0]}
    """
    given = numbers(scores, "得分")
    z = _z(given, ddof)
    # With average ranks, rank − ½ is exactly the number below plus half of the equals.
    pr = 100 * (given.rank(method="average") - 0.5) / max(given.count(), 1)
    rank = given.rank(method="min", ascending=False)
    return pd.DataFrame({"z": z, "t": 50 + 10 * z, "pr": pr, "rank": rank})


def standard_500(scores: Any, *, ddof: int = 0) -> pd.Series:
    """Return 标准分 = 500 + 100z.

    >>> standard_500([60, 70, 80]).round(1).tolist()
    [377.5, 500.0, 622.5]
    """
    return 500 + 100 * _z(numbers(scores, "得分"), ddof)


def _z(scores: pd.Series, ddof: int) -> pd.Series:
    # By the range and not by σ: of equal fractions it is rarely exactly 0.
    if scores.count() <= ddof or np.isclose(scores.max() - scores.min(), 0):
        return pd.Series(math.nan, index=scores.index)
    return (scores - scores.mean()) / scores.std(ddof=ddof)


@dataclass(frozen=True, eq=False)
class VaResult:
    """The line post = intercept + slope·pre, and what it does not explain.

    ``residuals`` are by pupil, in marks; ``by_group`` is their mean by group, ``z_gain`` the
    mean of z_post − z_pre by group, groups in the order of their first pupil. Without a spread
    of ``pre`` there is no line: None, and NaN in the series.
    """

    slope: float | None
    intercept: float | None
    residuals: pd.Series
    by_group: pd.Series
    z_gain: pd.Series


def value_added(pre: Any, post: Any, groups: Any) -> VaResult:
    """Return what each group's pupils reached beyond what their earlier scores let expect.

    Ordinary least squares of post on pre over all pupils with both scores; a pupil without
    one is in no mean, a pupil without a group is in the line and in no group. z is of these
    pupils, with the population's σ. Series with the same labels in another order are put in
    the order of ``pre``. Small groups swing widely, and the weakest gain by regression to
    the mean alone: not for ranking or paying teachers.

    :raises ShapeError: unequal lengths
    :raises MarkError: a score that is no number, with its place

    >>> found = value_added([50, 60, 70, 80], [60, 62, 78, 80], ["甲", "乙", "甲", "乙"])
    >>> round(found.slope, 4), round(found.intercept, 4), found.by_group.round(4).to_dict()
    (0.76, 20.6, {'甲': 2.8, '乙': -2.8})
    """
    before = numbers(pre, "前测得分")
    after = numbers(in_one_order(pre, post), "后测得分")
    teams = listed(in_one_order(pre, groups), "分组")
    same_length({"前测": before, "后测": after, "分组": teams})
    x, y = before.to_numpy(), after.to_numpy()
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = np.where(both, x, math.nan), np.where(both, y, math.nan)
    line = _line(x[both], y[both])
    slope, intercept = line or (None, None)
    residuals = y - (line[1] + line[0] * x) if line else np.full(len(x), math.nan)
    gain = _z(pd.Series(y), 0) - _z(pd.Series(x), 0)
    labels = [math.nan if is_missing(team) else team for team in teams]
    team_of = pd.Series(
        [team.strip() if isinstance(team, str) else team for team in labels], dtype=object
    )

    def mean(values: Any) -> pd.Series:
        return pd.Series(np.asarray(values, dtype=float)).groupby(team_of, sort=False).mean()

    return VaResult(
        slope, intercept, pd.Series(residuals, index=before.index), mean(residuals), mean(gain)
    )


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float] | None:
    if not len(x) or np.isclose(np.ptp(x), 0):
        return None
    across = x - x.mean()
    slope = float((across * (y - y.mean())).sum() / (across * across).sum())
    return slope, float(y.mean() - slope * x.mean())


@dataclass(frozen=True)
class ThreeRates:
    """三率: shares of the pupils with a score, each between 0 and 1, None without pupils."""

    n: int
    excellent: float | None
    passed: float | None
    low: float | None


def three_rates(
    scores: Any,
    full_mark: float = 100,
    *,
    excellent: float = 0.85,
    passing: float = 0.60,
    low: float = 0.40,
) -> ThreeRates:
    """Return 优秀率, 及格率 and 低分率; thresholds are shares of the full mark.

    A score *at* a threshold is excellent or passed; low is *below* its threshold.

    :raises MarkError: a full mark not above 0

    >>> three_rates([85, 60, 40, 39])
    ThreeRates(n=4, excellent=0.25, passed=0.5, low=0.25)
    """
    if not full_mark > 0:
        raise MarkError(f"满分是 {shown(full_mark)}，应大于 0。 (full_mark must be above 0)")
    counted = numbers(scores, "得分").dropna()
    n = len(counted)
    if n == 0:
        return ThreeRates(0, None, None, None)
    return ThreeRates(
        n,
        float((counted >= excellent * full_mark).mean()),
        float((counted >= passing * full_mark).mean()),
        float((counted < low * full_mark).mean()),
    )
