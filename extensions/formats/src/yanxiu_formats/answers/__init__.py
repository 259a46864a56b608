"""Each task type's answer: what can be kept of it, when it is complete, what to say.

The one judge for Lab, Voila, the portal's form and ``answers.json`` put there by hand: they
give what a person typed (or code, or a file says) to ``clean`` and show what comes back. A
draft may be incomplete: ``missing`` says what is still to do, ``wrong`` is only what cannot be
kept. Pure; a module here holds a few types.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from yanxiu_formats.tasks import AnyTask
from yanxiu_formats.units import Unit

from .cell import CELL
from .choices import CHOICE, CHOICES
from .files import FILE, Entry, files_of, place, unfit
from .grids import CHART, TABLE
from .model import Cleaned, Path, Problem, TaskType, Texts, touched
from .number import NUMBER
from .ordering import MATCH, ORDER
from .text import TEXT

__all__ = [
    "Answers",
    "Cleaned",
    "Entry",
    "Path",
    "Problem",
    "Texts",
    "clean",
    "clean_all",
    "empty",
    "files_of",
    "flatten",
    "gather",
    "missing",
    "place",
    "touched",
    "unfit",
]

#: Cleaned answers by task.
Answers = dict[str, Any]

TYPES: dict[str, TaskType[Any]] = {
    "number": NUMBER,
    "choice": CHOICE,
    "choices": CHOICES,
    "table": TABLE,
    "text": TEXT,
    "chart": CHART,
    "order": ORDER,
    "match": MATCH,
    "file": FILE,
    "cell": CELL,
}


def empty(task: AnyTask) -> Any:
    """Return the value of a task that nobody has touched."""
    return TYPES[task.type].empty(task)


def clean(task: AnyTask, raw: Any) -> Cleaned:
    """Return what can be kept of ``raw``, in the one form of answers.json, and what is wrong."""
    return TYPES[task.type].clean(task, raw)


def missing(task: AnyTask, value: Any) -> Problem | None:
    """Return what is still to do before ``value`` (cleaned) can be handed in."""
    return TYPES[task.type].missing(task, value)


def flatten(task: AnyTask, raw: Any) -> Texts:
    """Return the texts that show a value of any shape; what cannot be kept shows as empty."""
    return TYPES[task.type].flatten(task, clean(task, raw).value)


def gather(task: AnyTask, texts: Mapping[Path, Sequence[str]]) -> Any:
    """Return texts as a value for ``clean``: the other way round from ``flatten``."""
    return TYPES[task.type].gather(task, texts)


def clean_all(unit: Unit, raw: Mapping[str, Any]) -> tuple[Answers, list[Problem]]:
    """Return the answers to every task of ``unit``, and all that is wrong; others are left out."""
    found = {task.id: clean(task, raw.get(task.id)) for task in unit.tasks}
    answers = {name: one.value for name, one in found.items()}
    return answers, [problem for one in found.values() for problem in one.wrong]
