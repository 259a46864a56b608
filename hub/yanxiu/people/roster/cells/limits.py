"""What is read at most, and the one way to say that a file cannot be read."""

import unicodedata
from typing import Any

MEMORY = 2 << 30
CPU_S = 60
UNPACKED = 300_000_000
ROWS = 100_000
COLUMNS = 256
CELL = 300
HEADER_ROWS = 15


class Unreadable(Exception):
    """The file is no table that can be read.

    :param code: why: one of ``problems.unreadable``
    :param params: for its sentence
    """

    def __init__(self, code: str, **params: Any):
        super().__init__(code)
        self.code, self.params = code, params


def is_blank(value: object) -> bool:
    """Say whether a cell shows nothing.

    >>> [is_blank(value) for value in ("", "　\\u200b\\xa0", 0, "x")]
    [True, True, False, False]
    """
    if not isinstance(value, str):
        return value is None
    if not value or value.isspace():
        return True
    return not value.isascii() and all(
        char.isspace() or unicodedata.category(char) in ("Cf", "Cc") for char in value
    )
