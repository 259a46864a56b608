"""ITIAS: Flanders' analysis for a classroom with technology, 18 codes (顾小清、王炜 2004).

Pure. One code every 3 seconds: 1 to 8 the teacher's talk, 9 to 12 the pupils', 13 to 15
silence, 16 to 18 technology. Source: 支持教师专业发展的课堂分析技术新探索, 中国电化教育 2004(7).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lessonkit.books import ITIAS
from lessonkit.cleaning import listed, number_of, shown
from lessonkit.errors import MarkError, ShapeError
from lessonkit.ratios import Ratio, compute

RATIOS = {
    "teacher": Ratio("teacher"),
    "student": Ratio("student"),
    "silence": Ratio("silence"),
    "technology": Ratio("technology"),
    "indirect_direct": Ratio("indirect", "direct", percent=False),
    "positive_negative": Ratio("positive", "negative", percent=False),
    "open_questions": Ratio("open", "questions"),
    "question_share": Ratio("questions", "teacher"),
    "active_response": Ratio("active", "responses"),
    "student_initiation": Ratio("initiation", "student"),
    "peer": Ratio("peer", "student"),
    "useful_silence": Ratio("useful", "silence"),
    "teacher_technology": Ratio("teacher_technology", "technology"),
}


@dataclass(frozen=True)
class ItiasResult:
    """Shares in percent, ``indirect_direct`` and ``positive_negative`` as quotients.

    ``n`` is the number of codes. What would be divided by nothing is None.
    """

    n: int
    teacher: float | None
    student: float | None
    silence: float | None
    technology: float | None
    indirect_direct: float | None
    positive_negative: float | None
    open_questions: float | None
    question_share: float | None
    active_response: float | None
    student_initiation: float | None
    peer: float | None
    useful_silence: float | None
    teacher_technology: float | None


def analyse(codes: Any) -> ItiasResult:
    """Return the shares of a lesson coded with 1 to 18.

    Of all codes: teacher 1–8, student 9–12, silence 13–15, technology 16–18. Quotients:
    indirect 1–5 over direct 6–8, positive 1–3 over negative 7–8. Of questions 4–5: open 4; of
    teacher talk: questions 4–5; of responses 9–10: active 10; of pupil talk: initiation
    10–11 and peer 12; of silence: useful 14–15; of technology: the teacher's 16.

    :raises CodeError: another code, or none, with its place

    >>> lesson = analyse([6, 6, 4, 10])
    >>> lesson.teacher, lesson.open_questions, lesson.indirect_direct, lesson.silence
    (75.0, 100.0, 0.5, 0.0)
    """
    return _result(ITIAS.count(codes))


def from_counts(counts: Any) -> ItiasResult:
    """Return the same from 18 counts, in the order of the codes or by code.

    A list or array is in the order of the codes and has 18 numbers, and so has a Series
    that nobody labelled. A mapping, or a Series by code, may leave out codes that did not occur.

    :raises ShapeError: not 18 counts
    :raises CodeError: a label that is no code
    :raises MarkError: a count that is no whole number, or below 0

    >>> from_counts([0] * 5 + [3] + [0] * 3 + [1] + [0] * 8).teacher
    75.0
    >>> from_counts({6: 3, "10": 1}).teacher
    75.0
    """
    if isinstance(counts, pd.Series) and not isinstance(counts.index, pd.RangeIndex):
        given = list(zip(counts.index.tolist(), counts.tolist(), strict=True))
    elif isinstance(counts, Mapping):
        given = list(counts.items())
    else:
        values = listed(counts, "计数")
        if len(values) != len(ITIAS.codes):
            raise ShapeError(
                f"ITIAS 要 18 个计数（编码 1 到 18 各一个），得到 {len(values)} 个。没有出现的编码写 0。"
                f" (18 counts are needed, not {len(values)})"
            )
        given = list(zip(ITIAS.labels, values, strict=True))
    tally = pd.Series(0, index=ITIAS.labels)
    codes = ITIAS.read([code for code, _ in given])
    for code, (_, count) in zip(codes, given, strict=True):
        tally[code] += _whole(code, count)
    return _result(tally)


def _whole(code: Any, count: Any) -> int:
    number = number_of(count)
    if number is None or not number >= 0 or not number.is_integer():
        raise MarkError(
            f"编码 {code} 的计数是“{shown(count)}”，应是 0 或正整数。"
            f" (the count of code {code} is {shown(count)!r}, not a whole number from 0)"
        )
    return int(number)


def _result(counts: pd.Series) -> ItiasResult:
    return ItiasResult(n=int(counts.sum()), **compute(ITIAS, counts, RATIOS))
