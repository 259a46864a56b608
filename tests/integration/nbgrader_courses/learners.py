"""What learners make of the quickstart course: from nothing to tricks. And stock nbgrader's judgement."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.support.site import YANXIU

Files = dict[str, bytes]
FIRST = "problem1.ipynb"


def edited(files: Files, name: str = FIRST, drop: tuple[str, ...] = (), **sources: str) -> Files:
    """Return ``files`` with other sources in cells by grade_id (``-`` as ``_``)."""
    book = json.loads(files[name])
    kept = []
    for cell in book["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if grade_id in drop:
            continue
        cell["source"] = sources.get(grade_id.replace("-", "_"), cell["source"])
        kept.append(cell)
    return {**files, name: json.dumps({**book, "cells": kept}).encode()}


SQUARES = "def squares(n):\n    if n < 1:\n        raise ValueError(n)\n    return [i ** 2 for i in range(1, n + 1)]"
WORK = {
    "empty": lambda release, source: release,
    "solution": lambda release, source: {**source, "my.csv": b"1"},
    "half": lambda release, source: edited(
        release, squares=SQUARES, sum_of_squares_equation="$\\sum i^2$"
    ),
    "crash": lambda release, source: edited(
        release, squares=SQUARES, sum_of_squares="import os\nos._exit(1)"
    ),
    "error": lambda release, source: edited(source, squares="def squares(n):\n    return n / 0"),
    "tampered": lambda release, source: edited(release, correct_squares="pass"),
    "deleted": lambda release, source: edited(source, drop=("squares_invalid_input",)),
    "doubled": lambda release, source: doubled(source),
    "one": lambda release, source: {FIRST: source[FIRST]},
}


def doubled(files: Files) -> Files:
    """Copy the cell with the answer, as Lab's copy and paste does, and break the copy."""
    book = json.loads(files[FIRST])
    at, cell = next(
        (at, cell)
        for at, cell in enumerate(book["cells"])
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "squares"
    )
    copy = {**cell, "source": "def squares(n):\n    return []"}
    book["cells"].insert(at + 1, copy)
    return {**files, FIRST: json.dumps(book).encode()}


def folder_files(folder: Path) -> Files:
    """Return the files of a flat folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def stock(course: Path, where: Path, work: dict[str, Files]) -> dict[str, dict]:
    """Let nbgrader itself generate, take in and autograde; ``{student: {(notebook, id): auto}}``."""
    from nbgrader.api import Gradebook, MissingEntry

    shutil.copytree(course, where)
    nbgrader(where, "generate_assignment", "ps1")
    # These end nbgrader's whole command: they come after the rest, one by one.
    last = [{name} for name in ("crash", "doubled")]
    for students in (work.keys() - set.union(*last), *last):
        for student in students:
            folder = where / "submitted" / student / "ps1"
            folder.mkdir(parents=True)
            for name, data in work[student].items():
                (folder / name).write_bytes(data)
        nbgrader(where, "autograde", "ps1", fails=students in last)
    found = {}
    with Gradebook(f"sqlite:///{where}/gradebook.db") as book:
        for student in work:
            try:
                taken = book.find_submission("ps1", student)
            except MissingEntry:
                continue
            found[student] = {
                (f"{notebook.name}.ipynb", grade.name): grade.auto_score
                for notebook in taken.notebooks
                for grade in notebook.grades
            }
    return found


def nbgrader(where: Path, *arguments: str, fails: bool = False) -> str:
    """Run nbgrader's own command in a course."""
    done = subprocess.run(
        [YANXIU.with_name("nbgrader"), *arguments],
        cwd=where,
        check=False,
        capture_output=True,
        text=True,
        timeout=280,
        env=with_path(),
    )
    assert fails or done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def with_path() -> dict[str, str]:
    """Return an environment in which nbgrader finds alembic (it calls it by its bare name)."""
    return {**os.environ, "PATH": f"{YANXIU.parent}{os.pathsep}{os.environ['PATH']}"}
