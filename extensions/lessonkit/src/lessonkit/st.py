"""S-T analysis (S-T 分析法): who acts in a lesson, and how often that changes.

Pure. A coded lesson is a sequence of ``T`` (teacher) and ``S`` (everything else), one
symbol every ``step_s`` seconds. Source: 傅德荣, 章慧敏《教育信息处理》, 北京师范大学出版社.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

PRACTICE, LECTURE, DIALOGUE, MIXED = "练习型", "讲授型", "对话型", "混合型"


@dataclass(frozen=True)
class LessonST:
    """Counts and ratios of one lesson; ``rt``, ``ch`` and ``mode`` are None without samples.

    ``borders`` is True where two rules of the mode table hold at once: show a note.
    """

    n: int
    n_t: int
    n_s: int
    runs: int
    rt: float | None
    ch: float | None
    mode: str | None
    borders: bool


def analyse_st(codes: Sequence[str]) -> LessonST:
    """Return N, Rt = N_T/N, Ch = (g − 1)/N and the teaching mode; g is the number of runs.

    The mode table does not rank its rules; here Rt's go first (≤ 0.3 练习型, ≥ 0.7 讲授型),
    then Ch ≥ 0.4 对话型, else 混合型.

    :raises ValueError: a symbol other than T and S, with its place

    >>> analyse_st("TTTTTTTSSS")
    LessonST(n=10, n_t=7, n_s=3, runs=2, rt=0.7, ch=0.1, mode='讲授型', borders=False)
    """
    _check(codes)
    n, n_t = len(codes), sum(code == "T" for code in codes)
    if n == 0:
        return LessonST(0, 0, 0, 0, None, None, None, False)
    runs = 1 + sum(a != b for a, b in pairwise(codes))
    rt, ch = n_t / n, (runs - 1) / n
    mode = PRACTICE if rt <= 0.3 else LECTURE if rt >= 0.7 else DIALOGUE if ch >= 0.4 else MIXED
    return LessonST(n, n_t, n - n_t, runs, rt, ch, mode, mode in (PRACTICE, LECTURE) and ch >= 0.4)


def st_curve(codes: Sequence[str], step_s: float = 30) -> pd.DataFrame:
    """Return the S-T curve: (0, 0) and then a point a sample, in seconds of T and of S.

    :raises ValueError: an unknown symbol, or a step not above 0

    >>> st_curve("TTS").to_dict("list")
    {'t_s': [0, 30, 60, 60], 's_s': [0, 0, 0, 30]}
    """
    _check(codes)
    if not step_s > 0:
        raise ValueError(f"step_s is {step_s}; it must be above 0 seconds")
    teacher = pd.Series([0, *(int(code == "T") for code in codes)]).cumsum()
    pupils = pd.Series([0, *(int(code == "S") for code in codes)]).cumsum()
    return pd.DataFrame({"t_s": teacher * step_s, "s_s": pupils * step_s})


def _check(codes: Sequence[str]) -> None:
    for place, code in enumerate(codes, start=1):
        if code not in ("T", "S"):
            raise ValueError(f"sample {place} is {code!r}; only T and S are known")
