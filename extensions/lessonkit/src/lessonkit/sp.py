"""The student–problem chart (S-P 表): who missed what, against what was to be expected.

Pure. Marks are 0 and 1, one row a student and one column an item; students with any
missing mark are left out, because their row has no place in the table. Called by course
notebooks and by the drawing in ``sp_chart.py``.

Source: Sato 1975 (佐藤隆博); Harnisch & Linn 1981 for the modified index; ties as in 余民宁 2002.
"""

import math
from functools import lru_cache

import pandas as pd

#: From here on an index asks for a look, and for a good look (Sato's usual limits).
ATTENTION, STRONG = 0.50, 0.75


def sp_table(marks: pd.DataFrame) -> pd.DataFrame:
    """Return the marks as an S-P table: best students first, easiest items first.

    Students with equal totals stand in the order of the sum of the item counts of the items
    they *missed*, small to large: who missed only hard items comes first. Items likewise,
    with the totals of the students who missed them. What is still equal keeps its order.

    :raises ValueError: a mark other than 0 and 1

    >>> quiz = pd.DataFrame({"Q1": [0, 1, 1], "Q2": [0, 1, 0]}, index=["S1", "S2", "S3"])
    >>> sp_table(quiz).index.tolist()
    ['S2', 'S3', 'S1']
    """
    whole = marks.dropna()
    if not whole.isin([0, 1]).to_numpy().all():
        raise ValueError("an S-P table needs marks of 0 and 1 only")
    whole = whole.astype(int)
    totals, counts = whole.sum(axis=1), whole.sum()
    missed_by_student = (1 - whole).mul(counts, axis=1).sum(axis=1)
    missed_by_item = (1 - whole).mul(totals, axis=0).sum()
    students = sorted(whole.index, key=lambda s: (-totals[s], missed_by_student[s]))
    items = sorted(whole.columns, key=lambda i: (-counts[i], missed_by_item[i]))
    return whole.loc[students, items]


def sp_curves(marks: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Return the S curve (each student's total) and the P curve (each item's count).

    In the order of ``sp_table``: the S curve stands that many items from the left in each row,
    the P curve that many students from the top in each column.

    >>> sp_curves(pd.DataFrame({"Q1": [0, 1, 1], "Q2": [0, 1, 0]}))
    ([2, 1, 0], [2, 1])
    """
    table = sp_table(marks)
    return table.sum(axis=1).tolist(), table.sum().tolist()


def student_caution(marks: pd.DataFrame) -> pd.Series:
    """Return each student's caution index CS, in the order of ``sp_table``.

    With the items in that order, counts Q_j and a total X:
    CS = [Σ_{j≤X}(1 − y_j)·Q_j − Σ_{j>X} y_j·Q_j] / [Σ_{j≤X} Q_j − X·Q̄].
    0 is a student who got exactly the easiest items right; the more easy items were missed
    and hard ones solved, the higher. NaN where all or none are right, or all items are
    equally hard.

    >>> quiz = pd.DataFrame({"Q1": [1, 1, 0], "Q2": [1, 0, 1], "Q3": [1, 0, 0]}, index=list("ABC"))
    >>> student_caution(quiz).round(2).to_dict()
    {'A': nan, 'B': 0.0, 'C': 0.0}
    """
    table = sp_table(marks)
    weights = table.sum().tolist()
    return pd.Series({name: _caution(row.tolist(), weights) for name, row in table.iterrows()})


def item_caution(marks: pd.DataFrame) -> pd.Series:
    """Return each item's caution index CP: as CS, with the students' totals for weights.

    High where strong students missed the item and weak ones solved it: look for an unclear
    text, a wrong key, or something that is easy to guess.
    """
    table = sp_table(marks)
    weights = table.sum(axis=1).tolist()
    return pd.Series({name: _caution(table[name].tolist(), weights) for name in table})


def modified_student_caution(marks: pd.DataFrame) -> pd.Series:
    """Return MCI of each student, between 0 and 1 (Harnisch & Linn 1981).

    The numerator of CS over its greatest value, Σ_{j≤X} Q_j − Σ_{j>J−X} Q_j.
    """
    table = sp_table(marks)
    weights = table.sum().tolist()
    return pd.Series(
        {name: _caution(row.tolist(), weights, modified=True) for name, row in table.iterrows()}
    )


def disparity(marks: pd.DataFrame) -> float | None:
    """Return 差异系数 D*: the area between the curves over what chance alone would give.

    D* = C / (4·N·n·p(1 − p)·D_B(M)), with C the number of cells between the curves, N students,
    n items, p the share of right answers and M = ⌊√(N·n) + 0.5⌋. Sato's own table of D_B was
    not at hand: ``expected_disparity`` computes it from independent binomials, so the value
    is approximate (近似) and must be shown as such. None if all or nothing is right.

    >>> disparity(pd.DataFrame({"Q1": [1, 1, 1], "Q2": [1, 1, 1]})) is None
    True
    """
    table = sp_table(marks)
    students, items = table.shape
    share = float(table.to_numpy().mean()) if table.size else 0.0
    if not 0 < share < 1:
        return None
    totals, counts = table.sum(axis=1).tolist(), table.sum().tolist()
    between = sum(
        (total > column) != (count > row)
        for row, total in enumerate(totals)
        for column, count in enumerate(counts)
    )
    size = math.floor(math.sqrt(students * items) + 0.5)
    return between / (4 * students * items * share * (1 - share) * expected_disparity(size))


@lru_cache(maxsize=256)
def expected_disparity(size: int) -> float:
    """Return D_B(M): the expected share of cells between the curves of a chance table.

    For M students and M items, each mark right with probability ½: a cell lies below the S
    curve if its row's ordered total reaches it, below the P curve if its column's ordered
    count does, and the two are taken as independent.

    >>> [round(expected_disparity(size), 4) for size in (5, 10, 20)]
    [0.2289, 0.2727, 0.3298]
    """
    ways = [math.comb(size, k) for k in range(size + 1)]
    at_least = [sum(ways[k:]) / 2**size for k in range(size + 1)]

    def reached(row: int, column: int) -> float:
        """Return the chance that the row-th highest of M totals is at least ``column``."""
        p = at_least[column]
        return sum(ways[k] * p**k * (1 - p) ** (size - k) for k in range(row, size + 1))

    chance = [[reached(i, j) for j in range(1, size + 1)] for i in range(1, size + 1)]
    between = sum(
        chance[i][j] * (1 - chance[j][i]) + chance[j][i] * (1 - chance[i][j])
        for i in range(size)
        for j in range(size)
    )
    return between / size**2


def _caution(row: list[int], weights: list[int], modified: bool = False) -> float:
    x, count = sum(row), len(row)
    missed = sum(weight for mark, weight in zip(row[:x], weights[:x], strict=True) if not mark)
    gained = sum(weight for mark, weight in zip(row[x:], weights[x:], strict=True) if mark)
    best = sum(weights[:x])
    below = best - (sum(weights[count - x :]) if modified else x * sum(weights) / count)
    return (missed - gained) / below if 0 < x < count and below > 0 else math.nan
