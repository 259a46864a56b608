"""What people type, in one form: names, numbers, logins, whichever way they arrive.

One cleaner for the roster, the login form and identity providers: what one of them
understands, all do. Pure; knows no sentences, only forms and which character is odd.
"""

from .hanzi import RADICALS, is_hanzi
from .names import Oddity, clean_name, name_key, oddity
from .text import (
    clean_id,
    clean_mobile,
    clean_number,
    clean_teacher_no,
    clean_text,
    is_one_line,
    lost_digits,
)

__all__ = [
    "RADICALS",
    "Oddity",
    "clean_id",
    "clean_mobile",
    "clean_name",
    "clean_number",
    "clean_teacher_no",
    "clean_text",
    "is_hanzi",
    "is_one_line",
    "lost_digits",
    "name_key",
    "oddity",
]
