"""The task types as form models: what a value may be, when it is complete, what to say.

Pure: no widget, no file. ``views`` and ``answer()`` call ``clean`` with what came from a
person or from code; what it returns is what answers.json holds. A draft may be incomplete:
``missing`` says what is still to do, ``WrongValue`` is only for what cannot be kept.
"""

from typing import Any

from worksheet.forms.arranged import MATCH, ORDER
from worksheet.forms.chosen import CHOICE, CHOICES, TEXT
from worksheet.forms.dropped import FILE
from worksheet.forms.model import Task, TaskType, WrongValue, touched
from worksheet.forms.numbers import CHART, NUMBER, TABLE, parse_number

__all__ = ["TYPES", "Task", "WrongValue", "clean", "empty", "missing", "parse_number", "touched"]

TYPES: dict[str, TaskType] = {
    "number": NUMBER,
    "choice": CHOICE,
    "choices": CHOICES,
    "table": TABLE,
    "text": TEXT,
    "chart": CHART,
    "order": ORDER,
    "match": MATCH,
    "file": FILE,
}


def empty(task: Task) -> Any:
    """Return the value of a task nobody has touched."""
    return TYPES[task["type"]].empty(task)


def clean(task: Task, raw: Any) -> Any:
    """Return ``raw`` in the one form that answers.json knows.

    :raises WrongValue: with a sentence that says what was possible
    """
    return empty(task) if raw is None else TYPES[task["type"]].clean(task, raw)


def missing(task: Task, value: Any) -> str | None:
    """Return what is still to do before ``value`` (cleaned) can be handed in, or None."""
    return TYPES[task["type"]].missing(task, value)
