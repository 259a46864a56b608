"""What happens to notebooks by accident, and what is handed in all the same.

Decides which file of a folder is the unit's notebook when it was renamed or copied, what
of it need not travel (large outputs), and what the teacher is told about it. Never writes: a
folder is as it was afterwards, whatever is found. What a course's cells must be is put back
when the work is graded, so a cell that was deleted, doubled or edited stops nobody here.
Called by ``bundle``; a course of plain nbgrader is handed in as it is.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from yanxiu_formats import notebooks as formats
from yanxiu_formats.notebooks import BadNotebook
from yanxiu_formats.sentences import Said
from yanxiu_formats.units import WorksheetUnit, numbers_of

from nbgrader_yanxiu.errors import NotPacked
from nbgrader_yanxiu.words import say

#: Outputs are made anew when the work is graded; below this they are not worth a sentence.
OUTPUTS_BYTES = 1_000_000
#: Taking a notebook apart needs several times its size in memory.
MAX_NOTEBOOK_BYTES = 100_000_000
_TASK = re.compile(r"""worksheet\.task\(\s*["']([a-z][a-z0-9_]*)["']""")


@dataclass(frozen=True)
class Note:
    """One thing the teacher should know about what was handed in."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """Return the sentence in ``zh_CN`` or ``en``."""
        return say(self.name, lang, **self.params)


def repair(
    notebooks: Mapping[str, bytes],
    changed_at: Mapping[str, float],
    unit: WorksheetUnit,
    *,
    has_answers: bool,
) -> tuple[dict[str, bytes], list[Note]]:
    """Return the notebooks as they are handed in, and what there is to say.

    :param notebooks: every notebook of the folder, by name, as bytes
    :param changed_at: when each was changed last, in seconds
    :param has_answers: whether answers are kept beside the notebook
    :raises NotPacked: the notebook is broken, or it is not clear which one is meant
    """
    wanted = unit.notebook
    tasks = [task.id for task in unit.tasks]
    books, wrong = _read(notebooks)
    mine = {name for name, book in books.items() if set(_tasks(book)) & set(tasks)}
    sent, notes = dict(notebooks), []
    if wanted in notebooks and wanted not in books:
        raise NotPacked("notebook_broken", why=_why(wanted, wrong[wanted]))
    if wanted not in notebooks:
        name = _renamed(wanted, mine)
        if name is None:
            # Not a word when there never was a notebook: a form's answers are whole work.
            return sent, [Note("answers_only", {"notebook": wanted})] if has_answers else []
        sent[wanted], books[wanted] = sent.pop(name), books.pop(name)
        notes.append(Note("renamed", {"known": name, "notebook": wanted}))
    elif copies := [
        name for name in sorted(mine - {wanted}) if changed_at[name] > changed_at[wanted]
    ]:
        notes.append(Note("newer_copy", {"known": "、".join(copies), "notebook": wanted}))
    if touched := _touched(_tasks(books[wanted]), tasks):
        notes.append(Note("cells_put_back", {"tasks": numbers_of(unit, touched)}))
    for name, book in books.items():
        slim = _without_outputs(book)
        if slim is not None and len(sent[name]) - len(slim) > OUTPUTS_BYTES:
            size = f"{(len(sent[name]) - len(slim)) / 1e6:.0f} MB"
            notes.append(Note("outputs_left_out", {"known": name, "size": size}))
            sent[name] = slim
    return sent, notes


def judge(notebooks: Mapping[str, bytes], wanted: Collection[str]) -> None:
    """Refuse here, before anything is sent, what the service would refuse.

    :raises NotPacked: one of ``wanted`` is no notebook that could be graded
    """
    for name in wanted:
        if name in notebooks:
            try:
                formats.read(notebooks[name])
            except BadNotebook as error:
                raise NotPacked("notebook_refused", why=_why(name, error)) from None


def _why(name: str, error: BadNotebook) -> Said:
    return Said(error.code, {"notebook": name, **error.params})


def _renamed(wanted: str, mine: set[str]) -> str | None:
    if len(mine) > 1:
        raise NotPacked("which_notebook", known="、".join(sorted(mine)), notebook=wanted)
    return next(iter(mine), None)


def _touched(found: list[str], tasks: list[str]) -> list[str]:
    """Return the tasks whose cell is not there exactly once."""
    counted = Counter(found)
    return [task for task in tasks if counted[task] != 1]


def _read(
    notebooks: Mapping[str, bytes],
) -> tuple[dict[str, dict[str, Any]], dict[str, BadNotebook]]:
    """Return what the notebooks hold, as it stands in them, and what is wrong with the others.

    Without a bound: their outputs are left out before anybody else reads them.
    """
    books, wrong = {}, {}
    for name, raw in notebooks.items():
        try:
            found = formats.parse(raw, bounded=False)
            formats.mend(found)
        except BadNotebook as error:
            wrong[name] = error
        else:
            books[name] = found if isinstance(found.get("cells"), list) else formats.mend(found)
    return books, wrong


def _tasks(book: Mapping[str, Any]) -> list[str]:
    """Return the task of every task cell: by its mark, or by its code where the mark is lost."""
    found = []
    for cell in book["cells"]:
        if not isinstance(cell, dict):
            continue
        metadata = cell.get("metadata")
        mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        name = mark.get("grade_id") if isinstance(mark, dict) else None
        if isinstance(name, str):
            found.append(name)
        elif match := _TASK.search(_source(cell)):
            found.append(match[1])
    return found


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _without_outputs(book: Mapping[str, Any]) -> bytes | None:
    cells = book["cells"]
    if not any(isinstance(cell, dict) and cell.get("outputs") for cell in cells):
        return None
    cleared = [
        {**cell, "outputs": [], "execution_count": None}
        if isinstance(cell, dict) and cell.get("outputs")
        else cell
        for cell in cells
    ]
    return formats.write({**book, "cells": cleared})
