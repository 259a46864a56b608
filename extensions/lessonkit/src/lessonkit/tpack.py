"""TPACK: which of content, pedagogy and technology the segments of a lesson draw on.

Pure. Source: Mishra & Koehler 2006, *Teachers College Record* 108(6). That a segment's set
of letters names one of the seven domains is the convention of this platform.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lessonkit.books import TPACK
from lessonkit.cleaning import is_missing, key, listed, where
from lessonkit.errors import CodeError
from lessonkit.ratios import percent

DOMAINS = {
    "CK": frozenset("C"), "PK": frozenset("P"), "TK": frozenset("T"), "PCK": frozenset("CP"),
    "TCK": frozenset("CT"), "TPK": frozenset("PT"), "TPACK": frozenset("CPT"),
}  # fmt: skip
_BY_LETTERS = {letters: name for name, letters in DOMAINS.items()}
_BY_NAME = {key(name): name for name in DOMAINS}


@dataclass(frozen=True, eq=False)
class TpackResult:
    """``counts`` of the seven domains; shares of all segments in percent, None without any.

    ``technology`` counts segments with T, ``tpack`` those with all three letters,
    ``integrated`` those with two or three.
    """

    counts: pd.Series
    technology: float | None
    tpack: float | None
    integrated: float | None


def analyse(segments: Any) -> TpackResult:
    """Return the domains of a lesson's segments and three shares.

    :param segments: of each segment its letters, in any order: ``"TC"``, ``{"T", "C"}``,
        or the domain's name ``"TCK"``
    :raises CodeError: a segment without letters, or with another one, with its place

    >>> found = analyse(["C", "PC", "TPC", {"T"}])
    >>> found.counts["PCK"], found.technology, found.tpack, found.integrated
    (np.int64(1), 50.0, 25.0, 50.0)
    """
    given = listed(segments, "片段")
    found = [_domain(segments, place, segment) for place, segment in enumerate(given)]
    counts = pd.Series({name: found.count(name) for name in DOMAINS})
    n = len(found)
    with_t = [name for name, letters in DOMAINS.items() if "T" in letters]
    several = [name for name, letters in DOMAINS.items() if len(letters) > 1]
    return TpackResult(
        counts,
        percent(int(counts[with_t].sum()), n),
        percent(int(counts["TPACK"]), n),
        percent(int(counts[several].sum()), n),
    )


def _domain(segments: Any, place: int, segment: Any) -> str:
    said = f"第 {place + 1} 个片段{where(segments, place)}"
    if isinstance(segment, str) and key(segment) in _BY_NAME:
        return _BY_NAME[key(segment)]
    if isinstance(segment, str):
        letters: list[Any] = [letter for letter in segment if letter.isalnum()]
    elif isinstance(segment, Iterable):
        letters = list(segment)
    else:
        letters = [] if is_missing(segment) else [segment]
    if not letters:
        raise CodeError(
            f"{said}没有字母；每个片段要有 C、P、T 中的至少一个。 (segment {place + 1} has no letter)"
        )
    places = [TPACK.place_of(letter) for letter in letters]
    if None in places:
        raise TPACK.unknown(letters[places.index(None)], said, place + 1)
    return _BY_LETTERS[frozenset(str(TPACK.labels[at]) for at in places if at is not None)]
