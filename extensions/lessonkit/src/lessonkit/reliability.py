"""How far a test's totals can be trusted: KR-20, KR-21, alpha, standard error.

Pure. Marks as in ``marks.py``; pupils with any missing mark are left out, because a total
without an item is not the same test. What cannot be computed is None. Called by
``items.analyse``; by itself where one figure is wanted.
"""

import math
from typing import Any

import numpy as np

from lessonkit.marks import as_marks, complete


def kr20(matrix: Any) -> float | None:
    """Return KR-20 of a table of 0/1 marks, with the *population* variance of the totals.

    KR-20 = k/(k − 1)·(1 − Σpq/σ²). Source: Kuder & Richardson 1937.

    :raises MarkError: a mark other than 0 and 1 (use ``alpha``)

    >>> round(kr20([[1, 1], [1, 0], [0, 0]]), 4)
    0.6667
    """
    whole = complete(as_marks(matrix, binary_for="KR-20 "))
    p = whole.mean(axis=0) if len(whole) else np.zeros(whole.shape[1])
    return _internal_consistency(whole, float((p * (1 - p)).sum()), ddof=0)


def kr21(matrix: Any) -> float | None:
    """Return KR-21, which takes all items as equally hard: never above KR-20.

    KR-21 = k/(k − 1)·(1 − M(k − M)/(kσ²)).

    :raises MarkError: a mark other than 0 and 1

    >>> kr21([[1, 1], [1, 0], [0, 0]])
    0.5
    """
    whole = complete(as_marks(matrix, binary_for="KR-21 "))
    k = whole.shape[1]
    mean = float(whole.sum(axis=1).mean()) if len(whole) else 0.0
    return _internal_consistency(whole, mean * (k - mean) / k if k else 0.0, ddof=0)


def alpha(matrix: Any) -> float | None:
    """Return Cronbach's alpha (1951), with sample variances; for 0/1 marks it is KR-20.

    α = k/(k − 1)·(1 − Σs_i²/s_t²).

    >>> alpha([[3, 3], [2, 2], [1, 1]])
    1.0
    """
    whole = complete(as_marks(matrix))
    if len(whole) < 2:
        return None
    return _internal_consistency(whole, float(whole.var(axis=0, ddof=1).sum()), ddof=1)


def sem(matrix: Any, ddof: int = 0) -> float | None:
    """Return the standard error of measurement of a total, in marks: s_t·√(1 − α).

    ``ddof=0`` takes the class as the whole population.

    >>> round(sem([[1, 1], [1, 0], [0, 0]]), 4)
    0.4714
    """
    r = alpha(matrix)
    if r is None:
        return None
    spread = float(complete(as_marks(matrix)).sum(axis=1).std(ddof=ddof))
    return spread * math.sqrt(max(0.0, 1 - r))


def _internal_consistency(whole: np.ndarray, within: float, ddof: int) -> float | None:
    k, totals = whole.shape[1], whole.sum(axis=1)
    if k < 2 or len(whole) <= ddof or np.isclose(np.ptp(totals), 0):
        return None
    return k / (k - 1) * (1 - within / float(totals.var(ddof=ddof)))
