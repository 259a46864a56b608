"""How far two coders agree, beyond what chance would give: κ, π, weighted κ.

Pure. A table counts slots: rows are the first coder's codes, columns the second's. Sources:
Cohen 1960 and 1968; Scott 1955 (what Flanders asked of his observers).
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from lessonkit.cleaning import in_one_order, listed, number_of, same_length, shown, where
from lessonkit.errors import MarkError, ShapeError
from lessonkit.labels import common_labels, split_text


@dataclass(frozen=True)
class Agreement:
    """``po`` observed and ``pe`` expected agreement (0 to 1), ``value`` = (po − pe)/(1 − pe).

    ``se`` = √(po(1 − po)/(n(1 − pe)²)), the standard error that Cohen gave in 1960. ``value``
    and ``se`` are None where pe is 1 (one category only), all four without a slot.
    """

    value: float | None
    po: float | None
    pe: float | None
    se: float | None
    n: int


def table(a: Any, b: Any) -> pd.DataFrame:
    """Return how often the first coder's code met the second's, slot by slot.

    The codes stand in one order on both sides, numbers by size and texts by the alphabet.
    Two Series with the same labels in another order are put in one order first; everything
    else is compared by place. If both sides hold numbers only the labels are numbers,
    otherwise texts.

    :raises ShapeError: unequal lengths
    :raises CodeError: a missing code, with its place

    >>> table(["T", "T", "S"], ["T", "S", "S"])
       S  T
    S  1  0
    T  1  1
    """
    first, second = (
        split_text(codes) if isinstance(codes, str) else listed(codes)
        for codes in (a, in_one_order(a, b))
    )
    same_length({"甲": first, "乙": second})
    labels, (one, two) = common_labels(
        [first, second], lambda column, place: where((a, b)[column], place)
    )
    size = len(labels)
    tally = np.bincount(one * size + two, minlength=size * size).reshape(size, size)
    return pd.DataFrame(tally, index=labels, columns=labels)


def cohen_kappa(table: Any) -> Agreement:
    """Return Cohen's κ of a table of counts: pe = Σ r_k·c_k/n².

    Rows and columns of a DataFrame are matched by their labels: their order may differ, and
    a category that one coder never used counts as 0.

    :raises ShapeError: a table that is not square, or labels that occur twice
    :raises MarkError: a cell that is no whole number, or below 0

    >>> kappa = cohen_kappa([[20, 5], [10, 15]])
    >>> round(kappa.value, 4), kappa.po, kappa.pe, round(kappa.se, 4), kappa.n
    (0.4, 0.7, 0.5, 0.1296, 50)
    """
    cells = _square(table)
    rows, columns = _margins(cells)
    return _agreement(cells, sum(r * c for r, c in zip(rows, columns, strict=True)), 1)


def scott_pi(table: Any) -> Agreement:
    """Return Scott's π: as κ, with pe = Σ((r_k + c_k)/2n)², one margin for both coders.

    :raises ShapeError: a table that is not square, or labels that occur twice
    :raises MarkError: a cell that is no whole number, or below 0

    >>> round(scott_pi([[20, 5], [10, 15]]).value, 4)
    0.3939
    """
    cells = _square(table)
    rows, columns = _margins(cells)
    return _agreement(cells, sum((r + c) ** 2 for r, c in zip(rows, columns, strict=True)), 4)


def weighted_kappa(table: Any, weights: Literal["linear", "quadratic"] = "linear") -> float | None:
    """Return κ with part credit for near misses, for codes that have an order (Cohen 1968).

    The weight of cell (i, j) of k categories is 1 − |i − j|/(k − 1), or one minus that quotient
    squared. Their order is the table's own; where rows and columns differ, that of the side
    that has all, or the numbers' size. A category in between that nobody used must be in the
    table. None where chance explains all, or with one category.

    :raises ShapeError: a table that is not square, labels that occur twice or have no order
    :raises MarkError: a cell that is no whole number, or below 0
    :raises ShapeError: other weights

    >>> round(weighted_kappa([[0, 4, 1], [0, 8, 0], [0, 1, 5]]), 4)
    0.4701
    """
    if weights not in ("linear", "quadratic"):
        raise ShapeError(
            f"权重“{shown(weights)}”不认识；可用的是 linear（线性）和 quadratic（平方）。"
            " (weights must be linear or quadratic)"
        )
    cells = _square(table, ordered=True).astype(float)
    size, n = len(cells), cells.sum()
    if size < 2 or not n:
        return None
    away = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / (size - 1)
    cost = away if weights == "linear" else away**2
    observed = float((cost * cells).sum() * n)
    expected = float((cost * np.outer(cells.sum(axis=1), cells.sum(axis=0))).sum())
    return float(1 - observed / expected) if expected else None


def _margins(cells: np.ndarray) -> tuple[list[int], list[int]]:
    """Return row and column sums as Python integers, whose squares never overflow."""
    return (
        [int(value) for value in cells.sum(axis=1)],
        [int(value) for value in cells.sum(axis=0)],
    )


def _agreement(cells: np.ndarray, chance: int, parts: int) -> Agreement:
    """Return the agreement where pe = chance / (parts·n²): in integers, so that 1 is 1."""
    n, agreed = int(cells.sum()), int(np.trace(cells))
    if n == 0:
        return Agreement(None, None, None, None, 0)
    whole = parts * n * n
    po, pe = agreed / n, chance / whole
    if chance == whole:
        return Agreement(None, po, pe, None, n)
    value = (parts * n * agreed - chance) / (whole - chance)
    return Agreement(value, po, pe, math.sqrt(po * (1 - po) / n) / (1 - pe), n)


def _square(table: Any, *, ordered: bool = False) -> np.ndarray:
    """Return the counts as a square array of integers, rows and columns in one order."""
    if isinstance(table, pd.DataFrame):
        cells = _by_label(table, ordered=ordered)
    else:
        cells = np.array(table, dtype=object)
        if not cells.size:
            cells = cells.reshape(0, 0)
        if cells.ndim != 2:
            raise ShapeError(
                "一致性表应是每行一样长的表。 (a table with rows of equal length is needed)"
            )
    if cells.shape[0] != cells.shape[1]:
        raise ShapeError(
            f"一致性表应是方的（两位编码者用同一套编码），得到的是 {cells.shape[0]} 行 {cells.shape[1]} 列。"
            " (the table must be square)"
        )
    counts = np.zeros(cells.shape, dtype=np.int64)
    for place, value in np.ndenumerate(cells):
        number = number_of(value)
        if number is None or not number >= 0 or not number.is_integer():
            raise MarkError(
                f"一致性表第 {place[0] + 1} 行第 {place[1] + 1} 列是 {shown(value)}，应是 0 或正整数（次数，不是比例）。"
                f" (row {place[0] + 1}, column {place[1] + 1} is {shown(value)}, not a count)"
            )
        counts[place] = int(number)
    return counts


def _by_label(table: pd.DataFrame, *, ordered: bool) -> np.ndarray:
    rows, columns = table.index, table.columns
    for side in (rows, columns):
        if not side.is_unique:
            raise ShapeError(
                f"一致性表里的编码 {shown(side[side.duplicated()][0])} 出现了两次。 (a label occurs twice)"
            )
    if table.empty:
        return np.zeros((0, 0))
    if not set(rows) & set(columns):
        # Labels that only count the rows are no labels: then the place is what was meant.
        if len(rows) == len(columns) and pd.RangeIndex in (type(rows), type(columns)):
            return table.to_numpy(dtype=object)
        raise ShapeError(
            "一致性表的行和列没有一个共同的编码；两边应是同一套编码。 (rows and columns share no code)"
        )
    order = _common_order(list(rows), list(columns), ordered=ordered)
    return table.reindex(index=order, columns=order, fill_value=0).to_numpy(dtype=object)


def _common_order(rows: list[Any], columns: list[Any], *, ordered: bool) -> list[Any]:
    """Return every label once: in the order of the side that has all of them, if one has."""
    for side, other in ((rows, columns), (columns, rows)):
        if set(side) >= set(other):
            return side
    every = list(dict.fromkeys([*rows, *columns]))
    if all(isinstance(label, int | float | np.number) for label in every):
        return sorted(every)
    if ordered:
        raise ShapeError(
            "行和列的类别不同，排不出先后；加权 κ 需要有序的类别。请给出行列相同的表。"
            " (rows and columns differ and have no order)"
        )
    return every
