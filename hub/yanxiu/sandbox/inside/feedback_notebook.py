"""Make the notebook of an nbgrader course that people read: true sources, no hidden test.

Decides what is believed of a run that the learner's code shared: outputs alone, and only
beside the source they belong to. The sources are those handed in, the locked cells those of
the course. Hidden tests are taken out, and with them every output that quotes one: a failed
assertion prints the line that failed. Pure; called by ``show``, and by ``nbgrade`` before it runs.
"""

import re
from collections.abc import Mapping
from typing import Any

from yanxiu_formats.notebooks import BadNotebook

from . import outputs as run_outputs
from . import prepare

#: Shorter lines (``x = 1``) stand in anybody's code and would hide honest output.
SHORTEST = 8
_MARKED = re.compile(r"[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*", re.DOTALL)
HIDDEN_NOTE = (
    "此格含隐藏测试，输出不显示。 / This cell has hidden tests; its output is not shown.\n"
)


def make(submitted: bytes, grading: bytes, release: bytes, ran: Any | None) -> bytes:
    """Return the notebook to show.

    :param submitted: what was handed in
    :param grading: the course's version with hidden tests and without solutions
    :param release: the course's version that learners get
    :param ran: the executed notebook as the sandbox wrote it, if it did
    """
    book = prepare.read(submitted)
    course, public = _by_id(grading), _by_id(release)
    secrets = hidden_lines(grading, release)
    outputs = _outputs(ran)
    left = run_outputs.MAX_TOTAL
    # nbgrader keeps the id of the last copy of a cell and forgets those before it.
    last = {prepare.grade_id(cell): at for at, cell in enumerate(book["cells"])}
    for at, cell in enumerate(book["cells"]):
        name = prepare.grade_id(cell)
        known = course.get(name) if last.get(name) == at else None
        cell["metadata"].pop("nbgrader", None)
        if known is not None:
            cell["metadata"]["nbgrader"] = known["metadata"]["nbgrader"]
            if is_locked(known["metadata"]["nbgrader"]):
                _overwrite(cell, known)
        if cell["cell_type"] != "code":
            continue
        mine = outputs[at] if at < len(outputs) else None
        cell["outputs"] = []
        if mine is not None and mine[0] == cell["source"]:
            cell["outputs"], left = run_outputs.tidy(mine[1], left)
        # A test with something hidden in it; a learner's own cell differs from the release too.
        hides = known is not None and known["source"] != public.get(name, {}).get("source")
        if cell["outputs"] and (hides or _quotes(cell["outputs"], secrets)):
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": HIDDEN_NOTE}]
    for at, cell in enumerate(book["cells"]):
        name = prepare.grade_id(cell)
        if last.get(name) != at or not is_locked(cell["metadata"].get("nbgrader", {})):
            continue
        # One that the release leaves out is known by nobody who was not told: nothing of it.
        cell["source"] = public[name]["source"] if name in public else ""
    prepare.number(book["cells"])
    return prepare.write(book)


def settled(submitted: bytes, grading: bytes) -> bytes:
    """Return a learner's notebook as nbgrader grades it whatever happened to it on the way.

    nbgrader gives a whole notebook up for one mark or one field that it does not expect. So
    the notebook is made anew, and each cell of the course has the mark that the course gave
    it: the last copy of it alone, as nbgrader means it (``DeduplicateIds``, which leaves
    cells that are none to its own next step).
    """
    book, course = prepare.read(submitted), _by_id(grading)
    seen: set[str] = set()
    for cell in reversed(book["cells"]):
        name = prepare.grade_id(cell)
        cell["metadata"].pop("nbgrader", None)
        if name in course and name not in seen:
            cell["metadata"]["nbgrader"] = course[name]["metadata"]["nbgrader"]
            seen.add(name)
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    prepare.number(book["cells"])
    return prepare.write(book)


def join(notebooks: Mapping[str, bytes]) -> bytes:
    """Return several notebooks as one to read; each cell's metadata tell which it is of.

    Every notebook begins with a heading cell of ours, also marked in its metadata.
    """
    cells: list[dict[str, Any]] = []
    for name, data in notebooks.items():
        book = prepare.read(data)
        heading = {"cell_type": "markdown", "source": f"## {name}", "metadata": {}}
        for cell in (heading, *book["cells"]):
            cell["metadata"]["yanxiu"] = {"notebook": name, "heading": cell is heading}
            cells.append(cell)
    prepare.number(cells)
    metadata = {"language_info": {"name": "python"}}
    return prepare.write({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def without_marked(notebook: bytes) -> bytes:
    """Take hidden tests out that are still marked as such, with the tracebacks that quote them.

    None should be: ``make`` took them out, and notebooks of ours have none. Learners read this.
    """
    if b"BEGIN HIDDEN TESTS" not in notebook:
        return notebook
    book = prepare.read_ours(notebook)
    for cell in book["cells"]:
        if _MARKED.search(cell["source"]):
            cell["source"] = _MARKED.sub("# …", cell["source"])
            if "outputs" in cell:
                kept = [one for one in cell["outputs"] if one.get("output_type") != "error"]
                cell["outputs"] = kept
    prepare.number(book["cells"])
    return prepare.write(book)


def hidden_lines(grading: bytes, release: bytes) -> frozenset[str]:
    """Return the lines of hidden tests that could not be anybody's own by chance."""
    public = _by_id(release)
    found: set[str] = set()
    for name, cell in _by_id(grading).items():
        known = public[name]["source"].splitlines() if name in public else []
        found |= {line.strip() for line in cell["source"].splitlines()} - {
            line.strip() for line in known
        }
    return frozenset(line for line in found if len(line) >= SHORTEST)


def is_locked(settings: dict[str, Any]) -> bool:
    """Say what nbgrader's ``is_locked`` says: tests always are, answers never."""
    if settings.get("solution"):
        return False
    return bool(settings.get("grade") or settings.get("locked"))


def _by_id(notebook: bytes) -> dict[str, dict[str, Any]]:
    cells = {prepare.grade_id(cell): cell for cell in prepare.read_ours(notebook)["cells"]}
    cells.pop("", None)
    return cells


def _overwrite(cell: dict[str, Any], known: dict[str, Any]) -> None:
    cell["cell_type"], cell["source"] = known["cell_type"], known["source"]
    if cell["cell_type"] != "code":
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
    else:
        cell["execution_count"] = None


def _quotes(outputs: list[dict[str, Any]], secrets: frozenset[str]) -> bool:
    # As people read it: without colours, which stand between the words of a traceback.
    text = run_outputs.ANSI.sub("", "\n".join(_texts(outputs)))
    return any(secret in text for secret in secrets)


def _texts(thing: Any) -> list[str]:
    if isinstance(thing, str):
        return [thing]
    if isinstance(thing, dict):
        thing = list(thing.values())
    return [text for one in thing for text in _texts(one)] if isinstance(thing, list) else []


def _outputs(ran: Any) -> list[tuple[str, list[Any]]]:
    """Return ``(source, outputs)`` of each cell that a sandbox says it executed."""
    try:
        cells = prepare.made(ran)["cells"]
    except BadNotebook:
        return []
    return [(cell["source"], cell.get("outputs", [])) for cell in cells]
