"""Write the workbooks that go to organizers: text stays text, whatever it begins with.

A cell that begins with = + - @ or a tab is data that somebody typed; no program that
opens the file may take it for a formula. Used by ``errorsheet``, ``template`` and the
report of server hours.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill

_BOLD = Font(bold=True)
HEAD_FILL = PatternFill("solid", fgColor="DCE6F1")
ERROR_FILL = PatternFill("solid", fgColor="FCE4D6")


def text_cell(
    sheet: Any, value: object, *, bold: bool = False, fill: PatternFill | None = None
) -> Cell:
    """Return a cell that holds ``value`` as text and nothing else."""
    text = ILLEGAL_CHARACTERS_RE.sub("", "" if value is None else str(value))
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # openpyxl has taken "=…" for a formula
    cell.number_format = "@"
    cell.quotePrefix = True
    if bold:
        cell.font = _BOLD
    if fill is not None:
        cell.fill = fill
    return cell


def add_sheet(
    book: Workbook,
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    widths: Sequence[int],
    *,
    error_column: int | None = None,
    numbers: bool = False,
) -> None:
    """Add a sheet with a frozen header; ``error_column`` is set off by colour.

    :param numbers: numbers of ours are to be summed, not text; nobody typed them
    """
    sheet: Any = book.create_sheet(title)
    for index, width in enumerate(widths):
        sheet.column_dimensions[_letter(index)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([text_cell(sheet, name, bold=True, fill=HEAD_FILL) for name in header])
    for row in rows:
        sheet.append(
            [
                WriteOnlyCell(sheet, value)
                if numbers and isinstance(value, int | float)
                else text_cell(sheet, value, fill=ERROR_FILL if index == error_column else None)
                for index, value in enumerate(row)
            ]
        )


def new_book() -> Workbook:
    """Return a workbook to be filled row by row."""
    return Workbook(write_only=True)


def content_of(book: Workbook, now: datetime) -> bytes:
    """Return the file."""
    book.properties.created = book.properties.modified = now.astimezone(UTC).replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _letter(index: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(index + 1)
