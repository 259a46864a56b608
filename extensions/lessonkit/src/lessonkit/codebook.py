"""A code book: the codes of a method, their names and groups, as data.

Every method reads its codes through this, so that each of them takes the same spellings
and refuses an unknown code with its place. ``books.py`` holds the known ones; a research
group's own set comes from a table (``from_frame``). Decides nothing about ratios.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lessonkit.cleaning import is_missing, key, listed, shown, tokens, where
from lessonkit.errors import BookError, CodeError

Label = int | str


@dataclass(frozen=True)
class Code:
    """One code: what is written down, and what it is called."""

    code: Label
    zh: str
    en: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodeBook:
    """Codes in their order, and named groups of them; ``interval_s`` is the usual sampling.

    >>> book = CodeBook("yn", "是否", "Yes/no", (Code("Y", "是", "yes"), Code("N", "否", "no")))
    >>> book.read(["y", "否", " Ｎ"])
    ['Y', 'N', 'N']
    """

    id: str
    zh: str
    en: str
    codes: tuple[Code, ...]
    groups: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)
    interval_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse two codes that are written alike, and a group of unknown codes."""
        seen: dict[str, Label] = {}
        for code in self.codes:
            for spelling in (code.code, code.zh, code.en, *code.aliases):
                first = seen.setdefault(key(spelling), code.code)
                if first != code.code:
                    raise BookError(
                        f"编码本 {self.id}：“{shown(spelling)}”既是 {first} 又是 {code.code}。"
                        " (two codes are written alike)"
                    )
        for name, members in self.groups.items():
            for member in members:
                if member not in self.labels:
                    raise BookError(
                        f"编码本 {self.id}：分组 {name} 里的 {member} 不是编码。 (unknown code in a group)"
                    )

    @cached_property
    def labels(self) -> list[Label]:
        """The codes themselves, in the book's order."""
        return [code.code for code in self.codes]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {
            key(spelling): place
            for place, code in enumerate(self.codes)
            for spelling in (code.code, code.zh, code.en, *code.aliases)
        }

    @cached_property
    def _letters(self) -> bool:
        return all(len(str(code.code)) == 1 and str(code.code).isalpha() for code in self.codes)

    def place_of(self, value: Any) -> int | None:
        """Return the place of a code in the book, None if it is not there."""
        return None if is_missing(value) else self._places.get(key(value))

    def positions(self, values: Any) -> np.ndarray:
        """Return the place of every code in the book's order, as an array of integers.

        A text is split: into letters if all codes are letters, else at blanks and commas.

        :raises CodeError: an unknown or missing code, with its place
        """
        raw = tokens(values, letters=self._letters) if isinstance(values, str) else listed(values)
        known: dict[tuple[type, Any], int] = {}
        found = np.empty(len(raw), dtype=np.intp)
        for place, value in enumerate(raw):
            # Looked up once a spelling: a lesson of an hour has 1,200 codes and ten spellings.
            try:
                at = known.get((type(value), value))
            except TypeError:
                raise self.unknown(value, f"第 {place + 1} 个编码", place + 1) from None
            if at is None:
                at = self.place_of(value)
                if at is None:
                    said = f"第 {place + 1} 个编码{where(values, place)}"
                    raise self.unknown(value, said, place + 1)
                known[type(value), value] = at
            found[place] = at
        return found

    def read(self, values: Any) -> list[Label]:
        """Return the codes as the book writes them.

        :raises CodeError: an unknown or missing code, with its place
        """
        labels = self.labels
        return [labels[place] for place in self.positions(values)]

    def count(self, values: Any) -> pd.Series:
        """Return how often each code of the book occurs, 0 for those that do not."""
        tally = np.bincount(self.positions(values), minlength=len(self.codes))
        return pd.Series(tally, index=self.labels)

    def unknown(self, value: Any, said: str, place: int) -> CodeError:
        """Return the error for a value that is no code of this book."""
        possible = "、".join(str(label) for label in self.labels)
        if is_missing(value):
            return CodeError(
                f"{said}是空的；{self.zh}的编码是 {possible}。请补上，或删去这一条。"
                f" (code {place} is missing; {self.en} has {possible})"
            )
        return CodeError(
            f"{said}是“{shown(value)}”，{self.zh}没有这个编码；可用的是 {possible}。"
            f"请改正，或换用别的编码本。 (code {place} is {shown(value)!r}; {self.en} has {possible})"
        )


def from_frame(frame: pd.DataFrame, *, id: str, zh: str, en: str = "") -> CodeBook:
    """Return a code book from a table ``code, label[, group, aliases]``, a row a code.

    Several groups or aliases of one code stand in one cell, with blanks or commas between.

    :raises BookError: a column is missing, or two codes are written alike

    >>> table = pd.DataFrame({"code": ["A", "B"], "label": ["讲", "练"], "group": ["t", "s"]})
    >>> from_frame(table, id="ab", zh="讲练").groups
    {'t': ('A',), 's': ('B',)}
    """
    for column in ("code", "label"):
        if column not in frame:
            raise BookError(f"编码本 {id} 缺少 {column} 列。 (column {column} is missing)")
    codes: list[Code] = []
    groups: dict[str, tuple[Label, ...]] = {}
    for row in frame.to_dict("records"):
        if is_missing(row["code"]):
            raise BookError(f"编码本 {id} 第 {len(codes) + 1} 行没有编码。 (a row has no code)")
        code: Label = row["code"] if isinstance(row["code"], int) else str(row["code"]).strip()
        label = code if is_missing(row["label"]) else row["label"]
        codes.append(Code(code, str(label).strip(), str(code), tuple(_several(row, "aliases"))))
        for group in _several(row, "group"):
            groups[group] = (*groups.get(group, ()), code)
    return CodeBook(id, zh, en or id, tuple(codes), groups)


def _several(row: Mapping[Any, Any], column: str) -> list[str]:
    value = row.get(column)
    return [] if is_missing(value) else tokens(str(value), letters=False)
