"""Numbers: what counts as one, and how people type them.

Pure. One rule for Lab, Voila, form and file, so that ``1e3`` is 1000 everywhere and a number of
400 digits is refused everywhere, with a sentence and without an error of Python's.
"""

import math
import unicodedata
from collections.abc import Iterable
from typing import Any, TypeGuard

#: No task asks for a number beyond; past 2**53 JSON's readers disagree about whole numbers.
MAX_NUMBER = 10**15
#: More characters than any number that somebody means.
MAX_CHARS = 60
_CHARS = set("0123456789.+-eE")


class NotANumber(ValueError):
    """A text or a value is no number that can be kept; ``code`` is its sentence's."""

    def __init__(self, code: str, text: str = ""):
        super().__init__(code)
        self.code, self.text = code, text


def is_number(value: Any) -> TypeGuard[int | float]:
    """Say whether a value is a finite number that every reader can hold.

    Asks no float of an integer: ``math.isfinite`` fails on one of 400 digits.

    >>> is_number(0), is_number(0.5), is_number(True), is_number(float("nan")), is_number(10**400)
    (True, True, False, False, False)
    """
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -MAX_NUMBER <= value <= MAX_NUMBER
    )


def number_text(value: Any) -> str:
    """Return a number as a person would type it, empty for anything else.

    ``parse_number`` gives the same number back.

    >>> number_text(45.0), number_text(0.625), number_text(None), number_text(True)
    ('45', '0.625', '', '')
    """
    if not is_number(value):
        return ""
    return str(int(value)) if value == int(value) else repr(float(value))


def parse_number(raw: Any, units: Iterable[str] = ()) -> int | float | None:
    """Return the number that ``raw`` means, whole ones as ``int``; None for nothing.

    Text may have full-width digits, blanks and the unit's word; code may give numbers of NumPy.

    :param units: words that may follow the number
    :raises NotANumber: it is something else

    >>> parse_number("１２．５"), parse_number("42人", ["人"]), parse_number(" "), parse_number("1e3")
    (12.5, 42, None, 1000)
    """
    if raw is None:
        return None
    value = _of_text(raw, units) if isinstance(raw, str) else _of_code(raw)
    if value is None:
        return None
    if not is_number(value):
        raise NotANumber("number_too_large")
    return int(value) if value == int(value) else float(value)


def _of_text(raw: str, units: Iterable[str]) -> float | None:
    plain = unicodedata.normalize("NFKC", raw.replace("\0", "")).strip()
    plain = plain.replace("−", "-").replace("。", ".")
    for word in units:
        plain = plain.removesuffix(unicodedata.normalize("NFKC", word)).strip()
    if not plain:
        return None
    # float() also takes "1_000", "nan" and "infinity".
    if not set(plain) <= _CHARS:
        raise NotANumber("not_a_number", shown(raw))
    if len(plain) > MAX_CHARS:
        raise NotANumber("number_too_large")
    try:
        return float(plain)
    except ValueError:
        raise NotANumber("not_a_number", shown(raw)) from None


def _of_code(raw: Any) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        if isinstance(raw, float) and math.isnan(raw):
            raise NotANumber("not_a_number", "nan")
        return raw
    # NumPy's numbers, which a pandas user has, know float() but are no int.
    try:
        if isinstance(raw, bool | bytes | bytearray) or not hasattr(raw, "__float__"):
            raise TypeError
        value = float(raw)
    except OverflowError:
        raise NotANumber("number_too_large") from None
    except Exception:
        # Anything may be given from a notebook's code, and may raise what it likes.
        raise NotANumber("not_a_number", shown(raw)) from None
    return _of_code(value)


def shown(raw: Any) -> str:
    """Return what a sentence may quote of a value: short, on one line, never an error."""
    try:
        text = str(raw)
    except Exception:
        # Of a number of 5,000 digits Python says nothing; of a stranger's object, who knows.
        return "…"
    clean = text.replace("\0", "").encode("utf-8", "replace").decode()
    return " ".join(clean[:200].split())[:20]
