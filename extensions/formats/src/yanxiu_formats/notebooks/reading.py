"""Read the JSON of a notebook's file, whatever program saved it, in whatever encoding. Pure."""

import json
import re
from typing import Any

from yanxiu_formats import bounded_json

from .problem import BadNotebook

#: Signs by which a file of another kind is known.
_OTHER_FILES = {
    b"PK\x03\x04": "zip",
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": "Word/Excel",
    b"\x1f\x8b": "gzip",
    b"Rar!": "rar",
    b"7z\xbc\xaf": "7z",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}
_TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_BRACKETS = re.compile(r"[{}\[\]]")
_PAGE = re.compile(r"<[a-zA-Z!?]")
_UTF_16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_UTF_32 = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32"}


def parse(raw: bytes, *, bounded: bool = True) -> Any:
    """Return the JSON of a notebook's file, whatever program saved it.

    :param bounded: refuse what would take too much memory
    :raises BadNotebook: it is no JSON
    """
    text, utf_8 = _text(raw)
    if bounded:
        try:
            # In another encoding what is left out of the count as a text begins elsewhere.
            bounded_json.check(raw if utf_8 else text.encode())
        except bounded_json.Intricate:
            raise BadNotebook("notebook.intricate") from None
    try:
        return _decoded(text)
    except json.JSONDecodeError as error:
        raise _no_json(text, error) from None
    except (RecursionError, ValueError):
        raise BadNotebook("notebook.intricate") from None


def text_of(raw: bytes) -> str:
    """Return a file's text: UTF-8 or UTF-16 with or without a mark, or a Chinese Windows's GBK.

    :raises BadNotebook: it is empty, another kind of file, or in no such encoding
    """
    return _text(raw)[0]


def _text(raw: bytes) -> tuple[str, bool]:
    """Return the text, and whether the bytes were UTF-8."""
    kind = next((kind for sign, kind in _OTHER_FILES.items() if raw.startswith(sign)), None)
    if kind:
        raise BadNotebook("notebook.other_file", kind=kind)
    text, utf_8 = _decode(raw)
    text = text.lstrip("\ufeff").rstrip("\0\x1a \r\n\t")
    if not text.strip("\0 \r\n\t"):
        raise BadNotebook("notebook.empty")
    if _PAGE.match(text.lstrip()[:2]):
        raise BadNotebook("notebook.page")
    return text, utf_8


def _decode(raw: bytes) -> tuple[str, bool]:
    if encoding := _UTF_32.get(raw[:4]) or _UTF_16.get(raw[:2]):
        return raw.decode(encoding, "replace"), False
    if raw[1:2] == b"\0" != raw[:1]:
        return raw.decode("utf-16-le", "replace"), False
    if raw[:1] == b"\0" != raw[1:2]:
        return raw.decode("utf-16-be", "replace"), False
    try:
        return raw.decode(), True
    except UnicodeDecodeError as error:
        mostly = raw.decode("utf-8", "replace")
        broken = mostly.count("\ufffd")
        # A few bytes that were damaged must not turn all other characters into those of GBK.
        if sum(not one.isascii() for one in mostly) > 2 * broken:
            return mostly, False
        try:
            return raw.decode("gb18030"), False
        except UnicodeDecodeError:
            line = raw.count(b"\n", 0, error.start) + 1
            raise BadNotebook("notebook.encoding", line=line) from None


def _nothing(_text: str) -> None:
    """NaN and Infinity, which are no JSON: nothing that is graded is a number in a notebook."""


def _number(digits: str) -> int | None:
    return int(digits) if len(digits) < 20 else None


#: ``strict``: some editors put line breaks and tabs into texts as they are.
_JSON = json.JSONDecoder(strict=False, parse_constant=_nothing)
_JSON_OF_LONG_NUMBERS = json.JSONDecoder(strict=False, parse_constant=_nothing, parse_int=_number)


def _decoded(text: str) -> Any:
    try:
        return _JSON.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # a number of more digits than Python reads
        return _JSON_OF_LONG_NUMBERS.decode(text)


def _no_json(text: str, error: json.JSONDecodeError) -> BadNotebook:
    if not text.lstrip().startswith("{"):
        return BadNotebook("notebook.no_json", line=1, cell=1)
    cut = error.pos >= len(text) or not text.endswith("}")
    code = "notebook.cut" if cut else "notebook.no_json"
    return BadNotebook(code, line=error.lineno, cell=_cell_at(text[: error.pos]))


def _cell_at(before: str) -> int:
    """Return in which cell of a broken notebook a place is, by what is before it."""
    inside, cell = "", 0
    for sign in _BRACKETS.findall(_TEXT.sub("", before)):
        if sign in "]}":
            inside = inside[:-1]
            continue
        # A cell is an object in a list of the whole.
        cell += sign == "{" and inside == "{["
        inside += sign
    return max(1, cell)
