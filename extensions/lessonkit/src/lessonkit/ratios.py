"""Ratios over the groups of a code book: the engine that every coding method shares.

A method is a code book and a table of ratios; this counts. The one rule about nothing:
a ratio whose denominator is 0 is None, never 0. Called by ``fias``, ``itias``,
``questions`` and ``tpack``; knows none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lessonkit.codebook import CodeBook


@dataclass(frozen=True)
class Ratio:
    """The codes of group ``top`` over those of ``bottom`` (None: over all codes).

    In percent, or as a plain quotient where ``percent`` is False.
    """

    top: str
    bottom: str | None = None
    percent: bool = True


def percent(part: float, whole: float) -> float | None:
    """Return the part in percent of the whole, None of nothing.

    >>> percent(1, 4), percent(0, 0)
    (25.0, None)
    """
    return 100 * float(part) / float(whole) if whole else None


def quotient(part: float, whole: float) -> float | None:
    """Return part / whole, None if there is nothing to divide by.

    >>> quotient(1, 4), quotient(3, 0)
    (0.25, None)
    """
    return float(part) / float(whole) if whole else None


def compute(
    book: CodeBook, counts: pd.Series, ratios: Mapping[str, Ratio]
) -> dict[str, float | None]:
    """Return each ratio of the counts (a Series by the book's codes) by its name.

    >>> from lessonkit.books import ST
    >>> compute(ST, ST.count("TTTS"), {"rt": Ratio("teacher"), "ts": Ratio("teacher", "student", False)})
    {'rt': 75.0, 'ts': 3.0}
    """

    def total(group: str | None) -> int:
        return int(counts.sum() if group is None else counts.loc[list(book.groups[group])].sum())

    return {
        name: (percent if ratio.percent else quotient)(total(ratio.top), total(ratio.bottom))
        for name, ratio in ratios.items()
    }
