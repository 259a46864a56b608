"""Lag-sequential analysis: which code follows which more often than chance would give.

Pure. Sources: Sackett 1979; Allison & Liker 1982 (the adjusted residual); Bakeman & Quera
2011; O'Connor 1999 for the worked example. Codes may repeat: with codes that cannot (coded
by event, zeros on the diagonal by construction) these expectations are wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.cleaning import listed, shown
from lessonkit.errors import MarkError, ShapeError
from lessonkit.labels import common_labels, split_text


@dataclass(frozen=True, eq=False)
class LagResult:
    """Frames by code: rows are given codes, columns the codes ``lag`` steps later.

    ``expected`` = r_i·c_j/N; ``z`` is the adjusted residual (|z| > 1.96 is worth a look);
    ``yule_q`` lies between −1 and 1. NaN where a row or column is empty or has everything.
    """

    codes: list[Any]
    counts: pd.DataFrame
    expected: pd.DataFrame
    z: pd.DataFrame
    yule_q: pd.DataFrame

    @property
    def n(self) -> int:
        """The number of transitions."""
        return int(self.counts.to_numpy().sum())

    @property
    def sparse(self) -> bool:
        """Whether there are fewer than 5·k² transitions for k codes: read z with care."""
        return self.n < 5 * len(self.codes) ** 2


def lag(sequences: Any, lag: int = 1) -> LagResult:
    """Return counts of the transitions ``lag`` steps apart and how they differ from chance.

    Lessons are never joined: transitions are counted within each and summed. With row sums
    r, column sums c and N transitions, e = r·c/N, z = (x − e)/√(e(1 − r/N)(1 − c/N)); Yule's
    Q = (ad − bc)/(ad + bc) of the four cells "this or another code, then that or another".

    :param sequences: a list of lessons, each a list, Series, array or a text of letters; one
        lesson alone may be given as it is
    :raises CodeError: a missing code, with its place in its lesson
    :raises MarkError: a lag that is no whole number above 0
    :raises ShapeError: it is not clear what a lesson is

    >>> found = lag(["TTST", "ST"])
    >>> found.codes, found.counts.to_numpy().tolist()
    (['S', 'T'], [[0, 2], [1, 1]])
    """
    if isinstance(lag, bool) or not isinstance(lag, Integral) or lag < 1:
        raise MarkError(f"间隔步数是 {shown(lag)}，应是 1、2、3……。 (lag must be 1 or more)")
    lessons = _lessons(sequences)
    codes, places = common_labels(lessons, lambda lesson, _: f"（第 {lesson + 1} 节课）")
    size, step = len(codes), int(lag)
    counts = np.zeros(size * size, dtype=np.int64)
    for lesson in places:
        pairs = lesson[:-step] * size + lesson[step:]
        counts += np.bincount(pairs, minlength=size * size)
    return _result(codes, counts.reshape(size, size))


def _result(codes: list[Any], x: np.ndarray) -> LagResult:
    n = float(x.sum())
    r, c = x.sum(axis=1, keepdims=True), x.sum(axis=0, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        e = r * c / n if n else np.full(x.shape, np.nan)
        spread = np.sqrt(e * (1 - r / n) * (1 - c / n)) if n else e
        z = np.where(spread > 0, (x - e) / spread, np.nan)
        # Floats, because the product of two counts of a long corpus leaves 64 bits.
        a, b, d = x.astype(float), (r - x).astype(float), (n - r - c + x).astype(float)
        same, other = a * d, b * (c - x)
        q = np.where(same + other > 0, (same - other) / (same + other), np.nan)

    def frame(values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values, index=codes, columns=codes)

    return LagResult(codes, frame(x), frame(e), frame(z), frame(q))


def _lessons(sequences: Any) -> list[list[Any]]:
    if isinstance(sequences, str):
        return [split_text(sequences)]
    if isinstance(sequences, pd.DataFrame) or not isinstance(sequences, Iterable):
        raise ShapeError("序列应是列表的列表，一节课一个。 (a list of lessons is needed)")
    given = list(sequences.values() if isinstance(sequences, Mapping) else sequences)
    texts = [item for item in given if isinstance(item, str)]
    lessons = [item for item in given if isinstance(item, Iterable) and not isinstance(item, str)]
    if not lessons and all(len(text) <= 1 for text in texts):
        return [given] if given else []
    if len(lessons) + len(texts) < len(given):
        raise ShapeError(
            "有的是一节课，有的是单个编码。请一节课写一个列表：[[…], […]]。 (lessons and single codes are mixed)"
        )
    return [split_text(item) if isinstance(item, str) else listed(item) for item in given]
