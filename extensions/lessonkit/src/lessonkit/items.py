"""What each item of a test tells: difficulty, discrimination, agreement with the rest.

Pure. A table of marks has one row a person and one column an item; a missing mark is NaN.
``analyse`` is the whole; the other functions are its parts, with their choices.
Sources: Kelley 1939 (groups of 27 %), Cronbach 1951, Kuder & Richardson 1937.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from lessonkit import reliability
from lessonkit.cleaning import shown
from lessonkit.errors import MarkError
from lessonkit.marks import as_marks, complete, full_marks_of


@dataclass(frozen=True, eq=False)
class ItemResult:
    """Series by item (NaN where not to be had) and three scalars of the test (None likewise).

    ``p`` 0 to 1, higher is *easier* (通过率); ``d`` −1 to 1; ``item_total`` and ``item_rest`` are
    Pearson correlations; ``sem`` is in marks.
    """

    p: pd.Series
    d: pd.Series
    item_total: pd.Series
    item_rest: pd.Series
    alpha: float | None
    kr20: float | None
    sem: float | None


def analyse(matrix: Any, *, full_marks: Any = None) -> ItemResult:
    """Return difficulty, discrimination and reliability of a test.

    P = mean/full mark over the marks that there are; D compares the totals' top and bottom
    27 % (``discrimination``), a missing mark counting as 0 there. Correlations, α, KR-20 and
    SEM = s_t·√(1 − α), with the population's s_t, use the rows without a missing mark. KR-20 is
    None unless all of these are 0 or 1. A row with no mark at all is an absent pupil.

    :param full_marks: the full mark of all items, or one each; without it 1 for items marked
        0 to 1, otherwise the highest mark that anybody has
    :raises ShapeError: not a table
    :raises MarkError: a mark that is no number, below 0, or above its full mark

    >>> quiz = pd.DataFrame({"Q1": [1, 1, 1, 0], "Q2": [1, 1, 0, 0], "Q3": [1, 0, 0, 0]})
    >>> found = analyse(quiz)
    >>> found.p.tolist(), found.d.tolist(), round(found.kr20, 4), round(found.sem, 4)
    ([0.75, 0.5, 0.25], [1.0, 1.0, 1.0], 0.75, 0.559)
    """
    marks = as_marks(matrix)
    full = full_marks_of(marks, full_marks)
    whole = complete(marks)
    total = whole.sum(axis=1)
    return ItemResult(
        p=difficulty(marks, full)["p"],
        d=discrimination(marks, full)[0],
        item_total=_correlations(marks.columns, whole, [total] * whole.shape[1]),
        item_rest=item_rest(marks),
        alpha=reliability.alpha(marks),
        kr20=reliability.kr20(marks) if np.isin(whole, (0, 1)).all() else None,
        sem=reliability.sem(marks),
    )


def difficulty(
    matrix: Any, full_marks: Any = None, missing: Literal["omit", "wrong"] = "omit"
) -> pd.DataFrame:
    """Return ``n`` and ``p`` of each item: how many marks were counted, and mean / full mark.

    ``missing="omit"`` leaves a missing mark out of the denominator, because nothing was
    observed; ``"wrong"`` counts it as 0, which is right only if the pupil saw the item and left
    it. A row with no mark at all is never counted. An item nobody answered has P NaN.

    >>> quiz = pd.DataFrame({"Q1": [1, 0, 1, None], "Q2": [1, None, 0, None]})
    >>> difficulty(quiz).round(4).to_dict("index")
    {'Q1': {'n': 3, 'p': 0.6667}, 'Q2': {'n': 2, 'p': 0.5}}
    >>> difficulty(quiz, missing="wrong").loc["Q2", "n"]
    np.int64(3)
    """
    marks = as_marks(matrix)
    full = full_marks_of(marks, full_marks)
    sat = marks.dropna(how="all")
    counted = sat.fillna(0) if missing == "wrong" else sat
    return pd.DataFrame({"n": counted.count(), "p": counted.mean() / full}, index=marks.columns)


def discrimination(
    matrix: Any, full_marks: Any = None, share: float = 0.27
) -> tuple[pd.Series, int]:
    """Return D of each item and the size of the two groups it compares (区分度).

    D is the top group's mean minus the bottom group's, over the full mark; the groups are
    the ``share`` of pupils with the highest and lowest totals, halves rounded up, ties in the
    table's own order. A missing mark counts as 0, since a total needs every item. With no
    pupil in a group D is NaN.

    :raises MarkError: a mark out of range, or a share outside (0, 0.5]

    >>> d, size = discrimination(pd.DataFrame({"Q1": [1, 1, 1, 0], "Q2": [1, 1, 0, 0]}))
    >>> size, d.to_dict()
    (1, {'Q1': 1.0, 'Q2': 1.0})
    """
    if not 0 < share <= 0.5:
        raise MarkError(
            f"高低分组的比例是 {shown(share)}，应大于 0、不超过 0.5。"
            " (share must be above 0 and at most 0.5)"
        )
    marks = as_marks(matrix)
    full = full_marks_of(marks, full_marks)
    sat = marks.dropna(how="all").fillna(0).to_numpy()
    # floor(x + 0.5), not round(): Python rounds halves to even, so 0.27 N = 2.5 would give 2
    size = math.floor(share * len(sat) + 0.5)
    if size == 0:
        return pd.Series(math.nan, index=marks.columns), 0
    ordered = sat[np.argsort(-sat.sum(axis=1), kind="stable")]
    d = (ordered[:size].mean(axis=0) - ordered[-size:].mean(axis=0)) / full
    return pd.Series(d, index=marks.columns), size


def item_rest(matrix: Any) -> pd.Series:
    """Return each item's correlation with the total of the *other* items.

    Unlike the item-total correlation it does not count the item with itself. Pupils with
    any missing mark are left out. An item or a rest without spread has NaN.

    >>> quiz = pd.DataFrame({"Q1": [1, 1, 0, 0], "Q2": [1, 1, 0, 1], "Q3": [1, 1, 1, 1]})
    >>> item_rest(quiz).round(4).to_dict()
    {'Q1': 0.5774, 'Q2': 0.5774, 'Q3': nan}
    """
    marks = as_marks(matrix)
    whole = complete(marks)
    total = whole.sum(axis=1)
    return _correlations(marks.columns, whole, [total - column for column in whole.T])


def _correlations(items: pd.Index, whole: np.ndarray, others: list[np.ndarray]) -> pd.Series:
    found = [_correlation(x, y) for x, y in zip(whole.T, others, strict=True)]
    return pd.Series(found, index=items, dtype=float)


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    # By the range and not by the variance: of equal fractions it is rarely exactly 0.
    if len(x) < 2 or np.isclose(np.ptp(x), 0) or np.isclose(np.ptp(y), 0):
        return math.nan
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).sum() / math.sqrt((x * x).sum() * (y * y).sum()))
