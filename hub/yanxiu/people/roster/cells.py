"""Turn the bytes of an uploaded table into cells, as a program of its own.

``read`` runs this file in a child process with limits on memory and time: a workbook of
one kilobyte may unpack to gigabytes, and the parsers are native code. Imports nothing of
the house, so that the child starts quickly. Decides which sheet is meant and how text is
encoded; knows nothing of people.

Input: the file on standard input. Output: one JSON object on standard output, either
``{"error": code}`` or the keys of ``read.Table``.
"""

import contextlib
import csv
import io
import json
import re
import resource
import sys
import unicodedata
import zipfile
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

MEMORY = 2 << 30
CPU_S = 60
UNPACKED = 300_000_000
ROWS = 100_000
COLUMNS = 60
CELL = 300
#: A roster says 姓名 in its header; a sheet of instructions before it does not.
HEADER_ROWS, MARK = 15, "姓名"

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ROW = re.compile(rb"<(?:x:)?row\b([^>]*)>")
_CELL = re.compile(rb"<(?:x:)?c\b([^>]*)>\s*<(?:x:)?f\b[^>]*?(?:/>|>[^<]*</(?:x:)?f>)\s*(<.{0,6})")
_REF = re.compile(rb'\br="([A-Z]{0,3})([0-9]+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')


class Unreadable(Exception):
    """The file is no table that can be read; the argument says why."""


def main() -> None:
    """Read standard input, write JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        found = read(sys.stdin.buffer.read())
    except Unreadable as problem:
        found = {"error": str(problem)}
    except MemoryError:
        found = {"error": "too_large"}
    sys.stdout.write(json.dumps(found, ensure_ascii=True))


def read(content: bytes) -> dict[str, Any]:
    """Return the cells of the sheet that is meant."""
    if not content.strip():
        raise Unreadable("empty")
    if content.startswith((_ZIP, _OLE)):
        return _workbook(content)
    start = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<", b"mime-version")):
        raise Unreadable("web_page")  # what many systems call .xls
    return _text(content)


def _workbook(content: bytes) -> dict[str, Any]:
    import python_calamine as calamine

    if content.startswith(_ZIP):
        _check_unpacked(content)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError:
        raise Unreadable("password") from None
    except Exception as error:  # whatever a parser in another language raises
        raise Unreadable("not_a_workbook") from error
    names: list[str] = []
    rows: list[list[Any]] = []
    merged: list[Any] = []
    first, chosen = 0, None
    for index, meta in enumerate(book.sheets_metadata):
        if meta.visible != calamine.SheetVisibleEnum.Visible:
            continue
        try:
            sheet = book.get_sheet_by_index(index)
        except Exception as error:
            raise Unreadable("not_a_workbook") from error
        if sheet.end is None:
            continue
        if sheet.total_height > ROWS:
            raise Unreadable("too_many_rows")
        names.append(meta.name)
        if chosen is not None:
            continue
        cells = sheet.to_python(skip_empty_area=False)
        if not rows or _has_mark(cells):
            rows, merged, first = cells, sheet.merged_cell_ranges or [], index
        if _has_mark(cells):
            chosen = index
    if not names:
        raise Unreadable("empty")
    index = first if chosen is None else chosen
    hidden, formulas = _facts(content, index) if content.startswith(_ZIP) else ([], [])
    return {
        "rows": [[_plain(value) for value in row[:COLUMNS]] for row in rows],
        "merged": [[*start, *end] for start, end in merged],
        "hidden": hidden,
        "formulas": formulas,
        "others": [name for name in names if name != book.sheet_names[index]],
    }


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


def _has_mark(rows: list[list[Any]]) -> bool:
    return any(
        MARK in unicodedata.normalize("NFKC", "".join(str(value).split()))
        for row in rows[:HEADER_ROWS]
        for value in row
        if isinstance(value, str)
    )


def _plain(value: Any) -> str | int | float:
    """Return a cell as JSON can carry it; numbers stay numbers, they may have lost digits."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        value = value.date()
    if isinstance(value, int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[:CELL]


def _facts(content: bytes, index: int) -> tuple[list[int], list[list[int]]]:
    """Return hidden rows (from 1) and formulas without a result (from 0) of an .xlsx sheet.

    Hints for better sentences: what cannot be found out is left out.
    """
    with contextlib.suppress(KeyError, IndexError, ElementTree.ParseError, ValueError):
        with zipfile.ZipFile(io.BytesIO(content)) as pack:
            xml = pack.read(_sheet_part(pack, index))
        hidden = [
            int(ref[2])
            for match in _ROW.finditer(xml)
            if _HIDDEN.search(match[1]) and (ref := _REF.search(match[1]))
        ]
        formulas = [
            [int(ref[2]) - 1, _column(ref[1])]
            for match in _CELL.finditer(xml)
            if not match[2].startswith((b"<v>", b"<x:v>")) and (ref := _REF.search(match[1]))
        ]
        return hidden, formulas
    return [], []


def _sheet_part(pack: zipfile.ZipFile, index: int) -> str:
    """Return the path of a sheet's XML. The parser knows no entities, so none can expand."""
    book = _parse(pack.read("xl/workbook.xml"))
    sheets = [node for node in book.iter() if node.tag.endswith("}sheet")]
    wanted = next(value for key, value in sheets[index].attrib.items() if key.endswith("}id"))
    for node in _parse(pack.read("xl/_rels/workbook.xml.rels")):
        if node.attrib.get("Id") == wanted:
            target = node.attrib["Target"]
            return target[1:] if target.startswith("/") else str(PurePosixPath("xl") / target)
    raise KeyError(wanted)


def _parse(xml: bytes) -> ElementTree.Element:
    if b"<!" in xml[:2000]:
        raise ValueError("a document type: no office program writes one")
    return ElementTree.fromstring(xml)  # noqa: S314 - no entities, in a limited child


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _text(content: bytes) -> dict[str, Any]:
    text = _decoded(content)
    if "\0" in text:
        raise Unreadable("not_a_table")
    head = text[:20_000]
    delimiter = max("\t,;，", key=head.count)
    csv.field_size_limit(100_000)
    try:
        rows = [
            [_unquoted(value)[:CELL] for value in row[:COLUMNS]]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise Unreadable("not_a_table") from error
    if len(rows) > ROWS:
        raise Unreadable("too_many_rows")
    return {"rows": rows, "merged": [], "hidden": [], "formulas": [], "others": []}


def _decoded(content: bytes) -> str:
    """Return the text of UTF-8, UTF-16 with a mark, or GB18030 (which contains GBK)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        names = ["utf-16"]
    else:
        names = ["utf-8-sig", "gb18030"]
    for name in names:
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(name)
    raise Unreadable("encoding")


def _unquoted(value: str) -> str:
    """Undo ``="0012"``, by which a CSV file tells a spreadsheet not to take it for a number."""
    match = re.fullmatch(r'="([^"]*)"', value.strip())
    return match[1] if match else value


if __name__ == "__main__":
    main()
