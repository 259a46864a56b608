"""Look through a table that is about to be shared for what must not be: people, small cells.

Decides what is suspicious; whether it may be shared is the reviewer's decision. Pure, and no
finding repeats a value: it says the column and the row. It cannot know a name in free text.
Called before a lesson analysis is published.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from lessonkit.cleaning import EDGES, is_missing, number_of, shown
from lessonkit.errors import MarkError, ShapeError

#: Column names that say whose the row is, and the plain word for what they hold.
PERSONAL_COLUMNS = (
    (re.compile("姓名|名字|^(学生|pupil|student)?[ _]?name$", re.I), "姓名"),
    (re.compile("身份证|证件号|id[ _]?card|id[ _]?number", re.I), "证件号码"),
    (re.compile("学籍|学号|考号|准考证|student[ _]?(id|no)", re.I), "学号或学籍号"),
    (re.compile("电话|手机|联系方式|phone|mobile|^tel", re.I), "电话"),
    (re.compile("家长|监护人|父亲|母亲|parent|guardian", re.I), "家长信息"),
    (re.compile("住址|家庭地址|address|邮箱|e-?mail|微信|wechat|^qq", re.I), "联系方式"),
    (re.compile("出生|生日|birth", re.I), "出生日期"),
)
PERSONAL_VALUES = (
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "身份证号码"),
    (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), "手机号码"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "邮箱"),
)
COUNT_COLUMNS = re.compile(
    "人数|人次|学生数|频数|计数|^n$|^n_|_n$|^count|count$|^size$|number of", re.I
)
PUPIL = re.compile(r"[Ss]\d{1,4}|(学生|pupil|student) ?\d{1,4}", re.I)


class Finding(NamedTuple):
    """What is wrong and where: ``row`` is the row's label, None where it is the whole column."""

    column: str
    row: Any
    reason: str
    what_to_do: str


def check(df: pd.DataFrame, k: int = 5) -> list[Finding]:
    """Return what stands against sharing a table, an empty list if nothing was found.

    Looked for: columns (and the index) named as personal data; numbers of identity cards and
    mobiles and mail addresses anywhere in a text; a row a pupil (S01, 学生1 …); and, in columns
    that count people, cells from 1 to k − 1. Columns are judged by name and content, a row by
    its label.

    :param k: the smallest number of people that a cell may show
    :raises ShapeError: not a table
    :raises MarkError: k is no whole number from 1

    >>> found = check(pd.DataFrame({"班级": ["一班", "二班"], "人数": [41, 3]}))
    >>> [(one.column, one.row, one.reason) for one in found]
    [('人数', 1, '这一格的人数少于 5')]
    >>> [one.column for one in check(pd.DataFrame({"姓名": ["…"], "得分": [90]}))]
    ['姓名']
    """
    if not isinstance(df, pd.DataFrame):
        raise ShapeError("要检查的应是一张表（DataFrame）。 (a DataFrame is needed)")
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise MarkError(f"最小人数 k 是 {shown(k)}，应是 1 以上的整数。 (k must be 1 or more)")
    findings: list[Finding] = []
    for name, values in _columns(df):
        findings += _column(name, values, df.index, k)
    return findings


def _columns(df: pd.DataFrame) -> Iterator[tuple[str, list[Any]]]:
    """Yield every column with its name, the index first: labels are shown too."""
    for level in range(df.index.nlevels):
        values = df.index.get_level_values(level)
        if not isinstance(df.index, pd.RangeIndex):
            yield str(values.name) if values.name is not None else "（行标签）", values.tolist()
    for place, name in enumerate(df.columns):
        parts = name if isinstance(name, tuple) else (name,)
        yield " ".join(str(part) for part in parts), df.iloc[:, place].tolist()


def _column(name: str, values: list[Any], rows: pd.Index, k: int) -> list[Finding]:
    said = name.strip(EDGES + " ")
    for pattern, what in PERSONAL_COLUMNS:
        if pattern.search(said):
            return [
                Finding(
                    name, None, f"这一列像是{what}", "删去这一列，或换成 S01 这样的编号后再汇总"
                )
            ]
    found = list(_cells(name, values, rows))
    present = [str(value).strip() for value in values if not is_missing(value)]
    if present and all(PUPIL.fullmatch(value) for value in present):
        found.append(Finding(name, None, "一行一名学生", "先按班级或题目汇总，只共享汇总后的表"))
    if COUNT_COLUMNS.search(said):
        found += [
            Finding(
                name,
                rows[place],
                f"这一格的人数少于 {k}",
                "把小组合并到别的组，或不共享这一列；只遮这一格的话，从合计可以推出来",
            )
            for place, value in enumerate(values)
            if 0 < (number_of(value) or 0) < k
        ]
    return found


def _cells(name: str, values: list[Any], rows: pd.Index) -> Iterator[Finding]:
    for place, value in enumerate(values):
        if is_missing(value):
            continue
        text = f"{value:.0f}" if isinstance(value, float) else str(value)
        for pattern, what in PERSONAL_VALUES:
            if pattern.search(text):
                yield Finding(name, rows[place], f"这一格里有{what}", "删去这一格里的个人信息")
                break
