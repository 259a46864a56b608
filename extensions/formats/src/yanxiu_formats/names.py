"""The one judge of file names: of what a browser, a folder, a zip or a tar calls its files.

A name is kept as it is where it can be, mended where that loses nothing (NFC, folders that old
browsers send, bytes of GBK where UTF-8 was expected, characters that only trick the eye), and
otherwise refused, so that its file can be named and left out. Nobody asks this Python's table
whether a character exists: a name with a character of the newest Unicode is a name. A task's
file is opened by whoever marks it, on any system; a path in a bundle stays what the notebook
beside it calls it, so what only Windows forbids is mended in the first alone. Pure.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

#: A file that a task keeps: on every system, also in a folder of its own.
MAX_NAME_BYTES = 150
#: What a bundle may hold, and a level and a few bytes more for our own packages of it.
MAX_PATH_BYTES, MAX_DEPTH = 240, 12

#: Controls, halves of characters, what is no character, and what hides or turns a text around:
#: zero-width, bidirectional, tags. By number, so that every Python judges alike.
_TRICKS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff"
    "\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff"
    + "".join(
        f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17)
    )
    + "]"
)
#: What Windows takes for a place or a device, whatever ending follows.
_FORBIDDEN = re.compile('[<>:"|?*]')
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE)
#: GBK that was taken for Latin-1: pairs of bytes, and nothing else that is not ASCII.
_TAKEN_FOR_LATIN = re.compile("[\x00-\x7f]*(?:(?:[\xb0-\xf7][\xa1-\xfe])+[\x00-\x7f]*)+")
#: An ending that is kept when a name is shortened, in bytes.
_MOST_ENDING = 20


@dataclass(frozen=True)
class PathLimits:
    """How long and how deep a path may be."""

    path_bytes: int = MAX_PATH_BYTES
    depth: int = MAX_DEPTH


class BadName(ValueError):
    """A name that can be neither kept nor mended."""


def plain_name(name: str) -> str:
    """Return a file's own name as it is kept: one that every system has, and nothing hidden in it.

    >>> plain_name("C:\\\\Users\\\\li\\\\教案.docx"), plain_name("../../x.pdf"), plain_name("a\\tb.txt")
    ('教案.docx', 'x.pdf', 'a_b.txt')
    >>> plain_name("第1课：导入?.docx. "), plain_name("aux.txt"), plain_name(".pdf")
    ('第1课：导入_.docx', '_aux.txt', '_.pdf')
    """
    last = unicodedata.normalize("NFC", readable(name)).replace("\\", "/").rsplit("/", 1)[-1]
    last = _FORBIDDEN.sub("_", _TRICKS.sub("_", last)).strip().rstrip(". ")
    if last.startswith(".") or _DEVICE.fullmatch(last):
        last = f"_{last}"
    return _shortened(last)


def is_kept_name(name: str) -> bool:
    """Say whether a name is one that ``plain_name`` would give and a task may keep."""
    return (
        name == plain_name(name)
        and name not in ("", ".", "..")
        and not name.startswith(".")
        and len(name.encode(errors="replace")) <= MAX_NAME_BYTES
    )


def another_name(name: str, taken: Collection[str]) -> str:
    """Return ``name``, or another like it when a file of that name is there already.

    Two photos of a telephone are both called ``image.jpg``. Capitals do not tell files apart:
    whoever marks may open them on Windows.

    >>> another_name("image.jpg", {"IMAGE.JPG"}), another_name("a.b.pdf", {"a.b.pdf", "a.b（2）.pdf"})
    ('image（2）.jpg', 'a.b（3）.pdf')
    """
    known = {one.casefold() for one in taken}
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    number, found = 1, name
    while found.casefold() in known:
        number += 1
        more = f"（{number}）{dot}{ending}"
        found = _cut(stem, MAX_NAME_BYTES - len(more.encode(errors="replace"))) + more
    return found


def safe_path(path: str, limits: PathLimits | None = None) -> str:
    """Return a path in an archive as it is kept: relative, NFC, with ``/``.

    :raises BadName: it leads out, is too long or too deep, or has characters that trick the eye

    >>> safe_path("./a/数据.csv")
    'a/数据.csv'
    """
    limits = limits or PathLimits()
    normal = unicodedata.normalize("NFC", path.removeprefix("./"))
    parts = normal.split("/")
    if (
        any(part in ("", ".", "..") for part in parts)
        or "\\" in normal
        or _TRICKS.search(normal)
        or len(parts) > limits.depth
        or len(normal.encode()) > limits.path_bytes
    ):
        raise BadName
    return normal


def shown_path(path: str) -> str:
    """Return the end of any path, to be shown in a sentence."""
    return _TRICKS.sub("_", readable(path))[-60:]


def _shortened(name: str) -> str:
    if len(name.encode(errors="replace")) <= MAX_NAME_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode(errors="replace")) > _MOST_ENDING:
        stem, dot, ending = name, "", ""
    rest = f"{dot}{ending}"
    return (_cut(stem, MAX_NAME_BYTES - len(rest.encode(errors="replace"))) + rest).rstrip(". ")


def _cut(text: str, most: int) -> str:
    """Return as much of a text's beginning as ``most`` bytes hold."""
    return text.encode(errors="replace")[: max(0, most)].decode(errors="ignore")


def mended_path(path: str) -> str:
    """Return a path of somebody's folder as it can be handed in.

    :param path: with ``/``, as Python's ``os`` gives it: bytes that are no UTF-8 are surrogates
    :raises BadName: it is too long or too deep

    >>> mended_path(b"\\xbd\\xcc\\xb0\\xb8.txt".decode("utf-8", "surrogateescape"))
    '教案.txt'
    """
    parts = [_TRICKS.sub("_", readable(part)).replace("\\", "_") for part in path.split("/")]
    return safe_path("/".join(parts))


def readable(name: str) -> str:
    """Return a name whose bytes were no UTF-8 as its maker saw it: a Chinese Windows writes GBK.

    >>> readable("教案.docx".encode("gbk").decode("latin-1")), readable("über ñandú.pdf")
    ('教案.docx', 'über ñandú.pdf')
    """
    if _TAKEN_FOR_LATIN.fullmatch(name):
        return name.encode("latin-1").decode("gb18030")
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Half a character that stands for no byte, as JavaScript can send.
        return name
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        return name
