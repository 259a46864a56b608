"""What a unit of either kind looks like as an nbgrader assignment. Pure.

A unit of an nbgrader course becomes what it was. One of ours becomes an assignment whose
task cells are all marked by hand: its points come from our two runs and from people, and
nbgrader's autograder must not take an executed cell for a right answer.
Called by ``work.verbs.export_course``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yanxiu_formats.units import NbgraderUnit, Unit

from .folder import GRADING, NOTEBOOK, SOURCE, Files
from .reading import settings_of, write


@dataclass(frozen=True)
class Cell:
    """A graded cell and the task it is.

    :param notebook: without ``.ipynb``, as nbgrader names it
    """

    task: str
    notebook: str
    grade_id: str


@dataclass(frozen=True)
class Assignment:
    """An assignment to write.

    :param grading: its notebooks as nbgrader's gradebook knows them, by file name
    """

    name: str
    source: Files
    release: Files
    grading: Files
    cells: tuple[Cell, ...]


def assignment(unit: Unit, learner: Files, scoring: Files) -> Assignment:
    """Return a unit as an assignment.

    :param learner: what learners get
    :param scoring: what never leaves the platform otherwise
    """
    if isinstance(unit, NbgraderUnit):
        notebooks = unit.notebooks
        return Assignment(
            unit.assignment,
            _below(scoring, SOURCE),
            learner,
            {name: data for name, data in _below(scoring, GRADING).items() if name in notebooks},
            tuple(
                Cell(task.id, task.notebook.removesuffix(NOTEBOOK), task.grade_id)
                for task in unit.tasks
            ),
        )
    name = unit.notebook
    stem = name.removesuffix(NOTEBOOK)
    book = by_hand(learner[name], unit)
    return Assignment(
        unit.id,
        {**learner, name: book},
        {**learner, name: book},
        {name: book},
        tuple(Cell(task.id, stem, task.id) for task in unit.tasks),
    )


def by_hand(notebook: bytes, unit: Unit) -> bytes:
    """Mark the task cells of one of our notebooks as cells that a person gives points for."""
    import nbformat
    from nbgrader.preprocessors import ComputeChecksums

    points = {task.id: float(task.points) for task in unit.tasks}
    book = nbformat.from_dict(json.loads(notebook))
    for cell in book.cells:
        if isinstance(cell.source, list):
            cell.source = "".join(cell.source)
        mark = settings_of(cell)
        if mark.get("grade_id") in points:
            mark.update(grade=True, solution=True, locked=False, points=points[mark["grade_id"]])
    book, _ = ComputeChecksums().preprocess(book, {})
    return write(book)


def autograded(executed: bytes, about: Assignment) -> Files:
    """Return an executed notebook as the files that nbgrader's ``autograded`` would hold.

    Cells get nbgrader's settings of the assignment, locked ones its source, hidden tests too.
    """
    known = {
        (name, settings_of(cell).get("grade_id")): cell
        for name, data in about.grading.items()
        for cell in json.loads(data)["cells"]
    }
    only = next(iter(about.grading)) if len(about.grading) == 1 else None
    book = json.loads(executed)
    cells: dict[str, list[dict[str, Any]]] = {}
    for cell in book["cells"]:
        of = cell["metadata"].pop("yanxiu", None) or {}
        name = of.get("notebook", only)
        if name not in about.grading or of.get("heading"):
            continue
        course = known.get((name, settings_of(cell).get("grade_id")))
        if course is not None:
            mark = settings_of(course)
            cell["metadata"]["nbgrader"] = mark
            if not mark.get("solution") and (mark.get("grade") or mark.get("locked")):
                cell["source"] = course["source"]
        cells.setdefault(name, []).append(cell)
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": book["metadata"]}
    return {name: json.dumps({**whole, "cells": some}).encode() for name, some in cells.items()}


def unexecuted(about: Assignment, answers: Mapping[str, Any]) -> Files:
    """Return the notebooks of work that has none of its own: a form's answers beside the tasks."""
    tasks = {(f"{cell.notebook}{NOTEBOOK}", cell.grade_id): cell.task for cell in about.cells}
    made = {}
    for name, data in about.grading.items():
        book = json.loads(data)
        for cell in book["cells"]:
            task = tasks.get((name, settings_of(cell).get("grade_id") or ""))
            if task and cell["cell_type"] == "code" and answers.get(task) is not None:
                text = json.dumps(answers[task], ensure_ascii=False, indent=1)
                shown = {"text/plain": text}
                cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": shown}]
        made[name] = json.dumps(book).encode()
    return made


def without_hidden(notebook: bytes, release: bytes) -> bytes:
    """Return an autograded notebook with the sources that learners got."""
    public = {settings_of(cell).get("grade_id"): cell for cell in json.loads(release)["cells"]}
    book = json.loads(notebook)
    for cell in book["cells"]:
        mark = settings_of(cell)
        known = public.get(mark.get("grade_id")) if mark.get("grade_id") else None
        if known is not None and not mark.get("solution"):
            cell["source"] = known["source"]
    return json.dumps(book).encode()


def _below(files: Files, folder: str) -> Files:
    prefix = f"{folder}/"
    return {
        name.removeprefix(prefix): data for name, data in files.items() if name.startswith(prefix)
    }
