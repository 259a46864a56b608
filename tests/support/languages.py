"""Find words of the wrong language on a page: what a reader sees and what is read out."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

#: Words that have no Chinese name, or are the name. Nothing else Latin is on a Chinese page.
ALLOWED = frozenset(
    {"Hub", "Jupyter", "JupyterLab", "English", "no", "isolation"}
    | {"ipynb", "xlsx", "xls", "csv", "CSV", "PDF", "WPS", "Excel", "MB", "UTC", "SSO", "SHA"}
)
#: Chinese that stays on an English page: the brand and the way back.
KEPT = ("研修Hub", "中文")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_CHINESE = re.compile(r"[一-鿿]+")
#: Receipts, digests, versions, file names, pupils.
_CODES = re.compile(
    r"\b2026\d+-\w+-\w+|\b[0-9a-f]{16,}\b|\bv?\d+\.\d+\.\d+\S*|\b[\w-]+\.(?:ipynb|csv|md|py)\b|\bS0\d\b"
)
_SAID = ("title", "alt", "aria-label", "placeholder", "data-label", "data-failed")
_SILENT = {"script", "style", "code"}


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._inside.append(tag)
        values = dict(attrs)
        self.found += [values[name] or "" for name in _SAID if name in values]
        if tag == "input" and values.get("type") in ("submit", "button"):
            self.found.append(values.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.found.append(data)


def texts(html: str) -> list[str]:
    """Return every text of a page that a person reads or hears."""
    parser = _Texts()
    parser.feed(html)
    return [text.strip() for text in parser.found if text.strip()]


def latin_words(html: str, also: Iterable[str] = ()) -> list[str]:
    """Return the Latin words of a Chinese page that are not allowed there.

    :param also: data, such as a person's name or what a learner wrote
    """
    data = sorted(also, key=len, reverse=True)
    return [
        word
        for text in texts(html)
        for word in _LATIN.findall(_without(text, data))
        if word not in ALLOWED
    ]


def chinese_words(html: str, also: Iterable[str] = ()) -> list[str]:
    """Return what is Chinese on an English page and not data."""
    data = sorted([*KEPT, *also], key=len, reverse=True)
    return [word for text in texts(html) for word in _CHINESE.findall(_without(text, data))]


def _without(text: str, data: list[str]) -> str:
    text = _CODES.sub(" ", text)
    for one in data:
        text = text.replace(one, " ")
    return text
