"""Which tasks of a unit are done, from the files in its folder and without a kernel.

Decides nothing about tasks: ``worksheet.forms`` says what is missing, as it does in the
notebook. Reads only. Called by ``units`` and ``submitting``.
"""

from pathlib import Path
from typing import Any

from .folder import read_json

ANSWERS = "answers.json"


def progress(folder: Path) -> list[dict[str, Any]]:
    """Return ``[{"id", "title", "done"}]`` in the unit's order; empty for a unit without tasks."""
    unit = read_json(folder / "unit.json")
    tasks = unit.get("tasks")
    if not isinstance(tasks, list):
        return []
    saved = read_json(folder / ANSWERS)
    answers = saved.get("answers") if saved.get("unit") == unit.get("id") else None
    known = answers if isinstance(answers, dict) else {}
    return [
        {"id": task["id"], "title": task["title"], "done": _is_done(task, known.get(task["id"]))}
        for task in tasks
        if isinstance(task, dict) and {"id", "title", "type"} <= task.keys()
    ]


def _is_done(task: dict[str, Any], raw: Any) -> bool:
    # Imported late: it brings IPython, which a server without a unit need not have.
    from worksheet import forms

    try:
        return forms.missing(task, forms.clean(task, raw)) is None
    except (forms.WrongValue, KeyError, TypeError):
        # A wrong shape counts as empty; a type that this version does not know, as not done.
        return False
