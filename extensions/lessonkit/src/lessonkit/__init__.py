"""Lesson analysis and test statistics, as pure functions over pandas.

Decides nothing about files, networks or screens. Called by course notebooks, published
lesson analyses and, being pure, by the hub side too. What cannot be computed is None (a
scalar) or NaN (in a Series), never 0; what cannot be understood is refused with its place.
"""

from lessonkit import (
    agreement,
    books,
    disclosure,
    fias,
    ifias,
    irf,
    items,
    itias,
    questions,
    reliability,
    scores,
    sequence,
    sp,
    sp_chart,
    st,
    table,
    tpack,
)
from lessonkit.codebook import Code, CodeBook
from lessonkit.errors import LessonError

__all__ = [
    "Code",
    "CodeBook",
    "LessonError",
    "agreement",
    "books",
    "disclosure",
    "fias",
    "ifias",
    "irf",
    "items",
    "itias",
    "questions",
    "reliability",
    "scores",
    "sequence",
    "sp",
    "sp_chart",
    "st",
    "table",
    "tpack",
]
