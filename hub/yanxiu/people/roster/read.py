"""Read a roster file: find the header, the rows under it, and what is not a person.

Decides which lines are titles, totals and remarks. What a cell of a person means and
whether it is right is ``check``'s business. Called by the portal, the command line and
the seeding of a site.
"""

import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from yanxiu.errors import N_

from .columns import EXPLANATION, FIELDS, SPREADING, field_of
from .problems import Problem, some, unreadable

Cell = str | int | float
_SAYS_WHO = frozenset({"name", "teacher_no", "mobile", "id_number"})
_CELLS = "yanxiu.people.roster.cells"
_TIMEOUT_S = 90
_HEADER_ROWS = 15
_TOTAL = re.compile(r"(合计|总计|小计|共计|总人数|人数合计)")
#: In a column that means nothing here: what could be a name or a number of somebody.
_PERSONAL = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}|1[0-9]{10}|[0-9]{17}[0-9Xx]")
_REMARK = re.compile(
    r"(填表|制表|审核|审批|填报|负责人|校长|盖章|备注|说明|注)[人日单签]?[^:]{0,8}[:（(]?"
)


@dataclass(frozen=True)
class Line:
    """One person's cells.

    :param number: the row as the spreadsheet shows it
    :param cells: field → raw value; empty cells are left out
    :param odd: field → what a spreadsheet made of the cell: ``formula`` (without a result),
        ``error``, ``date`` or ``time``
    :param raw: all cells of the row, for the error sheet
    """

    number: int
    cells: dict[str, Cell]
    odd: dict[str, str] = field(default_factory=dict)
    raw: tuple[Cell, ...] = ()


@dataclass
class Table:
    """A roster file as it was read.

    :param header: all headers, as they stand
    :param fields: those of them that mean something
    :param notes: what the organizer should know: hidden rows, lines left out
    :param left_over: what of the file was neither read as a person nor understood as
        something else; such a file is no complete list
    :param tally: ``rows`` of the sheet and how many of them are ``people``, ``others``
        (header, titles, totals, signatures), ``blank`` and ``unclear``
    """

    header: tuple[str, ...]
    fields: frozenset[str]
    lines: list[Line] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    left_over: list[Problem] = field(default_factory=list)
    tally: dict[str, int] = field(default_factory=dict)


def read_table(content: bytes, file: str) -> Table:
    """Return the lines of a roster in .xlsx, .xls or .csv.

    :param content: the whole file
    :param file: its name, for sentences; what it is follows from its content
    :raises Invalid: it cannot be read, has no header or no rows
    """
    found = _cells(content, file)
    rows: list[list[Cell]] = found["rows"]
    top, columns = _header(rows, file)
    _spread(rows, found.get("merged", []), top, columns)
    table = Table(tuple(str(cell) for cell in rows[top]), frozenset(columns.values()))
    odd: dict[int, dict[str, str]] = {}
    for index, column, kind in found.get("odd", ()):
        if column in columns:
            odd.setdefault(index, {})[columns[column]] = kind
    left_out: list[int] = []
    unclear = [index + 1 for index, row in enumerate(rows[:top]) if _above(row, columns)]
    blank = 0
    for index, row in enumerate(rows[top + 1 :], top + 1):
        cells = {name: row[n] for n, name in columns.items() if n < len(row) and _text(row[n])}
        made = odd.get(index, {})
        if not cells.keys() - SPREADING and not made:
            others = [
                text for n, cell in enumerate(row) if n not in columns and (text := _text(cell))
            ]
            if any(map(_PERSONAL.fullmatch, others)):
                unclear.append(index + 1)
            elif others:
                left_out.append(index + 1)
            else:
                blank += 1
        elif _is_no_person(row, cells, columns):
            left_out.append(index + 1)
        elif _is_header(cells):
            raise unreadable("second_header", file, line=index + 1)
        else:
            table.lines.append(Line(index + 1, cells, made, tuple(row)))
    if not table.lines:
        raise unreadable("no_rows", file)
    table.notes = _notes(found, table, left_out)
    table.left_over = _left_over(found, unclear)
    people = len(table.lines)
    table.tally = {
        "rows": len(rows),
        "people": people,
        "blank": blank,
        "unclear": len(unclear),
        "others": len(rows) - people - blank - len(unclear),
    }
    return table


def _cells(content: bytes, file: str) -> dict[str, Any]:
    """Run ``cells`` in a process of its own, which may fall over without harm."""
    try:
        # -I: nothing of the environment or of the working folder gets into the child.
        child = subprocess.run(
            [sys.executable, "-I", "-m", _CELLS],
            input=content,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={},
        )
        found: dict[str, Any] = json.loads(child.stdout) if child.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        found = {}
    if not found:
        # Native code ends the process when memory runs out; there is nothing else to learn.
        raise unreadable("too_large", file)
    if "error" in found:
        raise unreadable(found["error"], file, **found.get("params", {}))
    return found


def _text(cell: Cell) -> str:
    return unicodedata.normalize("NFKC", str(cell)).strip()


def _header(rows: list[list[Cell]], file: str) -> tuple[int, dict[int, str]]:
    """Return the header's index and ``column → field``."""
    for index, row in enumerate(rows[:_HEADER_ROWS]):
        columns: dict[int, str] = {}
        for number, cell in enumerate(row):
            name = field_of(cell)
            if name is None:
                continue
            if name in columns.values():
                other = next(n for n, known in columns.items() if known == name)
                raise unreadable("column_twice", file, name=_text(row[other]), other=_text(cell))
            columns[number] = name
        if "name" in columns.values() and len(columns) > 1:
            return index, columns
    raise unreadable("no_header", file)


def _spread(
    rows: list[list[Cell]], merged: list[list[int]], top: int, columns: dict[int, str]
) -> None:
    """Write a merged block's value into its rows, where it is one of a school's block."""
    for first, left, last, _ in merged:
        if first <= top or columns.get(left) not in SPREADING:
            continue
        for index in range(first + 1, min(last + 1, len(rows))):
            rows[index][left] = rows[first][left]


def _above(row: list[Cell], columns: dict[int, str]) -> bool:
    """Say whether a line above the header looks like a person: a sorted list sorts its header."""
    cells = {name: text for n, name in columns.items() if n < len(row) and (text := _text(row[n]))}
    return "name" in cells and len(cells.keys() & _SAYS_WHO) > 1


def _is_header(cells: dict[str, Cell]) -> bool:
    """Say whether a line is another header, with its columns elsewhere."""
    return sum(str(cell).strip() in FIELDS for cell in cells.values()) > max(len(cells) // 2, 1)


def _is_no_person(row: list[Cell], cells: dict[str, Cell], columns: dict[int, str]) -> bool:
    """Say whether a line is a total, a signature or the header once more."""
    texts = [text for cell in row if (text := _text(cell))]
    if _TOTAL.match(texts[0].replace(" ", "")) if texts else False:
        return True
    if all(field_of(cell) == name for name, cell in cells.items()):
        return True
    own = cells.keys() - SPREADING
    return len(own) == 1 and len(texts) <= 2 and bool(_REMARK.match(texts[0])) and ":" in texts[0]


def _notes(found: dict[str, Any], table: Table, left_out: list[int]) -> list[Problem]:
    notes = []
    numbers = {line.number for line in table.lines}
    if hidden := [row for row in found.get("hidden", ()) if row in numbers]:
        notes.append(
            Problem(
                "hidden",
                N_("有 {n} 行在表里是隐藏的（第 {rows} 行），也一起读了。不想导入请先删除。"),
                {"n": len(hidden), "rows": some(hidden)},
            )
        )
    if left_out:
        notes.append(
            Problem(
                "left_out",
                N_("没有当作教师：第 {rows} 行（合计、签名或说明）。"),
                {"rows": some(left_out)},
            )
        )
    if unused := [name for name in table.header if name.strip() and field_of(name) is None]:
        notes.append(
            Problem("unused", N_("没有用到的列：{columns}。"), {"columns": "、".join(unused[:20])})
        )
    return notes


def _left_over(found: dict[str, Any], unclear: list[int]) -> list[Problem]:
    left = []
    if unclear:
        message = N_(
            "第 {rows} 行像是老师，但没有写在对应的列里，或在表头上面，没有读。请移好再上传。"
        )
        left.append(Problem("unclear", message, {"rows": some(unclear)}))
    # The template's own explanation is not worth a word.
    sheets = [one for one in found.get("others", ()) if one["name"] != EXPLANATION]
    for hidden, message in (
        (False, N_("文件里还有别的表没有读：{sheets}。")),
        (True, N_("隐藏的表里也有姓名，没有读：{sheets}。")),
    ):
        if names := [one["name"] for one in sheets if one["hidden"] is hidden]:
            left.append(Problem("others", message, {"sheets": "、".join(names[:10])}))
    if found.get("columns_cut"):
        left.append(Problem("columns", N_("表太宽，第 256 列以后没有读。请删去多余的列。")))
    return left
