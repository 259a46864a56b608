"""S-T analysis (S-T 分析法): who acts in a lesson, and how often that changes.

Pure. A coded lesson is a sequence of ``T`` (teacher) and ``S`` (everything else), one
symbol every ``interval_s`` seconds. Source: 傅德荣、章慧敏《教育信息处理》, 北京师范大学出版社.
The variants with a third symbol D, and with Ch = g/N, are other methods: not mixed in here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.books import ST
from lessonkit.cleaning import seconds

PRACTICE, LECTURE, DIALOGUE, MIXED = "练习型", "讲授型", "对话型", "混合型"
#: The regions of the Rt-Ch diagram.
RT_PRACTICE, RT_LECTURE, CH_DIALOGUE = 0.3, 0.7, 0.4


@dataclass(frozen=True, eq=False)
class StResult:
    """Counts and ratios of one lesson; ``rt``, ``ch`` and ``mode`` are None without samples.

    ``runs`` is g, the number of 连 (longest stretches of one symbol). ``rt`` and ``ch`` lie
    between 0 and 1, with ch ≤ 2·min(rt, 1 − rt). ``curve`` has n + 1 rows: ``t_s`` and
    ``s_s``, the seconds of T and of S so far, from (0, 0).
    """

    n: int
    n_t: int
    n_s: int
    runs: int
    rt: float | None
    ch: float | None
    mode: str | None
    curve: pd.DataFrame

    @property
    def borders(self) -> bool:
        """Whether two rules of the mode table hold at once (落在两区交界): show a note."""
        return self.mode in (PRACTICE, LECTURE) and self.ch is not None and self.ch >= CH_DIALOGUE


def analyse(codes: Any, interval_s: float = 30) -> StResult:
    """Return N, Rt = N_T/N, Ch = (g − 1)/N, the teaching mode and the S-T curve.

    The mode table does not rank its rules; here Rt's go first (Rt ≤ 0.3 练习型, Rt ≥ 0.7
    讲授型), then Ch ≥ 0.4 对话型, else 混合型. ``borders`` tells where that mattered.

    :param codes: T and S, as a text or one a sample (``"t"`` and ``"Ｔ"`` too)
    :param interval_s: seconds between two samples; 30 for a lesson, 10 to 15 for a clip
    :raises CodeError: a symbol other than T and S, with its place
    :raises MarkError: an interval not above 0

    >>> lesson = analyse("TTTTTTTSSS")
    >>> lesson.n, lesson.runs, lesson.rt, lesson.ch, lesson.mode
    (10, 2, 0.7, 0.1, '讲授型')
    >>> analyse("TTS").curve.to_dict("list")
    {'t_s': [0.0, 30.0, 60.0, 60.0], 's_s': [0.0, 0.0, 0.0, 30.0]}
    """
    step = seconds(interval_s, "取样间隔")
    pupils = ST.positions(codes)  # T is 0 and S is 1
    n, n_s = len(pupils), int(pupils.sum())
    n_t = n - n_s
    runs = int(np.count_nonzero(np.diff(pupils))) + 1 if n else 0
    rt, ch = (n_t / n, (runs - 1) / n) if n else (None, None)
    s_so_far = np.concatenate([[0], np.cumsum(pupils)])
    curve = pd.DataFrame({"t_s": np.arange(n + 1) - s_so_far, "s_s": s_so_far}) * step
    return StResult(n, n_t, n_s, runs, rt, ch, _mode(rt, ch), curve)


def _mode(rt: float | None, ch: float | None) -> str | None:
    if rt is None or ch is None:
        return None
    if rt <= RT_PRACTICE:
        return PRACTICE
    if rt >= RT_LECTURE:
        return LECTURE
    return DIALOGUE if ch >= CH_DIALOGUE else MIXED
