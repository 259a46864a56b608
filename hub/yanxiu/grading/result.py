"""What grading a job comes to: a report, or a failure with a code.

Shared by ``job`` (our two runs) and ``in_kernel`` (an nbgrader course's one).
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from yanxiu_formats.bundle import OURS, BadBundle, Files, members

from .client import Lease, Records, spooled

_CHUNK = 64 * 1024


class Failure(Exception):
    """The job cannot be graded; ``code`` is for the organizer, ``retry`` for the queue."""

    def __init__(self, code: str, *, retry: bool = False):
        super().__init__(code)
        self.code = code
        self.retry = retry


@dataclass(frozen=True)
class Result:
    """What records is told of a graded job.

    :param executed: the notebook that graders read, and ``rendered`` its cells as HTML
    """

    report: dict[str, Any]
    executed: bytes | None = None
    rendered: bytes | None = None

    @property
    def outcome(self) -> str:
        """Return how run A ended, in one word for the log."""
        run_a = self.report["run_a"]
        return "form" if run_a is None else str(run_a["reason"] or run_a["outcome"])


def fetch_files(records: Records, lease: Lease, what: str) -> Files:
    """Return the files of one of a job's archives, to be closed; checking ours costs nothing.

    :raises Failure: it is no archive that may be unpacked
    """
    with ExitStack() as opened:
        tar = opened.enter_context(records.fetch(lease, what))
        files = opened.enter_context(Files(spooled()))
        try:
            for member in members(iter(lambda: tar.read(_CHUNK), b""), OURS):
                files.add(member)
        except BadBundle as error:
            raise Failure(f"{what}_{error.code.removeprefix('bundle.')}") from None
        opened.pop_all()
        tar.close()
        return files


class Merged(Mapping[str, bytes]):
    """Files of several folders under one roof: each is read when it is asked for.

    :param sources: for each name, the files among which it is

    >>> mine, ours = {"a": b"1", "b": b"2"}, {"b": b"3"}
    >>> dict(Merged({"a": mine, "b": ours}))
    {'a': b'1', 'b': b'3'}
    """

    def __init__(self, sources: Mapping[str, Mapping[str, bytes]]):
        self._sources = sources

    def __getitem__(self, name: str) -> bytes:
        return self._sources[name][name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)
