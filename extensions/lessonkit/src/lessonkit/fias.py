"""Flanders interaction analysis (FIAS): the matrix of a coded lesson and its ratios.

Pure. Codes are 1 to 10, one every 3 seconds: 1 to 4 indirect, 5 to 7 direct teacher talk,
8 and 9 pupil talk, 10 silence. Source: Flanders 1970, *Analyzing Teaching Behavior*.
The averages Flanders printed are not here: they are no standard for a lesson of today.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import pandas as pd

CODES = range(1, 11)


@dataclass(frozen=True)
class FiasRatios:
    """Ratios in percent, ``i_d`` and ``revised_i_d`` as plain quotients; None where empty.

    ``n`` is the number of pairs in the matrix. ``positive`` counts 积极整合格 (rows and
    columns 1 to 3), ``defect`` 缺陷格 (rows 7 and 8, columns 6 and 7).
    """

    n: int
    tt: float | None
    pt: float | None
    sc: float | None
    i_d: float | None
    revised_i_d: float | None
    trr: float | None
    tqr: float | None
    pir: float | None
    trr89: float | None
    tqr89: float | None
    ccr: float | None
    ssr: float | None
    pssr: float | None
    positive: int
    defect: int

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the ratios by name, for a table."""
        return asdict(self)


def fias_matrix(codes: Sequence[int], pad: bool = True) -> pd.DataFrame:
    """Return the 10 × 10 tally of successive pairs (rows: first, columns: second).

    ``pad`` puts a 10 before the first and after the last code, so that row and column
    sums agree and N = len + 1; many Chinese papers do not (N = len − 1). Say which was used.

    :raises ValueError: a code outside 1 to 10, with its place

    >>> fias_matrix([5, 5, 4, 8]).loc[5, 5], int(fias_matrix([5, 5, 4, 8]).to_numpy().sum())
    (np.int64(1), 5)
    """
    for place, code in enumerate(codes, start=1):
        if code not in CODES:
            raise ValueError(f"code {place} is {code!r}; FIAS knows 1 to 10")
    line = [10, *codes, 10] if pad and codes else list(codes)
    pairs = Counter(pairwise(line))
    tally = [[pairs[first, second] for second in CODES] for first in CODES]
    return pd.DataFrame(tally, index=list(CODES), columns=list(CODES))


def fias_ratios(matrix: pd.DataFrame) -> FiasRatios:
    """Return Flanders' ratios of a matrix made by ``fias_matrix``.

    With an unpadded matrix column sums miss the first code, as they do in those papers.

    >>> fias_ratios(fias_matrix([5, 5, 4, 8])).tt
    60.0
    """

    def cols(*codes: int) -> int:
        return int(matrix[list(codes)].to_numpy().sum())

    def cells(rows: Sequence[int], columns: Sequence[int]) -> int:
        return int(matrix.loc[list(rows), list(columns)].to_numpy().sum())

    n = cols(*CODES)
    content = cells((4, 5), CODES) + cells(CODES, (4, 5)) - cells((4, 5), (4, 5))
    return FiasRatios(
        n=n,
        tt=_percent(cols(1, 2, 3, 4, 5, 6, 7), n),
        pt=_percent(cols(8, 9), n),
        sc=_percent(cols(10), n),
        i_d=_quotient(cols(1, 2, 3, 4), cols(5, 6, 7)),
        revised_i_d=_quotient(cols(1, 2, 3), cols(6, 7)),
        trr=_percent(cols(1, 2, 3), cols(1, 2, 3, 6, 7)),
        tqr=_percent(cols(4), cols(4, 5)),
        pir=_percent(cols(9), cols(8, 9)),
        trr89=_percent(cells((8, 9), (1, 2, 3)), cells((8, 9), (1, 2, 3, 6, 7))),
        tqr89=_percent(cells((8, 9), (4,)), cells((8, 9), (4, 5))),
        ccr=_percent(content, n),
        ssr=_percent(sum(cells((k,), (k,)) for k in CODES), n),
        pssr=_percent(cells((8,), (8,)) + cells((9,), (9,)), cols(8, 9)),
        positive=cells((1, 2, 3), (1, 2, 3)),
        defect=cells((7, 8), (6, 7)),
    )


def _quotient(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
