"""The names of people: one form to keep, one key to compare, and what is odd in one. Pure.

A name may be of any script. Only dots, blanks and compatibility forms are changed; what
cannot stand in a name is found here and put into a sentence elsewhere.
"""

import re
import unicodedata
from typing import NamedTuple

from .hanzi import CLASS, RADICALS, is_hanzi, is_part
from .text import clean_text

_PLAIN = re.compile("[\u4e00-\u9fff]+")
#: Everything that has been met between the parts of 买买提·艾力.
_DOTS = re.compile(
    "[\u0387\u06d4\u1427\u16eb\u2022\u2027\u2219\u22c5\u22c6\u25cf\u25e6\u26ab\u2981\u29bf\u2e30\u2e31"
    "\u2e33\u302e\u30fb\ua78f\uff61\uff65\U00010101]"
)
_CJK_SPACE = re.compile(rf"(?<=[{CLASS}·])\s+(?=[{CLASS}·])")
_CJK_POINT = re.compile(rf"(?<=[{CLASS}])\s*[.。\u0f0b]\s*(?=[{CLASS}])")
_AROUND_DOT = re.compile(r"\s*·[\s·]*")
_APOSTROPHES = re.compile("(?<=[^\\W\\d_])[\u2018\u201b`\u2032\u02bc\u02b9](?=[^\\W\\d_])")
_HYPHENS = re.compile("[\u2010\u2011\u2012\u2013\u2014\u2212\ufe58]")
_FOLDED = re.compile(r"[\s'\u2019-]")
#: Before GB18030—2005, files carried 䶮 as this private character.
_PRIVATE = {0xE863: "䶮"}
_ALLOWED = frozenset("· .'\u2019()-\u0f0b")
#: Written for 〇, which is on few keyboards.
_CIRCLES = frozenset("○◯⭕⚪O0")
_LOST = frozenset("?\ufffd□■〓▯＊*")


class Oddity(NamedTuple):
    """The first character that cannot stand in a name.

    :param kind: ``lost``, ``private``, ``part``, ``circle``, ``hyphen`` or ``other``
    :param right: the character to write instead, if there is one
    """

    kind: str
    char: str
    right: str = ""

    @property
    def code(self) -> str:
        """Return the code point as Unicode writes it."""
        return f"U+{ord(self.char):04X}"


def clean_name(value: object) -> str:
    """Return a name with one kind of dot and no spaces between Chinese characters.

    >>> clean_name(" 买买提 • 艾力 "), clean_name("买买提.艾力"), clean_name("艾　伟")
    ('买买提·艾力', '买买提·艾力', '艾伟')
    >>> clean_name("买买提。艾力"), clean_name("买买提˙\\u200b艾力"), clean_name("甄⼀鸣")
    ('买买提·艾力', '买买提·艾力', '甄一鸣')
    >>> clean_name("Alice  B. Carroll"), clean_name("Mary‑Ann O`Hara")
    ('Alice B. Carroll', 'Mary-Ann O’Hara')
    """
    text = clean_text(value)
    if _PLAIN.fullmatch(text):
        return text
    if text.isascii():
        return re.sub(r"\s+", " ", _APOSTROPHES.sub("\u2019", text))
    text = _DOTS.sub("·", text.translate(_PRIVATE))
    text = _CJK_POINT.sub("·", text)
    text = _AROUND_DOT.sub("·", text)
    text = _HYPHENS.sub("-", _APOSTROPHES.sub("\u2019", text))
    return re.sub(r"\s+", " ", _CJK_SPACE.sub("", text))


def name_key(value: object) -> str:
    """Return what two spellings of one name have in common, for comparing alone.

    >>> name_key("Seán O’Brien") == name_key("SEÁN O'BRIEN"), name_key("艾 老师")
    (True, '艾老师')
    """
    name = clean_name(value)
    return name if _PLAIN.fullmatch(name) else _FOLDED.sub("", name).casefold()


def oddity(name: str) -> Oddity | None:
    """Return what in a clean name cannot stand in one, the first of it.

    >>> oddity("李⻢"), oddity("吴○一"), oddity("赵\\U000323b0"), oddity("Mary-Ann")
    (Oddity(kind='part', char='⻢', right='马'), Oddity(kind='circle', char='○', right='〇'), None, None)
    """
    if _PLAIN.fullmatch(name):
        return None
    for index, char in enumerate(name):
        if not is_hanzi(char):
            beside = any(map(is_hanzi, name[max(index - 1, 0) : index + 2]))
            odd = _odd(char, beside=beside, first=index == 0)
            if odd is not None:
                return odd
    return None


def _odd(char: str, *, beside: bool, first: bool) -> Oddity | None:
    """Judge a character that is no Chinese one; ``beside``: one stands next to it."""
    category = unicodedata.category(char)
    if char in _CIRCLES and beside:
        return Oddity("circle", char, "〇")
    if char in _LOST:
        return Oddity("lost", char)
    if char == "-" and beside:
        return Oddity("hyphen", char, "·")
    if is_part(char):
        return Oddity("part", char, RADICALS.get(char, ""))
    # A mark over the letter before it: not every one has a character of its own.
    inside = not first and (char in _ALLOWED or category in ("Mn", "Mc"))
    if char.isalpha() or inside:
        return None
    return Oddity("private" if category == "Co" else "other", char)
