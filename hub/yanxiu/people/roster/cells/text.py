"""Read CSV: which encoding, which separator, and whether every line came out of it.

A file that is two files in one, or a quotation mark that swallows its neighbours, is
refused with the line: read on, it would lose people without a word.
"""

import contextlib
import csv
import io
import re
from functools import lru_cache
from typing import Any

from ..columns import field_of
from .limits import CELL, COLUMNS, HEADER_ROWS, ROWS, Unreadable, is_blank

_SEPARATORS = "\t,;，；|"
#: Ordinary characters side by side, without the zero byte that UTF-16 has between them.
_EIGHT_BIT_RUN = re.compile(rb"[0-9,;\t\r\n]{8}")
_LOGIN, _SCHOOL = {"teacher_no", "mobile"}, {"org_code", "org_name"}


def read_text(content: bytes) -> dict[str, Any]:
    """Return the cells of a CSV file."""
    start = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<", b"mime-version")):
        raise Unreadable("web_page")  # what many systems call .xls
    # A disk that was full leaves zero bytes at the end; old systems end a file with Ctrl-Z.
    text = _decoded(content).rstrip("\0\x1a").replace("\ufeff", "")
    if "\0" in text:
        raise Unreadable("zero_bytes", line=text[: text.index("\0")].count("\n") + 1)
    lines = list(io.StringIO(text, newline=""))
    separator, reach = _separator(lines)
    csv.field_size_limit(len(text) + 1)
    rows: list[list[str]] = []
    before, cut = 0, False
    reader = csv.reader(lines, delimiter=separator)
    try:
        for row in reader:
            if reader.line_num - before > 1:
                _check_quotes(row, lines[before : reader.line_num], before + 1, separator, reach)
            before = reader.line_num
            cut = cut or any(map(str.strip, row[COLUMNS:]))
            rows.append([_unquoted(value)[:CELL] for value in row[:COLUMNS]])
    except csv.Error as error:
        raise Unreadable("not_a_table") from error
    while rows and all(map(is_blank, rows[-1])):
        rows.pop()
    if len(rows) > ROWS:
        raise Unreadable("too_many_rows")
    return {"rows": rows, "columns_cut": cut}


def _separator(lines: list[str]) -> tuple[str, int]:
    """Return what separates the cells of the header, and how many of it a person's line has.

    Judged at the header and not by counting: remarks are full of commas of every kind.
    """
    best = (0, ",", 1)
    for separator in _SEPARATORS:
        with contextlib.suppress(csv.Error):
            for row in csv.reader(lines[: HEADER_ROWS * 2], delimiter=separator):
                fields = [field_of(cell) for cell in row]
                known = set(filter(None, fields))
                if "name" not in known or len(known) <= best[0]:
                    continue
                places = [{"name"} & known, _LOGIN & known, _SCHOOL & known]
                reach = max(min(map(fields.index, found)) for found in places if found)
                best = (len(known), separator, max(reach, 1))
    return best[1:]


def _check_quotes(row: list[str], lines: list[str], first: int, separator: str, reach: int) -> None:
    """Refuse a record of several lines in which a quotation mark has swallowed people.

    A cell may have several lines. It has swallowed some if its quotation mark is never
    closed or closed in the middle of a word, or if a line in it could be a person's.
    """
    opened = first
    for cell in row:
        inner = cell.splitlines()[1:]
        if any(line.count(separator) >= reach for line in inner):
            raise Unreadable("quote", line=opened, rows=len(lines) - (opened - first) - 1)
        opened += len(inner)
    try:
        for _ in csv.reader(lines, delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        raise Unreadable("quote", line=first, rows=len(lines) - 1) from error


def _decoded(content: bytes) -> str:
    """Return the text of UTF-8, UTF-16, or GB18030 (which contains GBK)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _utf16(content, "utf-16")
    for name in ("utf-16-le", "utf-16-be"):
        if b"\0" in content and "姓名".encode(name) in content:
            return _utf16(content, name)
    with contextlib.suppress(UnicodeDecodeError):
        return content.decode("utf-8-sig")
    mixed = _mixed_line(content)
    if mixed:
        raise Unreadable("mixed", line=mixed)
    with contextlib.suppress(UnicodeDecodeError):
        return content.decode("gb18030")
    raise Unreadable("encoding")


def _utf16(content: bytes, name: str) -> str:
    bare = content.rstrip(b"\0")
    joined = _EIGHT_BIT_RUN.search(bare)
    if joined:
        line = bare[: joined.start()].count("\n".encode("utf-16-le")) + 1
        raise Unreadable("mixed", line=line)
    if len(bare) % 2 and len(bare) < len(content):
        bare += b"\0"  # the second byte of the last character
    try:
        text = bare.decode(name)
    except UnicodeDecodeError as error:
        raise Unreadable("encoding") from error
    if "\ufffe" in text:  # a mark of the other byte order: another file begins here
        raise Unreadable("mixed", line=text[: text.index("\ufffe")].count("\n") + 1)
    return text


def _mixed_line(content: bytes) -> int:
    """Return the line at which another encoding begins, 0 if there is one for all.

    Cell by cell: a file that is joined of others changes between lines, one that was
    edited changes between cells.
    """
    first: dict[bool, int] = {}
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.isascii():
            continue
        for cell in re.split(rb"[,;|\t\r]", line):
            if cell.isascii():
                continue
            try:
                found = cell.decode("utf-8")
            except UnicodeDecodeError:
                first.setdefault(False, number)
                continue
            other = cell.decode("gb18030", "replace")
            if _ordinary(found) > _ordinary(other):
                first.setdefault(True, number)
        if len(first) > 1:
            return max(first.values())
    return 0


def _ordinary(text: str) -> float:
    """Return how ordinary the characters of a text are, on average: 2 the most, 0 rare.

    Read in the wrong encoding, ordinary characters become rare ones.

    >>> _ordinary("贾二宝") > _ordinary("璐句簩瀹")
    True
    """
    return sum(map(_rank, text)) / len(text)


@lru_cache(maxsize=20_000)
def _rank(char: str) -> int:
    """Return 2 for the 3,755 most used characters (GB 2312, level 1), 1 for the other 3,008."""
    if char.isascii():
        return 1
    try:
        lead = char.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0
    return 2 if 0xB0 <= lead <= 0xD7 else int(lead > 0xD7)


def _unquoted(value: str) -> str:
    """Undo ``="0012"``, by which a CSV file tells a spreadsheet not to take it for a number."""
    match = re.fullmatch(r'="([^"]*)"', value.strip())
    return match[1] if match else value
