"""Translate codes between code books, as iFIAS (方海光等 2012) does with those of ITIAS.

Pure. A code without a counterpart is refused and never dropped: a lesson that loses codes
is another lesson. The code list itself is ``books.IFIAS``.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lessonkit.cleaning import is_missing, key, listed, shown, tokens, where
from lessonkit.errors import BookError, CodeError, ShapeError

#: ITIAS to iFIAS. 18 (技术作用于学生) has no counterpart.
FROM_ITIAS: Mapping[int, str] = {
    1: "1", 2: "2", 3: "3", 4: "4.1", 5: "4.2", 6: "5", 7: "6", 8: "7", 9: "8", 10: "9.1",
    11: "9.2", 12: "10", 13: "11", 14: "12", 15: "12", 16: "13", 17: "14",
}  # fmt: skip

#: iFIAS to FIAS, which has no codes for talk among pupils (10) and technology (13, 14).
TO_FIAS: Mapping[str, int] = {
    "1": 1, "2": 2, "3": 3, "4.1": 4, "4.2": 4, "5": 5, "6": 6, "7": 7, "8": 8, "9.1": 9,
    "9.2": 9, "11": 10, "12": 10,
}  # fmt: skip


def map_codes(codes: Any, mapping: Mapping[Any, Any] | pd.Series) -> Any:
    """Return the codes translated by ``mapping`` (from code to code), in their order.

    A Series comes back as a Series with its labels, anything else as a list. Spellings do
    not matter on the left side (``4``, ``"4"``, ``"４"``); the right side is taken as written.

    :raises CodeError: a code that the mapping does not have, or none, with its place
    :raises BookError: the mapping gives one code two translations

    >>> map_codes([4, "5", 6, 15], FROM_ITIAS)
    ['4.1', '4.2', '5', '12']
    >>> map_codes([6, 18], FROM_ITIAS)
    Traceback (most recent call last):
    lessonkit.errors.CodeError: 第 2 个编码：18 无对应编码。... (code 2: 18 has no counterpart)
    """
    if not isinstance(mapping, Mapping | pd.Series):
        raise ShapeError("对应表应是字典：{原编码: 新编码}。 (a mapping of codes is needed)")
    known: dict[str, Any] = {}
    for code, target in mapping.items():
        if is_missing(target):
            continue
        if known.setdefault(key(code), target) != target:
            raise BookError(
                f"对应表里 {shown(code)} 有两个不同的对应。 (two translations of one code)"
            )
    raw = tokens(codes, letters=False) if isinstance(codes, str) else listed(codes)
    found = []
    for place, value in enumerate(raw):
        target = None if is_missing(value) else known.get(key(value))
        if target is None:
            said = "空编码" if is_missing(value) else shown(value)
            raise CodeError(
                f"第 {place + 1} 个编码{where(codes, place)}：{said} 无对应编码。"
                f"有对应的是 {'、'.join(known)}。请补全对应表，或先改正编码。"
                f" (code {place + 1}: {shown(value)} has no counterpart)"
            )
        found.append(target)
    return pd.Series(found, index=codes.index) if isinstance(codes, pd.Series) else found
