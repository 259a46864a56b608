"""nbgrader courses for tests: its own quickstart course, and notebooks cell by cell."""

import json
import shutil
import uuid
from pathlib import Path
from typing import Any

import nbgrader
from yanxiu.work.verbs.submit import submit
from yanxiu_formats.bundle import pack
from yanxiu_formats.units import NbgraderUnit, unit_of

from tests.support.county import County

#: What ``nbgrader quickstart`` copies.
EXAMPLE = Path(nbgrader.__file__).parent / "docs/source/user_guide/source"
#: Small courses with faults that real ones have.
CASES = Path(__file__).parents[1] / "cases/courses"
SPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


def quickstart(folder: Path) -> Path:
    """Write the course that ``nbgrader quickstart course101`` makes; return its folder."""
    shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("ps1_autotest"))
    (folder / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.course_id = "course101"\n'
        'c.IncludeHeaderFooter.header = "source/header.ipynb"\n',
        "utf-8",
    )
    return folder


def task(task_id: str, kind: str, notebook: str, grade_id: str, points: float) -> dict[str, Any]:
    """Return a graded cell as a task of a unit."""
    text = {"zh_CN": grade_id, "en": grade_id}
    whole = {"id": "points", "title": text, "points": points, "levels": []}
    return {
        "id": task_id,
        "kind": kind,
        "type": "cell",
        "notebook": notebook,
        "grade_id": grade_id,
        "title": text,
        "prompt": text,
        "points": points,
        "criteria": [whole],
    }


def unit(*tasks: dict[str, Any]) -> NbgraderUnit:
    """Return a unit of an nbgrader course with these tasks."""
    total = sum(one["points"] for one in tasks)
    made = unit_of(
        {
            "id": "ps1",
            "kind": "nbgrader",
            "point": "",
            "assignment": "ps1",
            "title": {"zh_CN": "ps1", "en": "ps1"},
            "minutes": 0,
            "credit_hours": 0.0,
            "hours_kind": "online",
            "max_total": total,
            "pass_total": total / 2,
            "notebook": tasks[0]["notebook"],
            "notebooks": sorted({one["notebook"] for one in tasks}),
            "files": [],
            "tasks": list(tasks),
        }
    )
    assert isinstance(made, NbgraderUnit)
    return made


def cell(source: str, kind: str = "code", **nbgrader: Any) -> dict[str, Any]:
    """Return a cell; with ``grade_id`` and others it is one of nbgrader's."""
    found: dict[str, Any] = {"cell_type": kind, "source": source, "metadata": {}}
    if kind == "code":
        found |= {"outputs": [], "execution_count": None}
    if nbgrader:
        plain = {"grade": False, "solution": False, "locked": False, "task": False}
        found["metadata"]["nbgrader"] = {**plain, "schema_version": 3, **nbgrader}
    return found


def solution(name: str, source: str) -> dict[str, Any]:
    """Return a cell that the learner fills in."""
    return cell(f"### BEGIN SOLUTION\n{source}\n### END SOLUTION", solution=True, grade_id=name)


def test_cell(name: str, source: str, points: float = 1, hidden: str = "") -> dict[str, Any]:
    """Return a cell of tests, the hidden ones marked as nbgrader marks them."""
    if hidden:
        source += f"\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return cell(source, grade=True, locked=True, grade_id=name, points=points)


test_cell.__test__ = False  # type: ignore[attr-defined]


def manual(name: str, points: float = 2, kind: str = "markdown") -> dict[str, Any]:
    """Return a cell whose answer a person reads."""
    return cell("the answer", kind, grade=True, solution=True, grade_id=name, points=points)


def notebook(*cells: dict[str, Any], minor: int = 4, language: str = "python") -> bytes:
    """Return a notebook."""
    spec = {**SPEC, "language": language}
    whole = {"nbformat": 4, "nbformat_minor": minor, "metadata": {"kernelspec": spec}}
    return json.dumps({**whole, "cells": list(cells)}).encode()


def write(folder: Path, **assignments: dict[str, bytes]) -> Path:
    """Write a course of these assignments; return its folder."""
    for name, files in assignments.items():
        for file, data in files.items():
            path = folder / "source" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return folder


def hand_in(
    county: County, assignment_id: uuid.UUID, who: str, files: dict[str, bytes]
) -> uuid.UUID:
    """Hand in files as a teacher's server would; return the submission."""
    return submit(
        county.store,
        county.site,
        county.actor(who),
        assignment_id,
        iter([pack(files)]),
        via="jupyter",
    ).submission_id
