"""A table of marks: one row a person, one column an item; a missing mark is NaN.

Decides what a mark may be. Called by ``items``, ``reliability`` and ``sp``. It never
changes the table it was given, and works by place, so that two pupils (or items) with the
same label stay two.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.cleaning import number_of, shown
from lessonkit.errors import MarkError, ShapeError


def as_marks(matrix: Any, *, binary_for: str | None = None) -> pd.DataFrame:
    """Return the marks as a table of floats with the input's labels.

    :param binary_for: the method that can use 0 and 1 only, for its error
    :raises ShapeError: not a table with rows of equal length
    :raises MarkError: a mark that is no number, below 0, or (``binary_for``) not 0 or 1

    >>> as_marks([["1", 0], [None, "１"]]).to_numpy().tolist()
    [[1.0, 0.0], [nan, 1.0]]
    """
    frame = _frame(matrix)
    try:
        values = frame.to_numpy(dtype=float, na_value=math.nan)
    except (TypeError, ValueError):
        values = np.full(frame.shape, math.nan)
        for place, mark in np.ndenumerate(frame.to_numpy(dtype=object)):
            number = number_of(mark)
            if number is None:
                raise _wrong(frame, place, mark, "一个数") from None
            values[place] = number
    wrong = (values < 0) | np.isinf(values)
    if wrong.any():
        place = tuple(int(at[0]) for at in wrong.nonzero())
        raise _wrong(frame, place, values[place], "不小于 0 的数")
    if binary_for is not None:
        wrong = ~(np.isnan(values) | (values == 0) | (values == 1))
        if wrong.any():
            place = tuple(int(at[0]) for at in wrong.nonzero())
            raise _wrong(frame, place, values[place], f"0 或 1（{binary_for}只用对错两种得分）")
    return pd.DataFrame(values, index=frame.index, columns=frame.columns, copy=True)


def complete(marks: pd.DataFrame) -> np.ndarray:
    """Return the rows without a missing mark: a total without an item is another test."""
    values = marks.to_numpy()
    return values[~np.isnan(values).any(axis=1)]


def full_marks_of(marks: pd.DataFrame, full_marks: Any = None) -> np.ndarray:
    """Return the full mark of each item, as an array.

    Without one it is 1 for an item whose marks are 0 to 1, otherwise the highest mark that
    anybody has.

    :param full_marks: one number for all items, or one an item (a Series is read by label)
    :raises MarkError: a full mark not above 0, or a mark above it
    """
    values = marks.to_numpy()
    if full_marks is None:
        best = np.nan_to_num(values, nan=0.0).max(axis=0, initial=0.0)
        return np.maximum(best, 1.0)
    if isinstance(full_marks, pd.Series) and marks.columns.is_unique:
        full_marks = full_marks.reindex(marks.columns)
    try:
        full = np.broadcast_to(np.asarray(full_marks, dtype=float), (marks.shape[1],))
    except (TypeError, ValueError):
        raise ShapeError(
            f"满分应是一个数，或每题一个（共 {marks.shape[1]} 个）。 (one full mark, or one an item)"
        ) from None
    if not (full > 0).all():
        item = marks.columns[int((~(full > 0)).argmax())]
        raise MarkError(
            f"题目“{shown(item)}”的满分应大于 0。 (every item needs a full mark above 0)"
        )
    wrong = values > full
    if wrong.any():
        place = tuple(int(at[0]) for at in wrong.nonzero())
        raise _wrong(marks, place, values[place], f"0 到 {full[place[1]]:g} 的数")
    return full


def _frame(matrix: Any) -> pd.DataFrame:
    if isinstance(matrix, pd.DataFrame):
        return matrix
    refused = ShapeError(
        "得分应是一张表：一行一名学生，一列一道题，每行一样长。"
        " (a table is needed: a row a person, a column an item)"
    )
    if isinstance(matrix, pd.Series | str) or not isinstance(matrix, Iterable):
        raise refused
    cells = np.array(matrix if isinstance(matrix, np.ndarray) else list(matrix), dtype=object)
    if not cells.size and cells.ndim < 2:
        return pd.DataFrame(dtype=float)
    if cells.ndim != 2:
        raise refused
    return pd.DataFrame(cells)


def _wrong(frame: pd.DataFrame, place: tuple[int, ...], mark: Any, possible: str) -> MarkError:
    row, column = place
    item = shown(frame.columns[column])
    said = f"{mark:g}" if isinstance(mark, float) else shown(mark)
    return MarkError(
        f"第 {row + 1} 行（{shown(frame.index[row])}）题目“{item}”的得分是“{said}”，应是{possible}。"
        f"请核对答卷，没有的请留空。 (row {row + 1}, item {item}: {said} is not a possible mark)"
    )
