"""Grade a learner's notebooks the nbgrader way: its tests run in the learner's own kernel.

nbgrader's own ``Autograde`` does it, with a gradebook that lasts as long as the run. Reads
``/in``, works in ``/work``, writes ``/out``; docs/reference/launcher.md says what each file
holds. The learner's code shares this sandbox with the hidden tests and with the gradebook:
so what comes out is a proposal that a person confirms, never a grade.
Started by the launcher as ``python -m inside.nbgrade``.
"""

import contextlib
import glob
import json
import os
import shutil
import signal
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import feedback_notebook, paths, quick
from .execute import folders, leave

#: nbgrader's names for what has one name here; the real ones stay outside.
ASSIGNMENT, LEARNER = "assignment", "learner"
_EXIT_MEMORY = 86


def main() -> int:
    """Grade; returns the exit code."""
    isolated = os.environ.pop("YANXIU_ISOLATED", "") == "1"
    inbox, outbox, work = folders()
    paths.leave_programs()
    quick.leave_out()
    job = json.loads((inbox / "job.json").read_text())
    course = work / "course"
    shutil.copytree(inbox / "grading", course / "source" / ASSIGNMENT)
    submitted = course / "submitted" / LEARNER / ASSIGNMENT
    shutil.copytree(inbox / "submitted", submitted)
    os.chdir(work)
    settle(submitted, inbox / "grading", job["notebooks"])
    # nbgrader and nbconvert speak of their own future on every run.
    warnings.simplefilter("ignore")
    grader = Grader(course, job)
    results = [grader.grade(name) for name in job["notebooks"]]
    # The parent of a program in a sandbox is outside of it and has no number there.
    if isolated and os.getppid() == 0:
        # What a notebook left running may not change the results while they are written.
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
    executed = {one["name"]: grader.executed(one["name"]) for one in results}
    done = {name: book for name, book in executed.items() if book is not None}
    leave(outbox / "executed.json", json.dumps(done))
    leave(outbox / "result.json", json.dumps({"notebooks": results}))
    return _EXIT_MEMORY if any(one["reason"] == "memory" for one in results) else 0


def settle(folder: Path, grading: Path, names: Sequence[str]) -> None:
    """Mend in the learner's notebooks what nbgrader would stumble over."""
    for name in names:
        if (path := folder / name).is_file():
            mended = feedback_notebook.settled(path.read_bytes(), (grading / name).read_bytes())
            path.write_bytes(mended)


class Grader:
    """One submission and its gradebook.

    :param job: ``notebooks`` (names), ``cell_timeout_s``, ``output_mb``
    """

    def __init__(self, course: Path, job: dict[str, Any]):
        import nbgrader.api
        from nbgrader.api import Gradebook

        self.course, self.job = course, job
        #: The kind of error that nbgrader gave the last notebook up for.
        self.why: str | None = None
        self.url = f"sqlite:///{course / 'gradebook.db'}"
        # It would start a process to learn the version of tables that live for a minute.
        nbgrader.api.get_alembic_version = lambda: "none"
        with Gradebook(self.url) as book:
            book.add_assignment(ASSIGNMENT)
        for name in job["notebooks"]:
            self._save_cells(name)

    def _save_cells(self, name: str) -> None:
        """Tell the gradebook which cells a notebook has, as generating it would have done."""
        from nbgrader import nbgraderformat
        from nbgrader.preprocessors import SaveCells

        with (self.course / "source" / ASSIGNMENT / name).open(encoding="utf-8") as file:
            book = nbgraderformat.read(file, as_version=4)
        about = {"notebook": Path(name).stem, "assignment": ASSIGNMENT, "db_url": self.url}
        SaveCells().preprocess(book, {"nbgrader": about})

    def grade(self, name: str) -> dict[str, Any]:
        """Grade one notebook; whatever goes wrong in it is a reason, and the next has its turn."""
        from .bounded import Bounded

        if not (self.course / "submitted" / LEARNER / ASSIGNMENT / name).is_file():
            return self.result(name, "missing")
        Bounded.begin(int(self.job["output_mb"]) << 20)
        reason, self.why = None, None
        try:
            self._autograde(Path(name).stem)
        except MemoryError:
            reason = "memory"
        except (Exception, SystemExit) as error:  # nbgrader gives up in many ways
            reason, self.why = "refused", first(error)
        return self.result(name, Bounded.reason or reason)

    def _autograde(self, stem: str) -> None:
        from nbgrader.converters import Autograde
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config import Config

        from .bounded import Bounded

        config = Config()
        config.CourseDirectory.root = str(self.course)
        config.CourseDirectory.db_url = self.url
        config.Bounded.timeout = int(self.job["cell_timeout_s"])
        place = CourseDirectory(config=config)
        place.assignment_id, place.student_id = ASSIGNMENT, LEARNER
        place.notebook_id = glob.escape(stem)
        run = Autograde(coursedir=place, config=config)
        steps = run.autograde_preprocessors
        run.autograde_preprocessors = [Bounded, *steps[1:]]
        run.start()

    def result(self, name: str, reason: str | None) -> dict[str, Any]:
        """Return ``{"name", "reason", "why", "failed_cells", "cells": {grade_id: points}}``."""
        from nbgrader.api import Gradebook, MissingEntry

        cells: dict[str, float | None] = {}
        with Gradebook(self.url) as book:
            try:
                found = book.find_submission_notebook(Path(name).stem, ASSIGNMENT, LEARNER)
            except MissingEntry:
                found = None
            if found is not None and reason != "missing":
                cells = {grade.name: grade.auto_score for grade in found.grades}
        return {
            "name": name,
            "reason": reason,
            "why": self.why,
            "failed_cells": _failed(self.executed(name)),
            "cells": cells,
        }

    def executed(self, name: str) -> Any | None:
        """Return the notebook as it was executed, None if it was not."""
        path = self.course / "autograded" / LEARNER / ASSIGNMENT / name
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None


def first(error: BaseException) -> str:
    """Return the kind of the error that others were made of, without what it says."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return type(error).__name__


def _failed(book: Any) -> int:
    cells = book.get("cells", []) if isinstance(book, dict) else []
    return sum(
        any(out.get("output_type") == "error" for out in cell.get("outputs", [])) for cell in cells
    )


if __name__ == "__main__":
    sys.exit(main())
