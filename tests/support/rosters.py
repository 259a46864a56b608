"""Roster files for tests: written as spreadsheets and school systems write them."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from yanxiu.people.idnumber import IdKey
from yanxiu.people.roster.apply import apply_file, prepared, preview
from yanxiu.people.roster.match import Scope
from yanxiu.people.roster.plan import Plan
from yanxiu.people.roster.read import read_table
from yanxiu.people.roster.seed import EVERYTHING
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store

KEY = IdKey(b"k" * 32)
HEADER = ("姓名", "教师编号", "手机号", "身份证号", "单位代码", "学段", "学科", "角色")
SCHOOL1, SCHOOL2, SCHOOL9 = "2133000001", "2133000002", "2133000009"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(serial: int) -> str:
    """Return a right ID number of an area that nobody has."""
    body = f"330199{1970 + serial % 30}{serial % 12 + 1:02}{serial % 28 + 1:02}{serial % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def xlsx(
    rows: Iterable[Sequence[Any]],
    header: Sequence[Any] = HEADER,
    *,
    title: str = "",
    merged: Iterable[str] = (),
    hidden: Iterable[int] = (),
) -> bytes:
    """Return a workbook of one sheet, perhaps with a title row."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ([(title,)] if title else []) + [header, *rows]:
        sheet.append(list(row))
    for area in merged:
        sheet.merge_cells(area)
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows: Iterable[Sequence[Any]], header: Sequence[Any] = HEADER) -> bytes:
    """Return the same in the format of Excel 97."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("教师")
    for index, row in enumerate([header, *rows]):
        for column, value in enumerate(row):
            sheet.write(index, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_text(
    rows: Iterable[Sequence[Any]], header: Sequence[Any] = HEADER, comma: str = ","
) -> str:
    """Return the same as text."""
    out = io.StringIO()
    csv.writer(out, delimiter=comma).writerows([header, *rows])
    return out.getvalue()


def plan_of(store: Store, content: bytes, scope: Scope = EVERYTHING, name: str = "r.xlsx") -> Plan:
    """Return what a file would do."""
    return preview(store, prepared(read_table(content, name), KEY), scope)


def imported(
    store: Store,
    content: bytes,
    scope: Scope = EVERYTHING,
    *,
    whole: bool = False,
    leaving: int | None = None,
) -> dict[str, int]:
    """Import a file; return the counts."""
    audit = Event("system:test", "roster.import", "roster")
    file = prepared(read_table(content, "r"), KEY)
    return apply_file(store, file, KEY, scope, audit=audit, whole=whole, leaving=leaving)


def reasons(plan: Plan) -> dict[int, str]:
    """Return what is wrong with each line, as text."""
    return {
        line: "；".join(problem.text() for problem in found)
        for line, found in sorted(plan.problems.items())
    }
