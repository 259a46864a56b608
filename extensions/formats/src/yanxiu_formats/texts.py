"""Texts of a course in both languages, and the base of all models.

Everything is strict and closed: what a file says that the format does not know is a mistake of
its author, to be said. Frozen, so that a parsed unit can be kept and handed round.
"""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, Strict

T = TypeVar("T")
#: A list of a file, frozen. Not strict itself: JSON and YAML know no tuples.
Many = Annotated[tuple[T, ...], Strict(False)]


class Frozen(BaseModel):
    """A part of a format."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Sentence = Annotated[str, Field(pattern=r"\S", description="不能是空的")]


class Bilingual(Frozen):
    """中英文两份文字：zh_CN 和 en"""

    zh_CN: Sentence
    en: Sentence

    def pick(self, lang: str) -> str:
        """Return the text in ``lang``: Chinese unless English is asked for."""
        return self.en if lang.startswith("en") else self.zh_CN

    def join(self, other: "Bilingual") -> "Bilingual":
        """Return the name of what lies where two named things meet, such as a table's cell."""
        return both(f"{self.zh_CN}·{other.zh_CN}", f"{self.en}·{other.en}")


class CellText(Bilingual):
    """What a cell of a plain nbgrader notebook says, which may be nothing."""

    zh_CN: str
    en: str


def both(zh_CN: str, en: str = "") -> Bilingual:
    """Return a text in both languages, the same in both unless told otherwise."""
    return CellText(zh_CN=zh_CN, en=en or zh_CN)


def pick(text: Any, lang: str) -> str:
    """Return a text in ``lang``, also one that is still a mapping or a plain string."""
    if isinstance(text, Bilingual):
        return text.pick(lang)
    if isinstance(text, dict):
        return str(text.get(lang) or text.get("zh_CN") or "")
    return "" if text is None else str(text)
