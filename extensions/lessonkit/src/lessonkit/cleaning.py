"""Turn what people hand over into plain lists, numbers and code keys.

Decides which values are the same code (``"１"``, ``" 1 "``, ``1`` and ``1.0``) and which are
missing. Knows no code book; ``codebook.py`` looks the keys up, the methods call it and
this. Nothing here changes what it was given.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.errors import MarkError, ShapeError

NUMERAL = re.compile(r"0*(\d+)(\.0+)?")
SEPARATORS = re.compile(r"[\s,;、，；]+")
#: What spreadsheets leave at the edges of a cell, besides white space.
EDGES = "\ufeff\u200b\u200c\u200d\u2060"


def listed(values: Any, what: str = "编码") -> list[Any]:
    """Return a list, Series, array or other iterable as a list of plain Python values.

    >>> listed(np.array([5, 10])), listed(pd.Series(["T", "S"]))
    ([5, 10], ['T', 'S'])
    """
    if isinstance(values, Mapping) or getattr(values, "ndim", 1) != 1:
        raise ShapeError(
            f"{what}应是一列，不是一张表或单个数。 (one column is needed, not a table or one number)"
        )
    if isinstance(values, pd.Series | pd.Index | np.ndarray):
        return list(values.tolist())
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise ShapeError(
            f"{what}应是一个列表，得到的是 {type(values).__name__}。 (a list is needed)"
        )
    return list(values)


def tokens(text: str, *, letters: bool) -> list[str]:
    """Return the codes of a text: each letter, or what stands between blanks and commas.

    >>> tokens("TT ST", letters=True), tokens("5 5，10", letters=False)
    (['T', 'T', 'S', 'T'], ['5', '5', '10'])
    """
    parts = [part for part in SEPARATORS.split(text.strip(EDGES)) if part]
    return list("".join(parts)) if letters else parts


def is_single(value: Any) -> bool:
    """Return whether it is one value, and not a list or a table of them."""
    return bool(pd.api.types.is_scalar(value))


def is_missing(value: Any) -> bool:
    """Return whether there is no value: None, NaN, NA, NaT or an empty text.

    >>> [is_missing(value) for value in (None, float("nan"), pd.NA, "　", 0)]
    [True, True, True, True, False]
    """
    if isinstance(value, str):
        return not value.strip(EDGES + " \t\r\n\u3000\xa0")
    return is_single(value) and bool(pd.isna(value))


def spelled(value: Any) -> str:
    """Return a code as one text for all its spellings, upper and lower case apart.

    >>> {spelled(value) for value in (1, 1.0, "1", "１", " 1 ", "01", "1.0", np.int64(1))}
    {'1'}
    >>> spelled("ｔ"), spelled(4.1), spelled("４．１")
    ('t', '4.1', '4.1')
    """
    if isinstance(value, Integral) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Real) and not isinstance(value, bool):
        return str(int(float(value))) if float(value).is_integer() else str(value)
    text = unicodedata.normalize("NFKC", str(value)).strip(EDGES + " \t\r\n")
    numeral = NUMERAL.fullmatch(text)
    return numeral[1] if numeral else text


def key(value: Any) -> str:
    """Return the text by which a code book looks a code up, in whatever case.

    >>> key("Ｔ"), key("t ")
    ('t', 't')
    """
    return spelled(value).casefold()


def shown(value: Any) -> str:
    """Return a value as an error quotes it: short, on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= 20 else text[:19] + "…"


def where(values: Any, place: int) -> str:
    """Return the label of a place in a Series, if it has one of its own.

    >>> where(pd.Series([1, 2], index=["S01", "S02"]), 1), where([1, 2], 1)
    ('（行 S02）', '')
    """
    if not isinstance(values, pd.Series) or isinstance(values.index, pd.RangeIndex):
        return ""
    return f"（行 {shown(values.index[place])}）"


def numbers(values: Any, what: str, *, low: float = -math.inf) -> pd.Series:
    """Return numbers as a Series of floats with the input's labels; a missing one is NaN.

    :raises MarkError: something that is no finite number, or below ``low``

    >>> numbers(["1", None, "２"], "得分").tolist()
    [1.0, nan, 2.0]
    """
    index = values.index if isinstance(values, pd.Series) else None
    if isinstance(getattr(values, "dtype", None), np.dtype) and values.dtype.kind in "iuf":
        quick = np.asarray(values, dtype=float)
        if quick.ndim == 1 and not (np.isinf(quick) | (quick < low)).any():
            return pd.Series(quick.copy(), index=index)
    found = []
    for place, value in enumerate(listed(values, what)):
        number = number_of(value)
        if number is None or math.isinf(number) or number < low:
            bound = "" if low == -math.inf else f"，且不小于 {low:g}"
            raise MarkError(
                f"第 {place + 1} 个{what}{where(values, place)}是“{shown(value)}”，应是一个数{bound}；"
                f"没有的请留空。 (number {place + 1} is {shown(value)!r}, which cannot be)"
            )
        found.append(number)
    return pd.Series(found, index=index, dtype=float)


def seconds(value: Any, what: str) -> float:
    """Return a length of time as a number of seconds above 0.

    :raises MarkError: it is none
    """
    number = number_of(value)
    if number is None or not 0 < number < math.inf:
        raise MarkError(
            f"{what}是“{shown(value)}”，应是大于 0 的秒数；S-T 通常用 30 秒，弗兰德斯用 3 秒。"
            f" ({shown(value)!r} is not a number of seconds above 0)"
        )
    return number


def number_of(value: Any) -> float | None:
    """Return a value as a float, NaN if it is missing, None if it is no number."""
    if is_missing(value):
        return math.nan
    try:
        return float(value.strip(EDGES + " \u3000\xa0") if isinstance(value, str) else value)
    except (TypeError, ValueError):
        return None


def same_length(columns: Mapping[str, Any]) -> None:
    """Refuse columns of unequal lengths, saying each.

    :raises ShapeError: lengths differ
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        said = "，".join(f"{name} {length} 个" for name, length in lengths.items())
        raise ShapeError(
            f"长度不同：{said}。请先按时间或学生对齐，再比较。 (lengths differ: align them first)"
        )


def in_one_order(first: Any, second: Any) -> Any:
    """Return ``second`` in the order of ``first`` if both are Series with the same labels.

    The same labels in another order mean the same rows; with other labels, as two parts of
    one table have them, the place counts.

    >>> in_one_order(pd.Series([1, 2], index=["a", "b"]), pd.Series([4, 3], index=["b", "a"])).tolist()
    [3, 4]
    """
    if not (isinstance(first, pd.Series) and isinstance(second, pd.Series)):
        return second
    a, b = first.index, second.index
    if a.equals(b) or not (a.is_unique and b.is_unique) or len(a) != len(b):
        return second
    return second.reindex(a) if set(a) == set(b) else second
