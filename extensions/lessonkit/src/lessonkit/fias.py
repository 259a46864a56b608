"""Flanders interaction analysis (FIAS): the matrix of a coded lesson and its ratios.

Pure. Codes are 1 to 10, one every 3 seconds: 1 to 4 indirect, 5 to 7 direct teacher talk,
8 and 9 pupil talk, 10 silence. Source: Flanders 1970, *Analyzing Teaching Behavior*.
The averages Flanders printed are not here: they are no standard for a lesson of today.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.books import FIAS
from lessonkit.ratios import Ratio, compute, percent

RATIOS = {
    "tt": Ratio("teacher"),
    "pt": Ratio("student"),
    "sc": Ratio("silence"),
    "i_d": Ratio("indirect", "direct", percent=False),
    "i_d_revised": Ratio("reinforcing", "restricting", percent=False),
    "trr": Ratio("reinforcing", "reacting"),
    "tqr": Ratio("question", "content"),
    "pir": Ratio("initiation", "student"),
}


@dataclass(frozen=True, eq=False)
class FiasResult:
    """Flanders' ratios, in percent; ``i_d`` and ``i_d_revised`` are quotients. None of nothing.

    ``n`` is the number of pairs in ``matrix`` (10 × 10, rows the first code, columns the
    second), ``columns`` its column sums c₁ … c₁₀, on which all ratios of single codes rest.
    """

    n: int
    matrix: pd.DataFrame
    columns: pd.Series
    tt: float | None
    pt: float | None
    sc: float | None
    i_d: float | None
    i_d_revised: float | None
    trr: float | None
    tqr: float | None
    pir: float | None
    trr89: float | None
    tqr89: float | None
    ccr: float | None
    ssr: float | None
    pssr: float | None

    @property
    def positive_cells(self) -> int:
        """The pairs in 积极整合格: rows 1 to 3, columns 1 to 3."""
        return _cells(self.matrix, (1, 2, 3), (1, 2, 3))

    @property
    def defect_cells(self) -> int:
        """The pairs in 缺陷格: rows 7 and 8, columns 6 and 7."""
        return _cells(self.matrix, (7, 8), (6, 7))


def analyse(codes: Any, pad: bool = True) -> FiasResult:
    """Return the matrix of successive pairs and the ratios of Flanders.

    ``pad`` puts a 10 before the first and after the last code, so that row and column sums
    agree and n = len + 1. Many Chinese papers do not: with ``pad=False`` n = len − 1 and
    the first code is in no column. Say which was used. No code at all has n = 0 either way.

    Of column sums c: TT = Σc₁₋₇/n, PT = Σc₈₋₉/n, SC = c₁₀/n, I/D = Σc₁₋₄/Σc₅₋₇, revised i/d =
    Σc₁₋₃/Σc₆₋₇, TRR = Σc₁₋₃/(Σc₁₋₃ + Σc₆₋₇), TQR = c₄/(c₄ + c₅), PIR = c₉/(c₈ + c₉). Of cells: TRR89
    and TQR89 are TRR and TQR in rows 8 and 9; CCR counts rows and columns 4 and 5, SSR the
    diagonal, PSSR cells 8-8 and 9-9 over c₈ + c₉.

    :param codes: 1 to 10 in their order, one every 3 seconds
    :raises CodeError: another code, or none, with its place

    >>> lesson = analyse([5, 5, 4, 8])
    >>> lesson.n, lesson.tt, int(lesson.matrix.loc[5, 5]), lesson.pir
    (5, 60.0, 1, 0.0)
    >>> analyse([5, 5]).pir is None
    True
    """
    places = FIAS.positions(codes)
    if pad and len(places):
        silence = len(FIAS.codes) - 1
        places = np.concatenate([[silence], places, [silence]])
    size = len(FIAS.codes)
    tally = np.bincount(places[:-1] * size + places[1:], minlength=size * size)
    matrix = pd.DataFrame(tally.reshape(size, size), index=FIAS.labels, columns=FIAS.labels)
    columns = matrix.sum()
    n = int(columns.sum())
    every = tuple(range(1, size + 1))
    content = (4, 5)
    cross = (
        _cells(matrix, content, every)
        + _cells(matrix, every, content)
        - _cells(matrix, content, content)
    )
    after_pupils = compute(FIAS, matrix.loc[[8, 9]].sum(), RATIOS)
    return FiasResult(
        n=n,
        matrix=matrix,
        columns=columns,
        **compute(FIAS, columns, RATIOS),
        trr89=after_pupils["trr"],
        tqr89=after_pupils["tqr"],
        ccr=percent(cross, n),
        ssr=percent(int(np.trace(matrix.to_numpy())), n),
        pssr=percent(
            _cells(matrix, (8,), (8,)) + _cells(matrix, (9,), (9,)), int(columns.loc[[8, 9]].sum())
        ),
    )


def _cells(matrix: pd.DataFrame, rows: tuple[int, ...], columns: tuple[int, ...]) -> int:
    return int(matrix.loc[list(rows), list(columns)].to_numpy().sum())
