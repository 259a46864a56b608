"""The student–problem chart (S-P 表): who missed what, against what was to be expected.

Pure. Marks are 0 and 1, one row a student and one column an item; students with any
missing mark are left out, because their row has no place in the table. Called by course
notebooks and by the drawing in ``sp_chart.py``.

Source: Sato 1975 (佐藤隆博); Harnisch & Linn 1981 for the modified index; ties as in 余民宁 2002.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.marks import as_marks

#: From here on an index asks for a look, and for a good look (Sato's usual limits).
ATTENTION, STRONG = 0.50, 0.75


@dataclass(frozen=True, eq=False)
class SpResult:
    """Labels in the chart's order, and the indices by the input's labels in its own order.

    ``cs`` and ``mci`` are of students, ``cp`` of items; NaN for a student with a missing mark,
    who is not in ``student_order``, and where all or none are right. ``d_star`` (差异系数) is
    approximate, see ``disparity``.
    """

    student_order: list[Any]
    item_order: list[Any]
    cs: pd.Series
    cp: pd.Series
    mci: pd.Series
    d_star: float | None


def chart(matrix: Any) -> SpResult:
    """Return the order of the S-P table and the caution indices of students and items.

    With the items in the table's order, counts Q_j and a student's total X:
    CS = [Σ_{j≤X}(1 − y_j)·Q_j − Σ_{j>X} y_j·Q_j] / [Σ_{j≤X} Q_j − X·Q̄]. 0 is a student who got
    exactly the easiest items right; the more easy items were missed and hard ones solved, the
    higher. CP is the same for items with the students' totals: a high one asks for a look at
    the text and the key. MCI has CS's numerator over Σ_{j≤X} Q_j − Σ_{j>J−X} Q_j, its greatest
    value, and lies between 0 and 1.

    :raises ShapeError: not a table
    :raises MarkError: a mark other than 0 and 1

    >>> quiz = pd.DataFrame({"Q1": [0, 1, 1], "Q2": [1, 1, 0], "Q3": [0, 1, 0]}, index=list("ABC"))
    >>> found = chart(quiz)
    >>> found.student_order, found.item_order
    (['B', 'A', 'C'], ['Q1', 'Q2', 'Q3'])
    >>> found.cs.round(2).to_dict()
    {'A': 0.0, 'B': nan, 'C': 0.0}
    """
    marks, students, items = _ordered(matrix)
    cells = marks.to_numpy()[np.ix_(students, items)].astype(np.int64)
    cs, mci = np.full(len(marks), math.nan), np.full(len(marks), math.nan)
    cs[students], mci[students] = _caution(cells)
    cp = np.full(marks.shape[1], math.nan)
    cp[items] = _caution(cells.T)[0]
    return SpResult(
        student_order=marks.index[students].tolist(),
        item_order=marks.columns[items].tolist(),
        cs=pd.Series(cs, index=marks.index),
        cp=pd.Series(cp, index=marks.columns),
        mci=pd.Series(mci, index=marks.index),
        d_star=_disparity(cells),
    )


def arrange(matrix: Any) -> pd.DataFrame:
    """Return the marks as an S-P table: best students first, easiest items first.

    Students with equal totals stand in the order of the sum of the item counts of the items
    they *missed*, small to large: who missed only hard items comes first. Items likewise,
    with the totals of the students who missed them. What is still equal keeps its order.
    The row sums are the S curve, the column sums the P curve.

    :raises MarkError: a mark other than 0 and 1

    >>> quiz = pd.DataFrame({"Q1": [0, 1, 1], "Q2": [0, 1, 0]}, index=["S1", "S2", "S3"])
    >>> arrange(quiz).index.tolist()
    ['S2', 'S3', 'S1']
    """
    marks, students, items = _ordered(matrix)
    return marks.iloc[students, items].astype(int)


def disparity(matrix: Any) -> float | None:
    """Return 差异系数 D*: the area between the curves over what chance alone would give.

    D* = C / (4·N·n·p(1 − p)·D_B(M)), with C the number of cells between the curves, N students,
    n items, p the share of right answers and M = ⌊√(N·n) + 0.5⌋. Sato's own table of D_B was
    not at hand: ``expected_disparity`` computes it from independent binomials, so the value
    is approximate (近似) and must be shown as such. None if all or nothing is right.

    >>> disparity([[1, 1], [1, 1]]) is None
    True
    """
    return _disparity(arrange(matrix).to_numpy())


@lru_cache(maxsize=256)
def expected_disparity(size: int) -> float:
    """Return D_B(M): the expected share of cells between the curves of a chance table.

    For M students and M items, each mark right with probability ½: a cell lies below the S
    curve if its row's ordered total reaches it, below the P curve if its column's ordered
    count does, and the two are taken as independent.

    >>> [round(expected_disparity(size), 4) for size in (5, 10, 20)]
    [0.2289, 0.2727, 0.3298]
    """
    # By logarithms: the binomial coefficients of a large table leave the range of floats.
    factorials = np.array([math.lgamma(k + 1) for k in range(size + 1)])
    ways = factorials[-1] - factorials - factorials[::-1]
    k = np.arange(size + 1)[:, None]
    at_least = np.cumsum(np.exp(ways - size * math.log(2))[::-1])[::-1].clip(max=1)[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = ways[:, None] + k * np.log(at_least) + (size - k) * np.log1p(-at_least)
        chances = np.exp(np.where(np.isnan(logs), -np.inf, logs))
    # reached[i, j]: the chance that the (i + 1)-th highest of M totals is at least j + 1
    reached = np.cumsum(chances[::-1], axis=0)[::-1][1:].clip(max=1)
    return float((2 * reached * (1 - reached.T)).sum() / size**2)


def _ordered(matrix: Any) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the marks, and the places of students and items in the table's order."""
    marks = as_marks(matrix, binary_for="S-P 表")
    sat = np.flatnonzero(~marks.isna().to_numpy().any(axis=1)) if marks.size else np.arange(0)
    cells = marks.to_numpy()[sat]
    totals, counts = cells.sum(axis=1), cells.sum(axis=0)
    # lexsort is stable, and its last key is the first to count
    students = np.lexsort(((1 - cells) @ counts, -totals))
    items = np.lexsort((totals @ (1 - cells), -counts))
    return marks, sat[students], items


def _caution(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return CS and MCI of the rows of an ordered table."""
    count = cells.shape[1]
    weights = cells.sum(axis=0)
    easiest = np.concatenate([[0], np.cumsum(weights)])
    hardest = np.concatenate([[0], np.cumsum(weights[::-1])])
    right = cells.sum(axis=1)
    # Σ_{j≤X}(1 − y_j)Q_j − Σ_{j>X} y_j·Q_j is what the X easiest weigh less what was solved.
    lost = easiest[right] - cells @ weights
    below = count * easiest[right] - right * weights.sum()
    widest = easiest[right] - hardest[right]
    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            np.where(below > 0, lost * count / below, math.nan),
            np.where(widest > 0, lost / widest, math.nan),
        )


def _disparity(cells: np.ndarray) -> float | None:
    students, items = cells.shape
    right = int(cells.sum())
    if not 0 < right < cells.size:
        return None
    below_s = cells.sum(axis=1)[:, None] > np.arange(items)
    below_p = cells.sum(axis=0) > np.arange(students)[:, None]
    between = int((below_s != below_p).sum())
    share = right / cells.size
    size = math.floor(math.sqrt(cells.size) + 0.5)
    return between / (4 * cells.size * share * (1 - share) * expected_disparity(size))
