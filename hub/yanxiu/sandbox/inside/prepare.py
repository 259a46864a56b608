"""Put a learner's notebook back into the shape of its release before it is executed.

Decides what of a submitted notebook counts: the cells the release marks as locked are
the release's again, wherever they were edited, deleted, doubled or moved; the learner's
own cells stay, their old outputs go, and of their metadata only what is known here, whose
size is known too. nbgrader's ``OverwriteCells`` does this for grade cells against a gradebook
database and adds none of the locked cells back, so the rule is written out here. Pure: bytes
to bytes; they may be anybody's, so it is called inside runs alone (``execute``, ``show``, ``nbgrade``).
"""

import copy
import json
import math
from typing import Any

from yanxiu_formats import notebooks
from yanxiu_formats.notebooks import BadNotebook, Cell, Notebook

#: The longest text in metadata, in characters, and the most tags of a cell.
MAX_WORD, MAX_TAGS = 200, 50


def prepare(submitted: bytes, release: bytes) -> bytes:
    """Return the notebook to execute, in the order and with the locked cells of ``release``.

    :param submitted: what the learner handed in
    :param release: the notebook of the release they were given
    :raises BadNotebook: ``submitted`` is none that the door would take
    """
    ours = read_ours(release)
    wanted = {grade_id(cell): cell for cell in ours["cells"] if grade_id(cell)}
    cells = _put_back(_first_of_each(read(submitted)["cells"], wanted), list(wanted))
    restored = [
        _restore(cell, wanted[name]) if (name := grade_id(cell)) in wanted else _own(cell)
        for cell in cells
    ]
    number(restored)
    # The release's kernel and language: a notebook does not choose what executes it.
    return write(_notebook(restored, ours["metadata"]))


def restored(submitted: bytes, release: bytes) -> list[str]:
    """Return the locked cells of ``release`` that ``prepare`` had to put back, by grade_id.

    Deleted, doubled, edited or turned into another kind of cell. Mere order is not counted:
    nothing of it is lost.

    :raises BadNotebook: ``submitted`` is none that the door would take
    """
    found: dict[str, list[Cell]] = {}
    for cell in read(submitted)["cells"]:
        found.setdefault(grade_id(cell), []).append(cell)
    locked = {
        grade_id(cell): cell
        for cell in read_ours(release)["cells"]
        if grade_id(cell) and _is_locked(cell)
    }
    return [
        name
        for name, cell in locked.items()
        if [(one["cell_type"], one["source"]) for one in found.get(name, [])]
        != [(cell["cell_type"], cell["source"])]
    ]


def read(raw: bytes) -> Notebook:
    """Return the notebook that a learner's file holds, with nothing in it that has no place there.

    :raises BadNotebook: the door would not take it either
    """
    return known(notebooks.read(raw, bounded=False))


def made(found: Any) -> Notebook:
    """Return the same of a notebook that a run left, as JSON that was read already.

    :raises BadNotebook: it is none
    """
    return known(notebooks.mend(found), "widgets")


def left(raw: bytes) -> Notebook:
    """Return the same of a file that a run left. :raises BadNotebook: it is none"""
    try:
        return made(json.loads(raw))
    except (ValueError, RecursionError):
        raise BadNotebook("notebook.not_one") from None


def known(book: Notebook, *more: str) -> Notebook:
    """Take from a notebook all metadata that nothing here goes by."""
    for cell in book["cells"]:
        cell["metadata"] = _known_metadata(cell["metadata"])
    book["metadata"] = {
        name: kept
        for name in ("kernelspec", "language_info")
        if (kept := _words(book["metadata"].get(name)))
    } | {name: book["metadata"][name] for name in more if name in book["metadata"]}
    return book


def read_ours(raw: bytes) -> Notebook:
    """Return a notebook of the course, whose metadata are kept whole."""
    return notebooks.read(raw, bounded=False)


def write(notebook: Notebook) -> bytes:
    """Return ``notebook`` as UTF-8 JSON; what ``read`` gives is valid nbformat 4."""
    return notebooks.write(notebook)


def grade_id(cell: Cell) -> str:
    """Return the nbgrader id of a cell, or "" if it has none (or one of no use)."""
    nbgrader = cell["metadata"].get("nbgrader")
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return name if isinstance(name, str) else ""


def _notebook(cells: list[Cell], metadata: dict[str, Any]) -> Notebook:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def _known_metadata(found: dict[str, Any]) -> dict[str, Any]:
    """Return what of a cell's metadata anything here goes by: a stranger's may be of any size."""
    kept: dict[str, Any] = {}
    if mark := _words(found.get("nbgrader")):
        kept["nbgrader"] = mark
    if folded := {k: v for k, v in _words(found.get("jupyter")).items() if isinstance(v, bool)}:
        kept["jupyter"] = folded
    if isinstance(found.get("collapsed"), bool):
        kept["collapsed"] = found["collapsed"]
    tags = found.get("tags")
    if isinstance(tags, list):
        words = [tag for tag in tags[:MAX_TAGS] if len(tag) <= MAX_WORD]
        kept["tags"] = words
    return kept


def _words(found: Any) -> dict[str, Any]:
    """Return the short texts, numbers and switches of an object, nothing for anything else."""
    if not isinstance(found, dict) or len(found) > MAX_TAGS:
        return {}
    return {
        name: value
        for name, value in found.items()
        if value is None or isinstance(value, bool | int | float | str)
        if len(name) <= MAX_WORD and len(str(value)) <= MAX_WORD
        if not isinstance(value, float) or math.isfinite(value)
    }


def _first_of_each(cells: list[Cell], wanted: dict[str, Cell]) -> list[Cell]:
    """Keep one of each cell of the release: copying or splitting a cell in Lab copies its id too.

    Later copies of a locked cell go; of one that the learner writes in they are the
    learner's own work, and stay as cells of theirs.
    """
    seen: set[str] = set()
    kept = []
    for cell in cells:
        name = grade_id(cell)
        if name not in seen:
            kept.append(cell)
        elif not _is_locked(wanted[name]):
            kept.append({**cell, "metadata": {}})
        if name in wanted:
            seen.add(name)
    return kept


def _is_locked(cell: Cell) -> bool:
    return bool(cell["metadata"]["nbgrader"].get("locked"))


def _put_back(cells: list[Cell], order: list[str]) -> list[Cell]:
    """Return ``cells`` with the release's in the release's order and the missing ones back.

    The places that the release's cells have among the learner's own stay where they are;
    a missing cell comes right after its predecessor, or first.
    """
    there = {grade_id(cell): cell for cell in cells if grade_id(cell) in order}
    in_order = iter([name for name in order if name in there])
    slots = [next(in_order) if grade_id(cell) in there else None for cell in cells]
    placed = [
        cell if name is None else there[name] for cell, name in zip(cells, slots, strict=True)
    ]
    for position, name in enumerate(order):
        if name not in there:
            names = [grade_id(cell) for cell in placed]
            after = names.index(order[position - 1]) + 1 if position else 0
            placed.insert(after, {"metadata": {"nbgrader": {"grade_id": name}}, "missing": True})
    return placed


def _restore(cell: Cell, released: Cell) -> Cell:
    """Return the release's cell; of the learner's, the source alone, where it was theirs to write."""
    fresh = copy.deepcopy(released)
    if not _is_locked(fresh) and "missing" not in cell:
        fresh["source"] = cell["source"]
    return _cleared(fresh)


def _own(cell: Cell) -> Cell:
    fresh = _cleared(copy.deepcopy(cell))
    fresh["metadata"].pop("nbgrader", None)
    return fresh


def _cleared(cell: Cell) -> Cell:
    if cell["cell_type"] == "code":
        cell["outputs"] = []
        cell["execution_count"] = None
    cell["metadata"].pop("execution", None)
    return cell


def number(cells: list[Cell]) -> None:
    """Give every cell its number for an id: the submitted ids may be missing or twice, and nothing refers to them."""
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
