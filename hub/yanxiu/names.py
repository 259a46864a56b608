"""Names that the whole house agrees on: identifiers, hub groups, school codes.

Pure: no database, no Hub. Collisions are made improbable here (80 random bits for a
person, UUIDv7 for the rest) and impossible by the unique keys of the store.
"""

import base64
import re
import secrets
import uuid

import uuid_utils

PERSON_ID = re.compile(r"u[a-z2-7]{16}")

#: First two digits of a 学校标识码: the type of the school (教育部统计代码).
SCHOOL_KINDS = {
    "11": "幼儿园",
    "21": "小学",
    "22": "教学点",
    "31": "初级中学",
    "32": "职业初中",
    "34": "完全中学",
    "36": "中等职业学校",
    "51": "特殊教育学校",
}
#: Digits 3 and 4: the province, first two digits of GB/T 2260.
PROVINCES = frozenset(
    {
        *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36"),
        *("37", "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62"),
        *("63", "64", "65", "71", "81", "82"),
    }
)


def new_id() -> uuid.UUID:
    """Return a UUIDv7: unique everywhere, ordered by time, safe to show in a URL."""
    return uuid.UUID(str(uuid_utils.uuid7()))


def new_person_id() -> str:
    """Return a person's id: ``u`` and 16 base32 characters, DNS-safe and never reused.

    It is also the hub user name, so it appears in URLs, folders and pods: it must say
    nothing about the person.
    """
    return "u" + base64.b32encode(secrets.token_bytes(10)).decode().lower()


def is_person_id(text: str) -> bool:
    """Say whether ``text`` has the shape of a person's id.

    >>> is_person_id("uabcdefghij234567"), is_person_id("../../etc")
    (True, False)
    """
    return PERSON_ID.fullmatch(text) is not None


def school_code_problem(code: str) -> str | None:
    """Return what is wrong with a 10-digit 学校标识码, or None.

    >>> school_code_problem("2133012345") is None
    True
    >>> school_code_problem("213301234")
    'length'
    >>> school_code_problem("9933012345")
    'kind'
    """
    if not re.fullmatch(r"[0-9]{10}", code):
        return "length"
    if code[:2] not in SCHOOL_KINDS:
        return "kind"
    return None if code[2:4] in PROVINCES else "province"


def school_group(code: str) -> str:
    """Return the hub group of a school."""
    return f"school-{code}"


def course_group(course_id: str) -> str:
    """Return the hub group of a course."""
    return f"course-{course_id}"


def research_group(group_id: str) -> str:
    """Return the hub group of a 教研组."""
    return f"research-{group_id}"
