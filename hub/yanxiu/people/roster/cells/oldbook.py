"""Read a workbook of before 2007 (.xls), with what its cells show.

xlrd and not calamine, which reads the values alone: an error would be an empty cell, and
``0012`` in the format 0000 would be 12.
"""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import xlrd
from xlrd.biffh import (
    XL_CELL_BOOLEAN,
    XL_CELL_DATE,
    XL_CELL_ERROR,
    XL_CELL_NUMBER,
    XLRDError,
    error_text_from_code,
)

from .limits import Unreadable
from .numberformat import Padding, padding, shown


@dataclass
class OldSheet:
    """One sheet; the same as ``book.Sheet`` has."""

    name: str
    visible: bool
    rows: list[list[Any]] = field(default_factory=list)
    merged: list[list[int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    odd: list[tuple[int, int, str, str]] = field(default_factory=list)


def old_sheets(content: bytes) -> Iterator[OldSheet]:
    """Return the sheets, each read when it is asked for.

    :raises EncryptedWorkbook: it has a password
    """
    try:
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, on_demand=True, logfile=io.StringIO()
        )
    except XLRDError as error:
        if "encrypted" in str(error):
            raise EncryptedWorkbook from error
        raise Unreadable("not_a_workbook") from error
    except Exception as error:  # whatever a parser of hostile bytes trips over
        raise Unreadable("not_a_workbook") from error
    for index in range(book.nsheets):
        try:
            yield _sheet(book, index)
        except MemoryError:
            raise
        except Exception as error:
            raise Unreadable("not_a_workbook") from error
        book.unload_sheet(index)


class EncryptedWorkbook(Exception):
    """The workbook is encrypted."""


def _sheet(book: Any, index: int) -> OldSheet:
    sheet = book.sheet_by_index(index)
    found = OldSheet(sheet.name, sheet.visibility == 0)
    found.merged = [
        [top, left, last - 1, right - 1] for top, last, left, right in sheet.merged_cells
    ]
    found.hidden = sorted(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
    paddings: dict[int, Padding | None] = {}
    for number in range(sheet.nrows):
        row = sheet.row_values(number)
        for column, kind in enumerate(sheet.row_types(number)):
            value = row[column]
            if kind == XL_CELL_ERROR:
                text = error_text_from_code.get(value, "#?")
                row[column] = text
                found.odd.append((number, column, "error", text))
            elif kind == XL_CELL_DATE:
                with contextlib.suppress(xlrd.xldate.XLDateError, ValueError, OverflowError):
                    when = xlrd.xldate.xldate_as_datetime(value, book.datemode)
                    row[column] = when.time() if value < 1 else when
            elif kind == XL_CELL_BOOLEAN:
                row[column] = bool(value)
            elif kind == XL_CELL_NUMBER:
                style = sheet.cell_xf_index(number, column)
                if style not in paddings:
                    key = book.xf_list[style].format_key
                    paddings[style] = padding(book.format_map[key].format_str)
                how = paddings[style]
                row[column] = (shown(value, how) if how else None) or value
        found.rows.append(row)
    return found
