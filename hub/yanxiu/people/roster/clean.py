"""Bring what people type into one form: widths, dots, spaces, digits. Pure.

Only forms are changed, never content: what would be a guess is a problem for ``check``.
"""

import re
import unicodedata

_DOTS = re.compile(r"[•・･‧∙⋅●]")
_SPACERS = re.compile(r"[\s\-‐‑–—_]")
_CJK = r"[\u3400-\u9fff\U00020000-\U0003ffff·]"
_CJK_SPACE = re.compile(rf"(?<={_CJK})\s+(?={_CJK})")
_CJK_POINT = re.compile(rf"(?<={_CJK})\s*\.\s*(?={_CJK})")
_AROUND_DOT = re.compile(r"\s*·\s*")
#: Marks of direction and of joining that come along when text is copied from a chat.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
#: Before GB18030—2005, files carried 䶮 as this private character.
_PRIVATE = {"\ue863": "䶮"}


def clean_text(value: object) -> str:
    """Return a cell as text: half width, trimmed, without a leading apostrophe.

    >>> clean_text("'１３８ 0000 "), clean_text(1001.0), clean_text(None)
    ('138 0000', '1001', '')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return text.strip().removeprefix("'").removeprefix("\u2019").strip()


def clean_name(value: object) -> str:
    """Return a name with one kind of dot and no spaces between Chinese characters.

    >>> clean_name(" 买买提 • 艾力 "), clean_name("买买提.艾力"), clean_name("艾　伟")
    ('买买提·艾力', '买买提·艾力', '艾伟')
    >>> clean_name("Alice  B. Carroll")
    'Alice B. Carroll'
    """
    text = clean_text(value)
    for private, public in _PRIVATE.items():
        text = text.replace(private, public)
    text = _DOTS.sub("·", text)
    text = _CJK_POINT.sub("·", text)
    text = _AROUND_DOT.sub("·", text)
    return re.sub(r"\s+", " ", _CJK_SPACE.sub("", text))


def clean_number(value: object) -> str:
    """Return an ID, mobile or teacher number without spaces and hyphens, in upper case.

    >>> clean_number("138-0000 0000"), clean_number("１１０１０５ 19491231002ｘ")
    ('13800000000', '11010519491231002X')
    """
    text = clean_text(value)
    return text if text.isdecimal() and text.isascii() else _SPACERS.sub("", text).upper()


def clean_mobile(value: object) -> str:
    """Return a mobile number without country code.

    >>> clean_mobile("+86 138-0000-0000"), clean_mobile("8613800000000")
    ('13800000000', '13800000000')
    """
    digits = clean_number(value).removeprefix("+")
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def lost_digits(value: object) -> bool:
    """Say whether a number was kept as a number and is too long for that.

    Spreadsheets keep 15 digits. Text such as ``1.10105E+17`` is what is left of one, too.

    >>> lost_digits(1.1010519491231002e17), lost_digits("1.10105E+17"), lost_digits(13800000000)
    (True, True, False)
    """
    if isinstance(value, int | float):
        return abs(value) >= 10**15
    text = clean_text(value).upper()
    return "E" in text and re.fullmatch(r"[0-9](\.[0-9]+)?E\+?[0-9]{2}", text) is not None
