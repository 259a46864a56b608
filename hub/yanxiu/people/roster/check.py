"""Judge each line of a roster by itself, and against the other lines of its file.

Decides what is a right name, number and role, and which lines contradict each other.
Pure: whom the platform knows already is ``match``'s business.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from yanxiu.cleaning import (
    clean_mobile,
    clean_name,
    clean_number,
    clean_teacher_no,
    clean_text,
    lost_digits,
)
from yanxiu.errors import N_
from yanxiu.people import idnumber

from .columns import CHECKED_DOCUMENTS, HEADERS, MOST, OTHER_DOCUMENTS, ROLES
from .problems import Problem
from .read import Line, Table

_NO_CODE = {"", "无", "没有", "暂无", "/", "-", "—"}


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
    for number, found in _contradictions(checked.seen).items():
        checked.problems.setdefault(number, []).extend(found)
    checked.rows = [row for row in checked.seen if row.line not in checked.problems]
    return checked


def _check_line(line: Line) -> tuple[Row, list[Problem]]:
    cells = line.cells
    problems = [
        Problem(
            "formula",
            N_("“{column}”是没有结果的公式。请复制后选择性粘贴为数值。"),
            {"column": HEADERS[name][0]},
        )
        for name in sorted(line.formulas)
    ]
    roles, unknown = _roles(cells.get("roles"))
    document = clean_text(cells.get("document"))
    id_number, id_problem = _id_number(cells.get("id_number"), document)
    last4 = clean_number(cells.get("last4"))
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
    if "name" not in line.formulas:
        problems += _name_problems(row.name)
    problems += _number_problems(row, cells)
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
            problems.append(_too_long(name))
    return row, problems


def _too_long(name: str) -> Problem:
    return Problem(
        "too_long",
        N_("“{column}”太长，最多 {most} 个字。"),
        {"column": HEADERS[name][0], "most": MOST[name]},
    )


def _roles(cell: object) -> tuple[tuple[str, ...], str]:
    """Return the roles, and the first word that is none."""
    words = [word for word in re.split(r"[、,;/|\s]+", clean_text(cell)) if word]
    unknown = next((word for word in words if word not in ROLES), "")
    return tuple(dict.fromkeys(ROLES[word] for word in words if word in ROLES)), unknown


def _name_problems(name: str) -> list[Problem]:
    if not name:
        return [Problem("name_missing", N_("没有姓名。"))]
    if len(name) > MOST["name"]:
        return [_too_long("name")]
    if any(unicodedata.category(char) == "Co" for char in name):
        return [
            Problem(
                "name_private",
                N_("姓名里有只在某台电脑上能显示的造字。请换成标准汉字，再核对姓名。"),
            )
        ]
    if "?" in name or "\ufffd" in name:
        return [
            Problem("name_garbled", N_("姓名里有乱码，存文件时丢了字。请补上，并另存为 .xlsx。"))
        ]
    if len(name) < 2 or not all(char.isalpha() or char in "· .'()" for char in name):
        return [Problem("name_wrong", N_("这不像一个姓名：姓名只有文字和间隔号。请核对。"))]
    return []


def _number_problems(row: Row, cells: dict[str, str | int | float]) -> list[Problem]:
    problems = []
    if lost_digits(cells.get("teacher_no")):
        problems.append(
            Problem(
                "teacher_no_digits",
                N_("教师编号存成了数字，末几位已丢失。请把这一列设为文本，再重新填写。"),
            )
        )
    elif len(row.teacher_no) > MOST["teacher_no"]:
        problems.append(_too_long("teacher_no"))
    elif row.teacher_no and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", row.teacher_no):
        problems.append(
            Problem("teacher_no_wrong", N_("教师编号只能有字母、数字和连字符。请核对。"))
        )
    if row.mobile and not re.fullmatch(r"1[0-9]{10}", row.mobile):
        problems.append(
            Problem("mobile_wrong", N_("手机号应是 11 位数字。没有手机号就空着，不要填座机。"))
        )
    if not row.teacher_no and not row.mobile:
        problems.append(
            Problem("login_missing", N_("教师编号和手机号至少要有一个，老师要用它登录。"))
        )
    return problems


def _id_number(cell: object, document: str) -> tuple[str, Problem | None]:
    """Return the number as it is matched, and what is wrong with it."""
    number = clean_number(cell)
    if document not in CHECKED_DOCUMENTS:
        return _other_document(number, document)
    if not number:
        return "", None
    problem = _id_problem(cell, number)
    return ("", problem) if problem else (number, None)


def _other_document(number: str, document: str) -> tuple[str, Problem | None]:
    prefix = OTHER_DOCUMENTS.get(document)
    if prefix is None:
        known = "、".join(["居民身份证", *dict.fromkeys(OTHER_DOCUMENTS)])
        return "", Problem("document", N_("不认识的证件类型；可以填 {known}。"), {"known": known})
    if number and not re.fullmatch(r"[A-Z0-9]{5,20}", number):
        return "", Problem("document_number", N_("证件号码应是 5 到 20 位字母和数字。请核对。"))
    return (f"{prefix}:{number}" if number else ""), None


def _id_problem(cell: object, number: str) -> Problem | None:
    if lost_digits(cell):
        return Problem(
            "id_digits",
            N_("身份证号存成了数字，末几位已丢失，无法恢复。请把这一列设为文本，再重新填写。"),
        )
    if re.fullmatch(r"[0-9]{15}", number):
        return Problem("id_old", N_("这是 15 位的旧身份证号。请填 18 位的。"))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return Problem("id_length", N_("身份证号应是 18 位。请核对；其他证件请写明证件类型。"))
    if not idnumber.is_valid(number):
        return Problem("id_check", N_("身份证号的校验位不对，多半是抄错了一位。请核对。"))
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return Problem("id_birthday", N_("身份证号里的出生日期不存在。请核对。"))
    return None


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
