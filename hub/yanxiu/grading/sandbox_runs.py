"""Run A and run B: two sandboxes that share nothing but the declared answers.

And ``nbgrade``, the one run of an nbgrader course, in which there is nothing not shared; and
``show``, which makes what people read: this process parses no notebook.

Decides what goes into each sandbox and what is taken out of it. Run A gets the learner's
folder and no test; run B gets the tests and the answers and no line of the learner's.
Does not decide what an outcome is worth (``job`` does) nor how a sandbox is made (the
launcher does; contract: docs/reference/launcher.md).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yanxiu_formats.answers_file import ANSWERS, MAX_BYTES

from yanxiu.errors import Refused
from yanxiu.sandbox.boxes import read_left, write
from yanxiu.sandbox.client import LauncherGone, SyncLauncher
from yanxiu.sandbox.limits import MB
from yanxiu.settings.limits import RUN

#: What may be read back of run A, in bytes.
EXECUTE_FILES = {
    "executed.ipynb": 32 * 1024 * 1024,
    ANSWERS: MAX_BYTES,
    "result.json": 65536,
}
SHOW_FILES = {
    "executed.ipynb": 30_000_000,
    "executed.html": 30_000_000,
    "answers.json": 4_000_000,
    "result.json": 1_000_000,
}
#: Looking at a notebook is ours and takes a second; what needs more is there to need more.
SHOW_LIMITS = {"memory_mb": 768, "cpu_s": 60, "wall_s": 180, "processes": 16}
SCORE_FILES = {"scores.json": 1024 * 1024}
NBGRADE_FILES = {"executed.json": 32 * 1024 * 1024, "result.json": 1024 * 1024}
#: Scoring is ours and takes a second; whoever waits this long waits for nothing.
SCORE_WALL_S = 60
CELL_TIMEOUT_S = 60
#: Where no control group kills, allocations fail somewhat before the limit is reached.
NEARLY = 0.9
REASONS = frozenset({"timeout", "output", "memory", "kernel_died"})


class LauncherAway(Exception):
    """The launcher does not answer or will not take the run: nothing the learner did."""


@dataclass(frozen=True)
class Ran:
    """How a run ended, and the files that it left and that may be read."""

    outcome: str
    figures: dict[str, Any]
    files: dict[str, bytes]

    def summary(self) -> dict[str, Any]:
        """Return what records keeps of a run: codes and figures, no text of the learner's."""
        return {"outcome": self.outcome} | self.figures


#: Told the handle while a run may be stopped, and None when it is over.
Announce = Callable[[str | None], None]


def execute(
    launcher: SyncLauncher,
    folder: Mapping[str, bytes],
    notebook: str,
    release: bytes,
    limits: Mapping[str, Any],
    announce: Announce,
) -> Ran:
    """Run A: execute ``notebook`` in a copy of the learner's ``folder``.

    :param release: the notebook as learners got it, whose locked cells are put back
    """
    limits = dict(limits)
    cell_timeout_s = float(limits.pop("cell_timeout_s", CELL_TIMEOUT_S))
    job = {
        "notebook": notebook,
        # A cell that never ends must lose to its own clock, not to the run's: so that the
        # cells before it keep their outputs and the answers their place.
        "cell_timeout_s": min(cell_timeout_s, 0.8 * float(limits.get("wall_s", RUN.wall_s or 60))),
        "output_mb": limits.get("output_mb", RUN.output_mb),
    }
    about = {"job.json": json.dumps(job).encode(), "release.ipynb": release}
    inbox = {"work": folder, "": about}
    return _run(launcher, "execute", inbox, EXECUTE_FILES, limits, announce)


def show(
    launcher: SyncLauncher,
    inbox: Mapping[str, Mapping[str, bytes]],
    job: Mapping[str, Any],
    announce: Announce,
) -> Ran:
    """Make what people read, in a run in which nothing of the learner's is executed.

    :param inbox: files by folder, as docs/reference/launcher.md has them
    """
    about = {**inbox.get("", {}), "job.json": json.dumps(job).encode()}
    inbox = {**inbox, "": about}
    return _run(launcher, "show", inbox, SHOW_FILES, SHOW_LIMITS, announce)


def score(
    launcher: SyncLauncher,
    scoring: Mapping[str, bytes],
    answers: bytes,
    limits: Mapping[str, Any],
    announce: Announce,
) -> Ran:
    """Run B: score ``answers`` with the release's hidden ``scoring`` files."""
    inbox = {"scoring": scoring, "": {ANSWERS: answers}}
    limits = {**limits, "wall_s": SCORE_WALL_S}
    return _run(launcher, "score", inbox, SCORE_FILES, limits, announce)


def nbgrade(
    launcher: SyncLauncher,
    grading: Mapping[str, bytes],
    submitted: Mapping[str, bytes],
    notebooks: Sequence[str],
    limits: Mapping[str, Any],
    announce: Announce,
) -> Ran:
    """The one run of an nbgrader course: the learner's notebooks, and its tests in their kernel.

    :param grading: the course's side without solutions
    """
    limits = dict(limits)
    cell_timeout_s = float(limits.pop("cell_timeout_s", CELL_TIMEOUT_S))
    wall_s = float(limits.get("wall_s", RUN.wall_s or 60))
    job = {
        "notebooks": list(notebooks),
        # Several cells that never end must lose to their own clocks before the run's ends.
        "cell_timeout_s": max(1, int(min(cell_timeout_s, 0.4 * wall_s))),
        "output_mb": limits.get("output_mb", RUN.output_mb),
    }
    about = {"job.json": json.dumps(job).encode()}
    inbox = {"grading": grading, "submitted": submitted, "": about}
    return _run(launcher, "nbgrade", inbox, NBGRADE_FILES, limits, announce)


def what_happened(ran: Ran, memory_mb: float) -> dict[str, Any]:
    """Return how run A went inside: ``{"failed_cells", "reason"}``.

    The learner's code could have written ``result.json``: so only a count and a known
    word are taken from it, and nothing depends on them but a sentence. What the launcher
    saw comes first: a kernel that was killed for its memory has "died" only from inside, and
    one that has no byte left for its reply is "late".

    :param memory_mb: what the run was allowed
    """
    if ran.outcome not in ("ok", "failed"):
        return {"failed_cells": 0, "reason": ran.outcome}
    if ran.outcome == "failed" and "result.json" not in ran.files:
        return {"failed_cells": 0, "reason": "failed"}
    try:
        found = json.loads(ran.files.get("result.json", b"{}"))
        failed, reason = found.get("failed_cells", []), found.get("reason")
    except (ValueError, AttributeError, RecursionError):
        failed, reason = [], None
    starved = (ran.figures.get("peak_bytes") or 0) >= NEARLY * memory_mb * MB
    if starved and reason in ("timeout", "kernel_died"):
        reason = "memory"
    count = len(failed) if isinstance(failed, list) else failed
    return {
        "failed_cells": count if isinstance(count, int) and 0 <= count < 10_000 else 0,
        "reason": reason if isinstance(reason, str) and reason in REASONS else None,
    }


def told(ran: Ran, name: str = "result.json") -> dict[str, Any]:
    """Return what ``show`` says in one of its files; empty when it did not come so far."""
    try:
        found = json.loads(ran.files.get(name, b"{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _run(
    launcher: SyncLauncher,
    program: str,
    inbox: Mapping[str, Mapping[str, bytes]],
    wanted: Mapping[str, int],
    limits: Mapping[str, Any],
    announce: Announce,
) -> Ran:
    try:
        with launcher.job() as job:
            for folder, files in inbox.items():
                write(files, job.inbox / folder)
            announce(job.handle)
            try:
                ended = job.run(program, limits)
            finally:
                announce(None)
            left = {
                name: content
                for name, most in wanted.items()
                if (content := read_left(job.outbox / name, most)) is not None
            }
    except (LauncherGone, Refused) as error:
        raise LauncherAway(str(error)) from None
    figures = {name: getattr(ended, name) for name in ("wall_s", "cpu_s", "peak_bytes")}
    return Ran(outcome=ended.outcome, figures=figures, files=left)
