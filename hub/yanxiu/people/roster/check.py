"""Judge each line of a roster by itself, and against the other lines of its file.

Decides what is a right name, number and role, and which lines contradict each other.
Pure: whom the platform knows already is ``match``'s business.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from yanxiu.cleaning import (
    clean_id,
    clean_mobile,
    clean_name,
    clean_teacher_no,
    clean_text,
    lost_digits,
)
from yanxiu.errors import N_

from .columns import HEADERS, MOST, ROLES
from .idcards import doubtful_zeros, read_id_number
from .made import made_by_spreadsheet
from .personname import name_problems, too_long
from .problems import Problem
from .read import Cell, Line, Table

_NO_CODE = {"", "无", "没有", "暂无", "/", "-", "—"}
_MOBILE = re.compile(r"1[0-9]{10}")


@dataclass(frozen=True)
class Row:
    """One person of a roster file, every value in its one form.

    :param line: the row's number as the spreadsheet shows it
    :param id_number: as it is matched and kept; other documents than the ID card carry
        the prefix of their kind (``PP:E12345678``)
    :param last4: the last four of the ID number, also when nothing more was given
    :param roles: empty when the file does not say
    """

    line: int
    name: str
    teacher_no: str = ""
    mobile: str = ""
    id_number: str = ""
    last4: str = ""
    org_code: str = ""
    org_name: str = ""
    stage: str = ""
    subject: str = ""
    roles: tuple[str, ...] = ()


@dataclass
class Checked:
    """Good rows, and what is wrong with the others, by line."""

    rows: list[Row] = field(default_factory=list)
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    #: All rows that could be understood at all, also those with problems.
    seen: list[Row] = field(default_factory=list)


def check_table(table: Table) -> Checked:
    """Return the rows of a table, sorted into good and bad."""
    checked = Checked()
    for line in table.lines:
        row, problems = _check_line(line)
        checked.seen.append(row)
        if problems:
            checked.problems[line.number] = problems
    numbers = {row.line: row.id_number for row in checked.seen}
    for number, problem in doubtful_zeros(numbers, checked.problems).items():
        checked.problems.setdefault(number, []).append(problem)
    for number, found in _contradictions(checked.seen).items():
        checked.problems.setdefault(number, []).extend(found)
    checked.rows = [row for row in checked.seen if row.line not in checked.problems]
    return checked


def _check_line(line: Line) -> tuple[Row, list[Problem]]:
    odd, problems = made_by_spreadsheet(line)
    cells = {name: cell for name, cell in line.cells.items() if name not in odd}
    roles, unknown = _roles(cells.get("roles"))
    document = clean_text(cells.get("document"))
    id_number, id_problem = read_id_number(cells.get("id_number"), document)
    last4 = clean_id(cells.get("last4"))
    code = clean_text(cells.get("org_code")).replace(" ", "").lower()
    row = Row(
        line=line.number,
        name=clean_name(cells.get("name")),
        teacher_no=clean_teacher_no(cells.get("teacher_no")),
        mobile=clean_mobile(cells.get("mobile")),
        id_number=id_number,
        last4=id_number[-4:] or last4,
        org_code="" if code in _NO_CODE else code,
        org_name=clean_name(cells.get("org_name")),
        stage=clean_text(cells.get("stage")),
        subject=clean_text(cells.get("subject")),
        roles=roles,
    )
    if "name" not in odd:
        problems += name_problems(row.name, cells.get("name"))
    problems += _number_problems(row, cells, odd)
    if id_problem:
        problems.append(id_problem)
    if last4 and (not re.fullmatch(r"[0-9]{3}[0-9X]", last4) or row.last4 != last4):
        problems.append(Problem("last4", N_("身份证后四位不对，请核对。")))
    if unknown:
        problems.append(
            Problem(
                "role",
                N_("不认识的角色“{role}”；可以填 {known}，几个角色用顿号隔开。"),
                {"role": unknown, "known": "、".join(dict.fromkeys(ROLES))},
            )
        )
    for name in ("stage", "subject"):
        if len(getattr(row, name)) > MOST[name]:
            problems.append(too_long(name))
    return row, problems


def _roles(cell: object) -> tuple[tuple[str, ...], str]:
    """Return the roles, and the first word that is none."""
    words = [word for word in re.split(r"[、,;/|\s]+", clean_text(cell)) if word]
    unknown = next((word for word in words if word not in ROLES), "")
    return tuple(dict.fromkeys(ROLES[word] for word in words if word in ROLES)), unknown


def _number_problems(row: Row, cells: dict[str, Cell], odd: dict[str, str]) -> list[Problem]:
    problems = [
        Problem(
            f"{name}_digits",
            N_("“{column}”存成了数字，末几位已丢失。请把这一列设为文本，再重新填写。"),
            {"column": HEADERS[name][0]},
        )
        for name in ("teacher_no", "mobile", "org_code")
        if lost_digits(cells.get(name))
    ]
    lost = {problem.code for problem in problems}
    number = cells.get("teacher_no")
    if "teacher_no_digits" in lost:
        pass
    elif isinstance(number, float) and not number.is_integer():
        problems.append(
            Problem(
                "teacher_no_fraction",
                N_(
                    "教师编号是带小数的数（{shown}），多半是日期或时间变成的。请改成文本，重新填写。"
                ),
                {"shown": str(number)[:12]},
            )
        )
    elif len(row.teacher_no) > MOST["teacher_no"]:
        problems.append(too_long("teacher_no"))
    elif row.teacher_no and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", row.teacher_no):
        problems.append(
            Problem("teacher_no_wrong", N_("教师编号只能有字母、数字和连字符。请核对。"))
        )
    if row.mobile and "mobile_digits" not in lost and not _MOBILE.fullmatch(row.mobile):
        problems.append(
            Problem("mobile_wrong", N_("手机号应是 11 位数字。没有手机号就空着，不要填座机。"))
        )
    if not row.teacher_no and not row.mobile and not odd.keys() & {"teacher_no", "mobile"}:
        problems.append(
            Problem("login_missing", N_("教师编号和手机号至少要有一个，老师要用它登录。"))
        )
    return problems


def _contradictions(rows: list[Row]) -> dict[int, list[Problem]]:
    """Return problems of rows that repeat each other's numbers.

    A row that says the same as an earlier one in everything is only left out itself; of
    rows that differ nobody can know which is right, so all of them are.
    """
    found: dict[int, list[Problem]] = defaultdict(list)
    first: dict[tuple[object, ...], int] = {}
    rest = []
    for row in rows:
        key = (row.name, row.teacher_no, row.mobile, row.id_number, row.org_code, row.org_name)
        known = first.setdefault(key, row.line)
        if known == row.line:
            rest.append(row)
        else:
            found[row.line].append(
                Problem("repeated", N_("和第 {line} 行重复，请删去一行。"), {"line": known})
            )
    for message, value in _UNIQUE:
        _repeats(found, rest, message, value)
    _crossed(found, rest)
    return found


_UNIQUE: tuple[tuple[str, Callable[[Row], str]], ...] = (
    (N_("身份证号和第 {lines} 行相同。请核对是哪一位老师的。"), lambda row: row.id_number),
    (N_("教师编号和第 {lines} 行相同。请核对是哪一位老师的。"), lambda row: row.teacher_no),
    (N_("手机号和第 {lines} 行相同。请核对是哪一位老师的。"), lambda row: row.mobile),
)


def _repeats(
    found: dict[int, list[Problem]],
    rows: Iterable[Row],
    message: str,
    value: Callable[[Row], str],
) -> None:
    lines: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if value(row):
            lines[value(row)].append(row.line)
    for same in lines.values():
        for line in same if len(same) > 1 else ():
            others = "、".join(str(other) for other in same[:5] if other != line)
            found[line].append(Problem("same_number", message, {"lines": others}))


def _crossed(found: dict[int, list[Problem]], rows: list[Row]) -> None:
    """One person's teacher number is another's mobile: one of them could never log in."""
    mobiles = {row.mobile: row.line for row in rows if row.mobile}
    for row in rows:
        other = mobiles.get(row.teacher_no)
        if other is not None and other != row.line:
            message = N_("教师编号正好是第 {line} 行的手机号，登录时分不清。请核对。")
            found[row.line].append(Problem("crossed", message, {"line": other}))
