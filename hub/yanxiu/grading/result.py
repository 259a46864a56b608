"""What grading a job comes to: a report, or a failure with a code.

Shared by ``job`` (our two runs) and ``in_kernel`` (an nbgrader course's one).
"""

from dataclasses import dataclass
from typing import Any

from yanxiu_formats.bundle import BadBundle, unpack

from .client import Lease, Records


class Failure(Exception):
    """The job cannot be graded; ``code`` is for the organizer, ``retry`` for the queue."""

    def __init__(self, code: str, *, retry: bool = False):
        super().__init__(code)
        self.code = code
        self.retry = retry


@dataclass(frozen=True)
class Result:
    """What records is told of a graded job; ``executed`` is the notebook that graders read."""

    report: dict[str, Any]
    executed: bytes | None

    @property
    def outcome(self) -> str:
        """Return how run A ended, in one word for the log."""
        run_a = self.report["run_a"]
        return "form" if run_a is None else str(run_a["reason"] or run_a["outcome"])


def fetch_files(records: Records, lease: Lease, what: str) -> dict[str, bytes]:
    """Return the files of one of a job's archives; checking what is ours costs nothing.

    :raises Failure: it is no archive that may be unpacked
    """
    try:
        return unpack(records.fetch(lease, what))
    except BadBundle as error:
        raise Failure(f"{what}_{error.code.removeprefix('bundle.')}") from None
