"""What happens to notebooks by accident, and what is handed in all the same.

Decides which file of a folder is the unit's notebook when it was renamed or copied, what
of it need not travel (large outputs), and what the teacher is told about it. Never writes: a
folder is as it was afterwards, whatever is found. What a course's cells must be is put back
when the work is graded, so a cell that was deleted, doubled or edited stops nobody here.
Called by ``bundle``; a course of plain nbgrader is handed in as it is.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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

    :param notebooks: every ``.ipynb`` of the folder, by name, as bytes
    :param changed_at: when each was changed last, in seconds
    :param has_answers: whether answers are kept beside the notebook
    :raises NotPacked: the notebook is broken, or it is not clear which one is meant
    """
    wanted = unit.notebook
    tasks = [task.id for task in unit.tasks]
    books = {name: book for name, raw in notebooks.items() if (book := _read(raw)) is not None}
    mine = {name for name, book in books.items() if set(_tasks(book)) & set(tasks)}
    sent, notes = dict(notebooks), []
    if wanted in notebooks and wanted not in books:
        raise NotPacked("notebook_broken", notebook=wanted)
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
        elif _is_strangely_encoded(sent[name]):
            sent[name] = _write(book)
    return sent, notes


def _renamed(wanted: str, mine: set[str]) -> str | None:
    if len(mine) > 1:
        raise NotPacked("which_notebook", known="、".join(sorted(mine)), notebook=wanted)
    return next(iter(mine), None)


def _touched(found: list[str], tasks: list[str]) -> list[str]:
    """Return the tasks whose cell is not there exactly once."""
    counted = Counter(found)
    return [task for task in tasks if counted[task] != 1]


def _read(raw: bytes) -> dict[str, Any] | None:
    """Return a notebook, None when it is none; also as an editor of another time saved it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            book = json.loads(raw.decode(encoding))
        except (ValueError, RecursionError):
            continue
        if isinstance(book, dict) and isinstance(book.get("cells"), list):
            return book
    return None


def _is_strangely_encoded(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return raw.startswith(b"\xef\xbb\xbf")


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
    return _write({**book, "cells": cleared})


def _write(book: Mapping[str, Any]) -> bytes:
    # Lone surrogates are legal in JSON's escapes and in nothing that reads it afterwards.
    return json.dumps(book, ensure_ascii=False, indent=1).encode("utf-8", "replace")
