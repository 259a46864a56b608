"""Give the rows back that could not be imported, each with what is wrong.

The organizer corrects this file and uploads it again: the columns are those of the file
that came, and the column of reasons is one that the import does not read. Called by the
portal and the command line.
"""

from collections.abc import Callable
from datetime import datetime

from yanxiu.cleaning import clean_text
from yanxiu.errors import N_

from .plan import Plan
from .read import Cell, Table
from .sheets import add_sheet, content_of, new_book

REASON = N_("错误原因")
LINE = N_("原来的行号")


def error_sheet(
    table: Table, plan: Plan, now: datetime, gettext: Callable[[str], str] = str
) -> bytes:
    """Return an .xlsx of the rows with problems, in their order."""
    width = len(table.header)
    rows = []
    for line in table.lines:
        found = plan.problems.get(line.number)
        if found:
            cells = [_shown(cell) for cell in (*line.raw, *[""] * width)[:width]]
            reason = " ".join(problem.text(gettext) for problem in found)
            rows.append([*cells, reason, str(line.number)])
    book = new_book()
    header = [*table.header, gettext(REASON), gettext(LINE)]
    widths = [*[16] * width, 60, 12]
    add_sheet(book, gettext(N_("需要改正的行")), header, rows, widths, error_column=width)
    return content_of(book, now)


def _shown(cell: Cell) -> str:
    """Return a cell as its reader saw it; a number that has lost digits shows what is left."""
    if isinstance(cell, int | float):
        return clean_text(cell)
    return cell
