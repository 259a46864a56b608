"""Codes without a code book: find out what two columns or several lessons have in common.

Decides which spellings are one code and how codes are ordered where no book says so.
Called by ``agreement`` and ``sequence``, which work with any set of codes.
"""

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np

from lessonkit.cleaning import is_missing, is_single, shown, spelled, tokens
from lessonkit.errors import CodeError, ShapeError


def common_labels(
    columns: Sequence[Sequence[Any]], where: Callable[[int, int], str]
) -> tuple[list[Any], list[np.ndarray]]:
    """Return the codes of all columns in order, and each column as places in that order.

    Numbers come by size and before texts. If everything given is a number the labels are
    numbers, otherwise texts; ``a`` and ``A`` are two codes, since no book says otherwise.

    :param where: what to say of a column and a place beside its number, in an error
    :raises CodeError: a missing code, with its place

    >>> common_labels([["10", "9"], [" 9", "Ａ"]], lambda column, place: "")
    (['9', '10', 'A'], [array([1, 0]), array([0, 2])])
    """
    known: dict[tuple[type, Any], str] = {}
    names = []
    for number, column in enumerate(columns):
        found = []
        for place, value in enumerate(column):
            if not is_single(value) or is_missing(value):
                raise CodeError(
                    f"第 {place + 1} 个编码{where(number, place)}是空的或不是编码。请补上，或删去这一格。"
                    f" (code {place + 1} is missing)"
                )
            seen = (type(value), value)
            if seen not in known:
                known[seen] = spelled(value)
            found.append(known[seen])
        names.append(found)
    numeric = all(issubclass(kind, Real) and kind is not bool for kind, _ in known)
    order = sorted(set(known.values()), key=_rank)
    places = {name: place for place, name in enumerate(order)}
    labels = [_number(name) for name in order] if numeric else order
    return labels, [np.array([places[name] for name in found], dtype=np.intp) for found in names]


def split_text(text: str) -> list[str]:
    """Return the codes of a lesson given as text; only letters can be told apart without help.

    :raises ShapeError: it may be one code or a lesson of several

    >>> split_text("TTS"), split_text("5 5，10")
    (['T', 'T', 'S'], ['5', '5', '10'])
    """
    codes = tokens(text, letters=False)
    if len(codes) != 1 or len(codes[0]) == 1:
        return codes
    if codes[0].isascii() and codes[0].isalpha():
        return list(codes[0])
    raise ShapeError(
        f"“{shown(text)}”是一个编码还是一节课？请一节课写一个列表：[[…], […]]。"
        " (is this one code or one lesson?)"
    )


def _rank(name: str) -> tuple[int, float, str]:
    try:
        return 0, float(name), ""
    except ValueError:
        return 1, 0.0, name


def _number(name: str) -> int | float:
    number = float(name)
    return int(number) if number.is_integer() else number
