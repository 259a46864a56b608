"""One page of a long list: which one the address names, and where it lies in the whole."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode


def named_id(text: str) -> uuid.UUID | None:
    """Return the id that the address names, None for anything odd."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def typed_words(text: str) -> str:
    """Return what somebody looks for, without what no name is as long as."""
    return text.strip()[:40]


def query_of(**named: object) -> str:
    """Return the query of an address that names these; what is empty is left out.

    >>> query_of(q="", school=None, page=2)
    'page=2'
    """
    return urlencode({key: str(value) for key, value in named.items() if value})


def page_number(text: str) -> int:
    """Return the page that the address names, the first for anything odd."""
    if not (text.isascii() and text.isdigit()):
        return 1
    # Python reads no number of thousands of digits.
    return max(1, min(int(text[:9]), MOST_PAGES))


#: Nobody pages further by hand; deep offsets only cost.
MOST_PAGES = 100_000


@dataclass(frozen=True)
class Pager:
    """One page of a list of ``total``."""

    page: int
    size: int
    total: int

    @classmethod
    def at(cls, asked: int, size: int, total: int) -> "Pager":
        """Return the page that was asked for, the last where there are not so many."""
        return cls(min(asked, max(1, -(-total // size))), size, total)

    @property
    def offset(self) -> int:
        """How many rows come before it."""
        return (self.page - 1) * self.size

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Number of the first row, 0 for an empty list."""
        return min((self.page - 1) * self.size + 1, self.total)

    @property
    def last(self) -> int:
        """Number of the last row."""
        return min(self.page * self.size, self.total)
