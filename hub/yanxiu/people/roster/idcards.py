"""Judge ID numbers and other documents: mistyped, of another kind, or with digits lost.

Pure. Called by ``check``.
"""

import re
from collections.abc import Mapping
from datetime import date

from yanxiu.cleaning import clean_id, lost_digits
from yanxiu.errors import N_
from yanxiu.people import idnumber

from .columns import CHECKED_DOCUMENTS, OTHER_DOCUMENTS
from .problems import Problem

#: So many good ID numbers beside it make one that ends in 000 believable.
_ENOUGH = 30
_ID_CHARS = 18


def read_id_number(cell: object, document: str) -> tuple[str, Problem | None]:
    """Return the number as it is matched, and what is wrong with it."""
    number = clean_id(cell)
    if document not in CHECKED_DOCUMENTS:
        return _other_document(number, document)
    if not number:
        return "", None
    problem = _id_problem(cell, number)
    return ("", problem) if problem else (number, None)


def _other_document(number: str, document: str) -> tuple[str, Problem | None]:
    prefix = OTHER_DOCUMENTS.get(document)
    if prefix is None:
        known = "、".join(["居民身份证", *dict.fromkeys(OTHER_DOCUMENTS)])
        return "", Problem("document", N_("不认识的证件类型；可以填 {known}。"), {"known": known})
    if number and not re.fullmatch(r"[A-Z0-9]{5,20}", number):
        return "", Problem("document_number", N_("证件号码应是 5 到 20 位字母和数字。请核对。"))
    return (f"{prefix}:{number}" if number else ""), None


def _id_problem(cell: object, number: str) -> Problem | None:
    if lost_digits(cell):
        return _digits()
    problem = _shape(number)
    if problem is not None:
        return problem
    if not idnumber.is_valid(number):
        if number.endswith("00"):
            return _digits()
        return Problem("id_check", N_("身份证号的校验位不对，多半是抄错了一位。请核对。"))
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return Problem("id_birthday", N_("身份证号里的出生日期不存在。请核对。"))
    return None


def _shape(number: str) -> Problem | None:
    if re.fullmatch(r"[0-9]{15}", number):
        return Problem("id_old", N_("这是 15 位的旧身份证号。请填 18 位的。"))
    if len(number) != _ID_CHARS:
        return Problem(
            "id_length",
            N_("身份证号应是 18 位，这里是 {n} 位。请核对；其他证件请写明证件类型。"),
            {"n": len(number)},
        )
    wrong = re.search(r"[^0-9]", number[:-1]) or re.search(r"[^0-9X]", number[-1])
    if wrong:
        return Problem(
            "id_character",
            N_("身份证号里的“{char}”不对：前 17 位是数字，末位是数字或 X。请核对。"),
            {"char": wrong[0]},
        )
    return None


def _digits() -> Problem:
    return Problem(
        "id_digits",
        N_("身份证号存成了数字，末几位已丢失，无法恢复。请把这一列设为文本，再重新填写。"),
    )


def doubtful_zeros(
    numbers: Mapping[int, str], problems: Mapping[int, list[Problem]]
) -> dict[int, Problem]:
    """Return the lines whose numbers end in 000, as those of which 15 digits were kept do.

    The check character cannot tell: it is right for one lost number in eleven. One person
    in a thousand has such a number, so it is believed among many good ones.
    """
    zeros = [n for n, number in numbers.items() if number.isdecimal() and number.endswith("000")]
    lost = any(problem.code == "id_digits" for found in problems.values() for problem in found)
    good = sum(len(number) == _ID_CHARS for number in numbers.values()) - len(zeros)
    if not zeros or (good >= _ENOUGH * len(zeros) and not lost):
        return {}
    problem = Problem(
        "id_zeros",
        N_(
            "身份证号以 000 结尾，多半是存成了数字，末几位已丢失。请对照证件重新填写，"
            "列要设为文本；证件上确实如此的，请把这一格空着。"
        ),
    )
    return dict.fromkeys(zeros, problem)
