"""The stock side of ``autograde``: a course folder of nbgrader's, and nbgrader at work in it."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.support import processes, stock_env, unit

ASSIGNMENT = "ps1"
POINTS = 40.0


@dataclass
class Nbgrader:
    """A running nbgrader that grades on demand.

    :param graded: students so far
    """

    folder: Path
    process: "subprocess.Popen[str]"
    graded: int = 0

    def grade(self, count: int) -> float:
        """Let it grade ``count`` new students' work; return the seconds that it took."""
        students = [f"s{self.graded + n}" for n in range(count)]
        self.graded += count
        for student in students:
            _write(self.folder / "submitted" / student / ASSIGNMENT, hidden=False)
        done = json.loads(self._ask(json.dumps(students)))
        if done["points"] != [POINTS] * count:
            raise RuntimeError(f"nbgrader gave {done['points']}")
        return float(done["seconds"])

    def _ask(self, line: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> str:
        """Return its next line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            log = (self.folder / "nbgrader.log").read_text(errors="replace")
            raise RuntimeError(f"nbgrader ended:\n{log[-2000:]}")
        return line


@contextlib.contextmanager
def nbgrader(folder: Path) -> Iterator[Nbgrader]:
    """Run nbgrader in a course folder of its own for a block."""
    _write(folder / "source" / ASSIGNMENT, hidden=True)
    command = [str(stock_env.BIN / "python"), str(stock_env.STOCK / "nbgrader_serial.py")]
    with (folder / "nbgrader.log").open("wb") as log:
        process = psutil.Popen(
            [*command, str(folder)],
            env=stock_env.environment(folder),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        one = Nbgrader(folder, process)
        one.answer()
        yield one
    finally:
        processes.end(process)


def _write(folder: Path, *, hidden: bool) -> None:
    """Write the notebook, with the tests as the teacher or as the learner has them."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "quiz.csv").write_text(unit.QUIZ)
    tests = {
        "test_missing": f"assert missing == {unit.MISSING}",
        "test_best": f"assert best == {unit.BEST!r}",
    }
    if hidden:
        tests = {
            key: f"### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
            for key, test in tests.items()
        }
    else:
        tests = dict.fromkeys(tests, "")
    cells: list[dict[str, Any]] = [
        {"id": f"c{n}", "cell_type": "code", "source": source, "metadata": {}}
        for n, source in enumerate(unit.CELLS)
    ]
    for key, test in tests.items():
        grading = {
            "grade": True,
            "grade_id": key,
            "locked": True,
            "points": 20,
            "schema_version": 3,
            "solution": False,
            "task": False,
            "cell_type": "code",
        }
        metadata = {"nbgrader": grading}
        cells.append({"id": key, "cell_type": "code", "source": test, "metadata": metadata})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": [{**cell, "outputs": [], "execution_count": None} for cell in cells],
    }
    (folder / unit.NOTEBOOK).write_text(json.dumps(whole))
