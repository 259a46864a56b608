"""Show a number as its cell does, where that has more digits than the number: ``0012``.

Only formats of zeros and literal text: what a format of dates, decimals or thousands
shows is no part of anybody's number. Pure.
"""

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<filling>[_*].)|(?P<block>\[[^\]]*\])'
    r"|(?P<general>General|G/通用格式)|(?P<digit>[0#?])|(?P<plain>[-+() :])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
#: Beyond this a number has lost digits, and zeros in front would hide it.
_EXACT = 10**15


class Padding(NamedTuple):
    """A format of digits and literal text.

    :param parts: literal texts, and None for each digit
    :param least: digits that are always shown
    """

    parts: tuple[str | None, ...]
    least: int


def padding(code: str) -> Padding | None:
    """Return what a number format adds to a number, None if nothing that matters.

    >>> padding("0000").least, padding('"T"000').parts
    (4, ('T', None, None, None))
    >>> padding("0"), padding("#,##0.00"), padding("yyyy-mm-dd"), padding("@")
    (None, None, None, None)
    """
    parts: list[str | None] = []
    least = 0
    for token in _TOKEN.finditer(code):
        kind, text = token.lastgroup, token[0]
        if kind == "other" and text == ";":
            break  # what follows is for negative numbers
        if kind == "other" or (kind == "block" and re.search(r"[<>=]|dbnum", text, re.IGNORECASE)):
            return None
        if kind in ("digit", "general"):
            parts.append(None)
            least += text != "#"
        elif kind in ("quoted", "escaped", "plain"):
            parts.append(token["quoted"] or token["escaped"] or token["plain"] or "")
    literal = any(part and part.strip() for part in parts)
    return Padding(tuple(parts), least) if None in parts and (least > 1 or literal) else None


def shown(number: float, how: Padding) -> str | None:
    """Return a number as the format shows it.

    >>> shown(12.0, padding("0000")), shown(13900001204, padding("000-0000-0000"))
    ('0012', '139-0000-1204')
    >>> shown(12345.0, padding('"T"000')), shown(1.5, padding("0000")), shown(-1.0, padding("00"))
    ('T12345', None, None)
    """
    if number < 0 or number >= _EXACT or number != int(number):
        return None
    digits = list(str(int(number)).zfill(how.least))
    left = how.parts.count(None)
    out: list[str] = []
    for part in how.parts:
        if part is not None:
            out.append(part)
            continue
        # The first place takes all that there is no other place for.
        take = max(len(digits) - left + 1, 0)
        out += digits[:take]
        del digits[:take]
        left -= 1
    return "".join(out).strip()
