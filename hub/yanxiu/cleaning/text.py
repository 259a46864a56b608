"""Bring what people type into one form: widths, quotes, spaces, digits. Pure.

Only forms are changed, never content: what would be a guess is a problem for whoever
asked.
"""

import re
import unicodedata

#: Marks of direction, of joining and of variants that come along when text is copied.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
#: Most cells of most files: they are in their one form.
_PLAIN = re.compile("[0-9A-Za-z\u4e00-\u9fff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
#: Taken apart into a blank and an accent by NFKC: told first what they stand for.
_ACCENTS = {0x00B4: "\u2019", 0x02D9: "·", 0x318D: "·"}
_QUOTES = "'\u2018\u2019\u201b`\u2032"
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58]")
_SPACERS = re.compile(r"[\s\-‐‑‒–—―−_]")
#: What stands for the X at the end of an ID number, in upper case.
_LIKE_X = "X×*ХΧӼ✕✖✗✘╳⨉"


def clean_text(value: object) -> str:
    """Return a cell as text: half width, trimmed, without a leading apostrophe.

    >>> clean_text("'１３８ 0000 "), clean_text(1001.0), clean_text(None)
    ('138 0000', '1001', '')
    >>> clean_text("\\u200b‘0012\\x07")
    '0012'
    """
    if value is None or value == "":
        return ""
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.translate(_ACCENTS)))
    if not text.isprintable():
        text = _CONTROL.sub("", text)
    return text.strip().lstrip(_QUOTES).strip()


def visible(text: str) -> str:
    """Return a text without what nobody sees in it: control characters, marks of direction.

    What remains is what its reader reads, in that order. Line breaks and tabs stay.

    >>> visible("\\u202egnp.exe\\u200b\\0 好"), visible("\\u200b\\u202e")
    ('gnp.exe 好', '')
    """
    return _CONTROL.sub("", _INVISIBLE.sub("", text))


def is_one_line(text: str) -> bool:
    """Say whether a text has no line breaks and control characters.

    Not ``str.isprintable``, to which a character newer than this Python is unprintable.

    >>> is_one_line("赵\\U000323b0"), is_one_line("10\\n01"), is_one_line("a\\u2028b")
    (True, False, False)
    """
    return not any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in text)


def clean_number(value: object) -> str:
    """Return a number without spaces and hyphens, in upper case.

    >>> clean_number("138-0000 0000"), clean_number("１１０１０５ 19491231002ｘ")
    ('13800000000', '11010519491231002X')
    """
    text = clean_text(value)
    return text if text.isdecimal() and text.isascii() else _SPACERS.sub("", text).upper()


def clean_id(value: object) -> str:
    """Return an ID number; whatever was typed for the X at its end is one.

    >>> clean_id("11010519491231002×"), clean_id("11010519491231002х"), clean_id("‘002*")
    ('11010519491231002X', '11010519491231002X', '002X')
    """
    number = clean_number(value)
    if number and number[-1] in _LIKE_X and number[:-1].isdecimal():
        return f"{number[:-1]}X"
    return number


def clean_teacher_no(value: object) -> str:
    """Return a teacher number: no blanks, one kind of hyphen, upper case.

    >>> clean_teacher_no(" e７００1 "), clean_teacher_no("3–13"), clean_teacher_no(312000.0)
    ('E7001', '3-13', '312000')
    """
    text = clean_text(value)
    return text if text.isdecimal() and text.isascii() else _joined(text)


def _joined(text: str) -> str:
    return _DASHES.sub("-", "".join(text.split())).upper()


def clean_mobile(value: object) -> str:
    """Return a mobile number without country code.

    >>> clean_mobile("+86 138-0000-0000"), clean_mobile("8613800000000")
    ('13800000000', '13800000000')
    """
    digits = clean_number(value).removeprefix("+").removeprefix("00")
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def lost_digits(value: object) -> bool:
    """Say whether a number was kept as a number and is too long for that.

    Spreadsheets keep 15 digits. Text such as ``1.10105E+17`` is what is left of one, too.

    >>> lost_digits(1.1010519491231002e17), lost_digits("1.10105E+17"), lost_digits(13800000000)
    (True, True, False)
    >>> lost_digits("1E10")  # a teacher number may be like this; spreadsheets write the plus
    False
    """
    if isinstance(value, int | float):
        return abs(value) >= 10**15
    if value is None or not {"+", "\uff0b"} & set(str(value)):
        return False
    text = clean_text(value).upper()
    return "E+" in text and re.fullmatch(r"[0-9]([.,][0-9]+)?E\+[0-9]{1,3}", text) is not None
