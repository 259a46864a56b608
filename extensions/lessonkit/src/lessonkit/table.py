"""Read a coded lesson from a table ``t_start_s, code[, track, coder, note]``.

Decides what a coded lesson is: which codes, at which interval, by whom, of which end. Reads
no file: the caller has the table. Called by the coding and analysis apps and by the portal.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.books import LESSON_BOOKS
from lessonkit.cleaning import EDGES, is_missing, is_single, number_of, seconds, shown
from lessonkit.codebook import CodeBook, Label
from lessonkit.errors import CodeError, LessonError, MarkError, ShapeError

NEEDED = ("t_start_s", "code")
OPTIONAL = ("track", "coder", "note")


@dataclass(frozen=True, eq=False)
class Lesson:
    """Validated codes, by track, coder and time.

    ``rows`` has ``t_start_s`` (seconds), ``code`` as its book writes it, ``track``, ``coder``
    and ``note`` (empty texts where there are none). ``books`` are the code books that all the
    codes fit: one if it was named. ``interval_s`` is None for coding by event.
    """

    rows: pd.DataFrame
    books: tuple[CodeBook, ...]
    interval_s: float | None

    @property
    def tracks(self) -> list[str]:
        """The coding tracks, such as the ends of a 同步课堂, in the order of the rows."""
        return list(dict.fromkeys(self.rows["track"]))

    @property
    def coders(self) -> list[str]:
        """Who coded, in the order of the rows."""
        return list(dict.fromkeys(self.rows["coder"]))

    @property
    def codes(self) -> list[Label]:
        """The codes in time's order, of a lesson with one track and one coder.

        :raises ShapeError: there are several: ask ``codes_of`` for one
        """
        return self.codes_of()

    def codes_of(self, track: str | None = None, coder: str | None = None) -> list[Label]:
        """Return the codes of one track by one coder, in time's order.

        :raises ShapeError: several tracks or coders, and it was not said which; or none such
        """
        return list(self._one(track, coder)["code"])

    def pair(
        self, first: str, second: str, track: str | None = None
    ) -> tuple[list[Label], list[Label]]:
        """Return two coders' codes of one track, slot by slot, for ``agreement.table``.

        :raises ShapeError: coding by event, or a slot that one of them has not coded
        """
        if self.interval_s is None:
            raise ShapeError(
                "按事件编码的记录没有时间格，不能逐格比较；请按固定间隔编码。 (coded by event: there are no slots)"
            )
        a, b = (self._one(track, coder).set_index("t_start_s")["code"] for coder in (first, second))
        for name, mine, other in ((first, a, b), (second, b, a)):
            absent = sorted(set(other.index) - set(mine.index))
            if absent:
                raise ShapeError(
                    f"编码者“{shown(name)}”在 {absent[0]:g} 秒没有编码（共 {len(absent)} 格），"
                    "不能逐格比较。请补上，或两人只留都编了的一段。"
                    f" ({len(absent)} slots are coded by one of the two only, the first at {absent[0]:g} s)"
                )
        return list(a), list(b)

    def _one(self, track: str | None, coder: str | None) -> pd.DataFrame:
        rows = self.rows
        for column, wanted, name in (("track", track, "轨道"), ("coder", coder, "编码者")):
            known = list(dict.fromkeys(rows[column]))
            if wanted is not None:
                rows = rows[rows[column] == wanted]
            elif len(known) > 1:
                raise ShapeError(
                    f"这节课有几个{name}：{'、'.join(map(shown, known))}。请说明要哪一个。 (say which {column})"
                )
            if wanted is not None and rows.empty:
                raise ShapeError(
                    f"没有{name}“{shown(wanted)}”；有的是 {'、'.join(map(shown, known))}。 (no such {column})"
                )
        return rows


def read_lesson(
    df: pd.DataFrame, *, book: CodeBook | None = None, interval_s: float | None = None
) -> Lesson:
    """Return the lesson in a table, checked; every error names the row.

    Rows are put in order by track, coder and time. Columns of other names are left out, so
    that nothing personal slips along. Without ``book`` the codes must fit one of the known
    books, all of them the same. Without ``interval_s`` it is the step between the rows if that
    is the same everywhere, otherwise the lesson was coded by event.

    :param interval_s: seconds; every row of a track and coder must follow at this step
    :raises ShapeError: a column is missing or there twice, a time occurs twice, a gap
    :raises CodeError: an unknown or missing code
    :raises MarkError: a time that is no number of seconds from 0

    >>> lesson = read_lesson(pd.DataFrame({"t_start_s": [0, 30, 60], "code": ["T", "t", "S"]}))
    >>> lesson.codes, lesson.interval_s, [book.id for book in lesson.books]
    (['T', 'T', 'S'], 30.0, ['st'])
    """
    step = None if interval_s is None else seconds(interval_s, "取样间隔")
    columns = _columns(df)
    times = [_time(value, place) for place, value in enumerate(columns["t_start_s"])]
    books, codes = _codes(columns["code"], book)
    texts = {name: [_text(value) for value in columns[name]] for name in OPTIONAL}
    rows = pd.DataFrame(
        {
            "t_start_s": pd.Series(times, dtype=float),
            "code": pd.Series(codes, dtype=object),
            **texts,
        }
    )
    # Which row it was goes along, because errors after the sorting must still name it.
    rows["row"] = np.arange(len(rows))
    groups = {name: pd.factorize(rows[name])[0] for name in ("track", "coder")}
    rows = rows.iloc[np.lexsort((rows["t_start_s"], groups["coder"], groups["track"]))]
    steps = _steps(rows, step)
    return Lesson(rows.drop(columns="row").reset_index(drop=True), books, _interval(steps, step))


def check_comparable(first: Lesson, second: Lesson) -> None:
    """Refuse to compare two lessons of different intervals or code books.

    :raises ShapeError: they differ, or one is coded by event
    """
    if not {book.id for book in first.books} & {book.id for book in second.books}:
        raise ShapeError(
            f"两节课的编码本不同：{_named(first.books)}；{_named(second.books)}。只有同一编码本的课可以比较。"
            " (the code books differ)"
        )
    if first.interval_s is None or first.interval_s != second.interval_s:
        a, b = (
            "按事件" if lesson.interval_s is None else f"{lesson.interval_s:g} 秒"
            for lesson in (first, second)
        )
        raise ShapeError(
            f"两节课的取样间隔是 {a} 和 {b}；只有间隔相同的课可以比较。 (the intervals differ)"
        )


def _named(books: Sequence[CodeBook]) -> str:
    return "或".join(book.zh for book in books)


def _row(place: int) -> str:
    return f"第 {place + 1} 条记录（表格第 {place + 2} 行）"


def _columns(df: pd.DataFrame) -> dict[str, list[Any]]:
    if not isinstance(df, pd.DataFrame):
        raise ShapeError("要一张表（DataFrame），列名是 t_start_s、code。 (a DataFrame is needed)")
    names = [str(name).strip(EDGES + " ").casefold() for name in df.columns]
    for name in (*NEEDED, *OPTIONAL):
        if names.count(name) > 1:
            raise ShapeError(f"列 {name} 出现了两次；请只留一列。 (column {name} occurs twice)")
    for name in NEEDED:
        if name not in names:
            raise ShapeError(
                f"缺少列 {name}；表里有 {'、'.join(map(shown, df.columns)) or '零列'}。"
                f"要有 t_start_s（开始的秒数）和 code（编码）。 (column {name} is missing)"
            )
    return {
        name: df.iloc[:, names.index(name)].tolist() if name in names else [None] * len(df)
        for name in (*NEEDED, *OPTIONAL)
    }


def _time(value: Any, place: int) -> float:
    number = number_of(value)
    if number is None or not 0 <= number < math.inf:
        said = "空的" if is_missing(value) else f"“{shown(value)}”"
        raise MarkError(
            f"{_row(place)}的 t_start_s 是{said}，应是从 0 起的秒数。"
            f" (row {place + 1}: t_start_s is {shown(value)!r}, not a number of seconds)"
        )
    return number


def _text(value: Any) -> str:
    return "" if is_missing(value) else str(value).strip(EDGES + " \t\r\n")


def _codes(values: list[Any], book: CodeBook | None) -> tuple[tuple[CodeBook, ...], list[Label]]:
    """Return the books that fit all codes, and the codes as the first of them writes them."""
    fit: tuple[CodeBook, ...] = LESSON_BOOKS if book is None else (book,)
    seen: set[tuple[type, Any]] = set()
    for place, value in enumerate(values):
        if is_single(value) and (type(value), value) in seen:
            continue
        left = tuple(one for one in fit if one.place_of(value) is not None)
        if not left:
            raise _misfit(value, place, fit, first=place == 0 and book is None)
        fit = left
        seen.add((type(value), value))
    return fit, fit[0].read(values)


def _misfit(value: Any, place: int, fit: Sequence[CodeBook], *, first: bool) -> LessonError:
    if len(fit) == 1 or is_missing(value):
        return fit[0].unknown(value, f"{_row(place)}的编码", place + 1)
    which = "已知的编码本" if first else "与前面各行相同的编码本"
    return CodeError(
        f"{_row(place)}的编码是“{shown(value)}”，{which}（{_named(fit)}）里没有它。"
        f"请改正，或指定编码本。 (row {place + 1}: {shown(value)!r} is in no code book that fits)"
    )


def _steps(rows: pd.DataFrame, interval_s: float | None) -> np.ndarray:
    """Return the times between the rows of one track and coder; refuse two at one time."""
    same = (rows["track"] == rows["track"].shift()) & (rows["coder"] == rows["coder"].shift())
    steps = rows["t_start_s"].diff().where(same).to_numpy()
    wrong = steps == 0
    if interval_s is not None:
        wrong |= ~(np.isnan(steps) | np.isclose(steps, interval_s))
    if wrong.any():
        at = int(wrong.argmax())
        step, place = steps[at], int(rows["row"].iloc[at])
        time = rows["t_start_s"].iloc[at]
        if step == 0:
            raise ShapeError(
                f"{_row(place)}：同一轨道、同一编码者在 {time:g} 秒有两个编码。请只留一个，或改正时间。"
                f" (row {place + 1}: two codes at {time:g} s)"
            )
        raise ShapeError(
            f"{_row(place)}：{time:g} 秒离上一条 {step:g} 秒，间隔应是 {interval_s:g} 秒。请补上缺的，或改正时间。"
            f" (row {place + 1}: {step:g} s after the one before, not {interval_s:g})"
        )
    return steps[~np.isnan(steps)]


def _interval(steps: np.ndarray, interval_s: float | None) -> float | None:
    if interval_s is not None:
        return interval_s
    if not len(steps) or not np.allclose(steps, steps[0], rtol=1e-6):
        return None
    return float(round(steps[0], 6))
