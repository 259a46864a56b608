"""Read a workbook: which sheet is meant, and its cells as their reader saw them.

calamine reads .xlsx, ``oldbook`` .xls. A workbook that is locked for changes only is
encrypted with a password that every program knows; any other password is the owner's.
"""

import io
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from .limits import CELL, COLUMNS, HEADER_ROWS, ROWS, UNPACKED, Unreadable, is_blank
from .sheetxml import Pack, Thin, facts, thinned

#: A roster says 姓名 in its header; a sheet of instructions before it does not.
MARK = "姓名"
_ZIP = b"PK\x03\x04"
#: The stream in which an encrypted .xlsx keeps its package.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: Excel's own, for workbooks that anybody may open and nobody change (MS-OFFCRYPTO 2.4.2.3).
_DEFAULT_PASSWORD = "VelvetSweatshop"  # noqa: S105


@dataclass
class Sheet:
    """One sheet with something in it; rows and columns from 0.

    :param odd: ``(row, column, kind, text)``, as in ``sheetxml.Facts``
    :param hidden: rows from 1
    """

    name: str
    visible: bool
    rows: list[list[Any]]
    merged: list[list[int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    odd: list[tuple[int, int, str, str]] = field(default_factory=list)
    columns_cut: bool = False


def read_workbook(content: bytes) -> dict[str, Any]:
    """Return the cells of the sheet that is meant."""
    first: Sheet | None = None
    chosen: Sheet | None = None
    others: list[dict[str, Any]] = []
    for sheet in _sheets(content):
        marked = _has_mark(sheet.rows)
        if not sheet.visible:
            if marked:
                others.append({"name": sheet.name, "hidden": True})
            continue
        others.append({"name": sheet.name, "hidden": False})
        first = first or sheet
        if marked and chosen is None:
            chosen = sheet
    meant = chosen or first
    if meant is None:
        raise Unreadable("empty")
    others.remove({"name": meant.name, "hidden": False})
    return _told(meant) | {"others": others}


def _sheets(content: bytes) -> Iterator[Sheet]:
    if not content.startswith(_ZIP) and _ENCRYPTED in content:
        content = _decrypted(content)
    if content.startswith(_ZIP):
        _check_unpacked(content)
        yield from _new_sheets(content)
        return
    from .oldbook import EncryptedWorkbook, old_sheets

    try:
        yield from (_trimmed(Sheet(**vars(one))) for one in old_sheets(content) if one.rows)
    except EncryptedWorkbook:
        content = _decrypted(content)
        yield from (_trimmed(Sheet(**vars(one))) for one in old_sheets(content) if one.rows)


def _new_sheets(content: bytes) -> Iterator[Sheet]:
    import python_calamine as calamine

    pack = Pack(content)
    if "xl/workbook.xml" not in pack:
        raise Unreadable("other_workbook")
    parts, paddings = pack.sheets(), pack.paddings()
    thin = {name: thinned(pack.read(name), pack.blank_strings) for name in parts if name}
    changed = {name: sheet.xml for name, sheet in thin.items() if sheet.changed}
    if changed:
        content = pack.replaced(changed)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError:
        raise Unreadable("password") from None
    except Exception as error:  # whatever a parser in another language raises
        raise Unreadable("not_a_workbook") from error
    for index, meta in enumerate(book.sheets_metadata):
        if meta.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        try:
            found = book.get_sheet_by_index(index)
            rows = found.to_python(skip_empty_area=False)
        except MemoryError:
            raise
        except Exception as error:
            raise Unreadable("not_a_workbook") from error
        part = thin.get(parts[index] if index < len(parts) else "", Thin(b""))
        more = facts(part.xml, paddings)
        for row, column, text in more.shown():
            _put(rows, row, column, text)
        merged = [[*start, *end] for start, end in found.merged_cell_ranges or []]
        visible = meta.visible == calamine.SheetVisibleEnum.Visible
        sheet = Sheet(meta.name, visible, rows, merged, more.hidden, more.odd, part.cut)
        if _trimmed(sheet).rows:
            yield sheet


def _put(rows: list[list[Any]], row: int, column: int, text: str) -> None:
    """Set a cell, also one that the parser did not see because it has no value."""
    while len(rows) <= row < ROWS:
        rows.append([])
    if row < len(rows) and column < COLUMNS:
        rows[row] += [""] * (column + 1 - len(rows[row]))
        rows[row][column] = text


def _trimmed(sheet: Sheet) -> Sheet:
    """Leave out the blank rows below."""
    odd = {row for row, *_ in sheet.odd}
    while sheet.rows and len(sheet.rows) - 1 not in odd and all(map(is_blank, sheet.rows[-1])):
        sheet.rows.pop()
    if len(sheet.rows) > ROWS:
        raise Unreadable("too_many_rows")
    return sheet


def _check_unpacked(content: bytes) -> None:
    """Refuse what unpacks to too much; a size that lies shows as a wrong checksum."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as pack:
            if sum(info.file_size for info in pack.infolist()) > UNPACKED:
                raise Unreadable("too_large")
            if any(info.flag_bits & 1 for info in pack.infolist()):
                raise Unreadable("password")
            if pack.testzip() is not None:
                raise Unreadable("not_a_workbook")
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise Unreadable("not_a_workbook") from error


def _decrypted(content: bytes) -> bytes:
    """Return a workbook that is encrypted without a secret."""
    import msoffcrypto

    out = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(content))
        # The old formats verify always, and do not know the word.
        how = {"verify_password": True} if file.format == "ooxml" else {}
        file.load_key(password=_DEFAULT_PASSWORD, **how)
        file.decrypt(out)
    except MemoryError:
        raise
    except Exception as error:  # a wrong password, or a kind of protection nobody else can open
        raise Unreadable("password") from error
    return out.getvalue()


def _has_mark(rows: list[list[Any]]) -> bool:
    return any(
        MARK in unicodedata.normalize("NFKC", "".join(str(value).split()))
        for row in rows[:HEADER_ROWS]
        for value in row
        if isinstance(value, str)
    )


def _told(sheet: Sheet) -> dict[str, Any]:
    """Return a sheet as JSON can carry it; numbers stay numbers, they may have lost digits."""
    rows: list[list[Any]] = []
    odd = [[row, column, kind] for row, column, kind, _ in sheet.odd]
    cut = sheet.columns_cut
    for number, row in enumerate(sheet.rows):
        cells: list[Any] = []
        cut = cut or not all(map(is_blank, row[COLUMNS:]))
        for column, value in enumerate(row[:COLUMNS]):
            if isinstance(value, date):  # a datetime is one, too
                odd.append([number, column, "date"])
            elif isinstance(value, time | timedelta):
                odd.append([number, column, "time"])
            cells.append(_plain(value))
        rows.append(cells)
    return {
        "rows": rows,
        "merged": sheet.merged,
        "hidden": sheet.hidden,
        "odd": odd,
        "columns_cut": cut,
    }


def _plain(value: Any) -> str | int | float:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        value = value.date()
    if isinstance(value, int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[:CELL]
