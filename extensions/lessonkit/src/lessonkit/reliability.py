"""How far a test's totals can be trusted: KR-20, KR-21, alpha, standard error.

Pure. Marks as in ``items.py``; pupils with any missing mark are left out, because a total
without an item is not the same test. What cannot be computed is None.
"""

import math

import pandas as pd


def kr20(marks: pd.DataFrame) -> float | None:
    """Return KR-20 of a table of 0/1 marks, with the *population* variance of the totals.

    :raises ValueError: a mark other than 0 and 1 (use ``alpha``)

    Source: Kuder & Richardson 1937.

    >>> round(kr20(pd.DataFrame({"Q1": [1, 1, 0], "Q2": [1, 0, 0]})), 4)
    0.6667
    """
    whole = _complete(marks)
    if not whole.isin([0, 1]).to_numpy().all():
        raise ValueError("KR-20 needs marks of 0 and 1 only; use alpha for other marks")
    p = whole.mean()
    return _internal_consistency(whole, float((p * (1 - p)).sum()), ddof=0)


def kr21(marks: pd.DataFrame) -> float | None:
    """Return KR-21, which takes all items as equally hard: never above KR-20.

    >>> kr21(pd.DataFrame({"Q1": [1, 1, 0], "Q2": [1, 0, 0]}))
    0.5
    """
    whole = _complete(marks)
    k, total = whole.shape[1], whole.sum(axis=1)
    variance = float(total.var(ddof=0)) if len(total) else math.nan
    if k < 2 or not variance > 0:
        return None
    mean = float(total.mean())
    return k / (k - 1) * (1 - mean * (k - mean) / (k * variance))


def alpha(marks: pd.DataFrame) -> float | None:
    """Return Cronbach's alpha (1951), with sample variances; for 0/1 marks it is KR-20.

    >>> alpha(pd.DataFrame({"Q1": [3, 2, 1], "Q2": [3, 2, 1]}))
    1.0
    """
    whole = _complete(marks)
    if len(whole) < 2:
        return None
    return _internal_consistency(whole, float(whole.var(ddof=1).sum()), ddof=1)


def sem(marks: pd.DataFrame, ddof: int = 0) -> float | None:
    """Return the standard error of measurement of a total, in marks: s·√(1 − r).

    r is KR-20 for 0/1 marks (with ``ddof=0``, the population) and alpha otherwise.

    >>> round(sem(pd.DataFrame({"Q1": [1, 1, 0], "Q2": [1, 0, 0]})), 4)
    0.4714
    """
    whole = _complete(marks)
    r = alpha(whole)
    if r is None:
        return None
    spread = float(whole.sum(axis=1).std(ddof=ddof))
    return spread * math.sqrt(max(0.0, 1 - r))


def _complete(marks: pd.DataFrame) -> pd.DataFrame:
    return marks.dropna()


def _internal_consistency(whole: pd.DataFrame, within: float, ddof: int) -> float | None:
    k = whole.shape[1]
    variance = float(whole.sum(axis=1).var(ddof=ddof)) if len(whole) > ddof else math.nan
    if k < 2 or not variance > 0:
        return None
    return k / (k - 1) * (1 - within / variance)
