"""A unit's own texts and tables, out of the files that its learners get.

Releases never change, so what was read once is kept. Markdown comes from course authors:
it is rendered without raw HTML and then cleaned again. Called by ``units``.
"""

import csv
import io
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup
from yanxiu_formats.bundle import OURS, members
from yanxiu_formats.units import Unit

from yanxiu.store.blobs import Blobs, chunks_of
from yanxiu.web.markdown import markdown

#: More rows than this are for a spreadsheet, not for a page.
MOST_ROWS = 200
MOST_BYTES = 2_000_000


@dataclass(frozen=True)
class Table:
    """A data table of a unit."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int


@lru_cache(maxsize=1024)
def course_markdown(text: str) -> Markup:
    """Return a course's Markdown as ``markdown`` does, kept: there are few texts of courses."""
    return markdown(text)


def table(data: bytes) -> Table:
    """Read a CSV file (UTF-8) for printing."""
    rows = [tuple(row) for row in csv.reader(io.StringIO(data.decode("utf-8-sig", "replace")))]
    head, *body = rows or [()]
    return Table(head, tuple(body[:MOST_ROWS]), max(0, len(body) - MOST_ROWS))


class Content:
    """What learners of a release's unit get, by the digest of its tar."""

    def __init__(self, blobs: Blobs):
        self._blobs = blobs
        self._files = lru_cache(maxsize=64)(self._read)

    def intro(self, digest: str, unit: Unit, lang: str) -> Markup:
        """Return the instructions in ``lang``, in Chinese when there is no such text."""
        files = self._files(digest)
        name = unit.intro
        stem, _, ending = name.rpartition(".")
        data = files.get(f"{stem}.{lang}.{ending}") or files.get(name) or b""
        text = data.decode("utf-8", "replace")
        # The page has the unit's title as its heading already.
        first, _, rest = text.lstrip().partition("\n")
        return course_markdown(rest if first.startswith("# ") else text)

    def data_file(self, digest: str, unit: Unit, name: str) -> bytes | None:
        """Return a data file that the unit names, None for any other name."""
        if name not in {item.file for item in unit.data}:
            return None
        return self._files(digest).get(name)

    def _read(self, digest: str) -> dict[str, bytes]:
        with self._blobs.open(digest) as tar:
            return {
                one.name: one.content.read()
                for one in members(chunks_of(tar), OURS)
                if one.size <= MOST_BYTES
            }
