"""What the parser does not tell of an .xlsx sheet: errors, formats, hidden rows, formulas.

The XML is read again only when a cheap look at its bytes says that there is something to
find. Also takes far blank cells out of a sheet, which would make it a table of millions.
expat knows no entities once a document type is refused, so none can expand.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple
from xml.parsers import expat

from .limits import COLUMNS, ROWS, Unreadable, is_blank
from .numberformat import Padding, padding, shown

#: A table with more cells than this, most of them empty, is thinned out before it is read.
DENSE = 6_000_000
_LAST_ROW = re.compile(rb"""row\b[^>]*?\br\s*=\s*["']([0-9]+)["']""")
_FAR_COLUMN = re.compile(rb'<c r="([A-Z]{2,3})[0-9]+"')
_CELL = re.compile(
    rb"""<((?:\w+:)?)c\b[^>]*?\br\s*=\s*["']([A-Z]+)([0-9]+)["'][^>]*?(?:/>|>(.*?)</\1c>)""",
    re.DOTALL,
)
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["']""")
_VALUE = re.compile(rb"<(?:\w+:)?[vt]\b[^>]*>([^<]*)<")
_REF = re.compile(r"([A-Z]*)([0-9]*)")
#: Whoever writes workbooks writes one of these; plain searches, because sheets are long.
_LOOK = (b't="e"', b"t='e'", b"hidden=", b"<f>", b"<f ", b"<f/", b":f>", b":f ", b":f/")


@dataclass
class Facts:
    """What a sheet's XML says of its cells; rows and columns from 0.

    :param odd: ``(row, column, kind, text)``: cells with an error or a formula's empty result
    :param padded: ``(row, column, text)``: numbers as their format shows them
    :param hidden: rows, from 1 as the spreadsheet shows them
    """

    odd: list[tuple[int, int, str, str]] = field(default_factory=list)
    padded: list[tuple[int, int, str]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)

    def shown(self) -> Iterator[tuple[int, int, str]]:
        """Return the cells that show something else than their value."""
        yield from self.padded
        yield from ((row, column, text) for row, column, _, text in self.odd)


class Thin(NamedTuple):
    """A sheet without far blank cells.

    :param changed: there were some
    :param cut: there was more than blanks, right of all columns that are read
    """

    xml: bytes
    changed: bool = False
    cut: bool = False


class Pack:
    """The parts of a workbook, by names as they are looked up: any case, any slash."""

    def __init__(self, content: bytes):
        self._zip = zipfile.ZipFile(io.BytesIO(content))
        self._names = {_plain_name(info.filename): info for info in self._zip.infolist()}

    def __contains__(self, name: str) -> bool:
        return _plain_name(name) in self._names

    def read(self, name: str) -> bytes:
        """Return a part, empty if there is none."""
        info = self._names.get(_plain_name(name))
        return self._zip.read(info) if info else b""

    def sheets(self) -> list[str]:
        """Return the parts of the sheets, in the order of the workbook."""
        targets: dict[str, str] = {}

        def relation(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship":
                target = attributes.get("Target", "")
                inside = target if target.startswith("/") else str(PurePosixPath("xl") / target)
                targets[attributes.get("Id", "")] = inside.lstrip("/")

        found: list[str] = []

        def sheet(tag: str, attributes: dict[str, str]) -> None:
            if tag == "sheet":
                key = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
                found.append(targets.get(key, ""))

        walk(self.read("xl/_rels/workbook.xml.rels"), relation)
        walk(self.read("xl/workbook.xml"), sheet)
        return found

    def paddings(self) -> dict[str, Padding]:
        """Return ``style → format`` of the styles that show more digits than a number has."""
        formats: dict[str, Padding] = {}
        styles: list[str] = []
        inside = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if tag == "numFmt":
                how = padding(attributes.get("formatCode", ""))
                if how:
                    formats[attributes.get("numFmtId", "")] = how
            elif tag in ("cellXfs", "cellStyleXfs"):
                inside = tag == "cellXfs"
            elif tag == "xf" and inside:
                styles.append(attributes.get("numFmtId", ""))

        walk(self.read("xl/styles.xml"), start)
        return {str(n): formats[key] for n, key in enumerate(styles) if key in formats}

    def blank_strings(self) -> set[int]:
        """Return which of the shared strings show nothing."""
        texts: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "si":
                texts.append("")

        def data(text: str) -> None:
            if texts:
                texts[-1] += text

        walk(self.read("xl/sharedStrings.xml"), start, data=data)
        return {number for number, text in enumerate(texts) if is_blank(text)}

    def replaced(self, parts: dict[str, bytes]) -> bytes:
        """Return the workbook with some parts replaced."""
        wanted = {_plain_name(name): xml for name, xml in parts.items()}
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as pack:
            for name, info in self._names.items():
                pack.writestr(info.filename, wanted.get(name) or self._zip.read(info))
        return out.getvalue()


def _plain_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def walk(
    xml: bytes,
    start: Callable[[str, dict[str, str]], None],
    *,
    end: Callable[[str], None] | None = None,
    data: Callable[[str], None] | None = None,
) -> None:
    """Go through XML; tags come without prefix."""
    if not xml:
        return
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def no_document_type(*_: object) -> None:
        raise Unreadable("not_a_workbook")  # no office program writes one

    parser.StartDoctypeDeclHandler = no_document_type
    parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
    if end:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    if data:
        parser.CharacterDataHandler = data
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise Unreadable("not_a_workbook") from error


def facts(xml: bytes, paddings: dict[str, Padding]) -> Facts:
    """Return what a sheet's XML says, reading it only if there is something to find."""
    found = Facts()
    styles = (quote % style.encode() for style in paddings for quote in (b's="%s"', b"s='%s'"))
    if not any(text in xml for text in (*_LOOK, *styles)):
        return found
    row, column = -1, -1
    kind, style, formula, value, taking = "", "", False, "", False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, kind, style, formula, value, taking
        if tag == "c":
            letters, digits = _ref(attributes.get("r", ""))
            column = _column(letters.encode()) if letters else column + 1
            row = int(digits) - 1 if digits else row
            kind, style = attributes.get("t", "n"), attributes.get("s", "")
            formula, value = False, ""
        elif tag == "row":
            number = attributes.get("r", "")
            row, column = (int(number) - 1 if number.isdecimal() else row + 1), -1
            if attributes.get("hidden") in ("1", "true"):
                found.hidden.append(row + 1)
        elif tag == "f":
            formula = True
        elif tag in ("v", "t"):
            taking = True

    def end(tag: str) -> None:
        nonlocal taking
        if tag in ("v", "t"):
            taking = False
        elif tag == "c":
            if kind == "e":
                found.odd.append((row, column, "error", value or "#?"))
            elif formula and not value:
                found.odd.append((row, column, "formula", ""))
            elif kind == "n" and value and style in paddings:
                text = shown(float(value), paddings[style])
                if text is not None:
                    found.padded.append((row, column, text))

    def data(text: str) -> None:
        nonlocal value
        if taking:
            value += text

    try:
        walk(xml, start, end=end, data=data)
    except ValueError as error:
        raise Unreadable("not_a_workbook") from error
    return found


def thinned(xml: bytes, blank_strings: Callable[[], set[int]]) -> Thin:
    """Return a sheet without cells far outside.

    A blank in the last row of a sheet makes it a table of a million rows. Sheets that are
    as small as they look are returned as they are.

    :raises Unreadable: far below there is more than blanks
    """
    tail = _LAST_ROW.match(xml, max(xml.rfind(b"<row "), xml.rfind(b":row ")) + 1)
    last = int(tail[1]) if tail else 0
    width = max((_column(cell[1]) + 1 for cell in _FAR_COLUMN.finditer(xml)), default=26)
    if last <= ROWS and last * width <= DENSE:
        return Thin(xml)
    blank = blank_strings()
    cut = False

    def kept(cell: re.Match[bytes]) -> bytes:
        nonlocal cut
        column, row = _column(cell[2]), int(cell[3])
        if column < COLUMNS and row <= ROWS:
            return cell[0]
        values = _VALUE.findall(cell[4] or b"")
        if _SHARED.search(cell[0][: cell[0].find(b">")]):
            full = any(not text.isdigit() or int(text) not in blank for text in values)
        else:
            full = any(not is_blank(text.decode("utf-8", "replace")) for text in values)
        if full and row > ROWS:
            code = "too_many_rows" if xml.count(b"row ") > ROWS else "far_cell"
            raise Unreadable(code, cell=(cell[2] + cell[3]).decode())
        cut = cut or full
        return b""

    return Thin(_CELL.sub(kept, xml), changed=True, cut=cut)


def _ref(text: str) -> tuple[str, str]:
    found = _REF.fullmatch(text)
    return (found[1], found[2]) if found else ("", "")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
