"""A cell of an nbgrader notebook: shown to read, never filled in in a form."""

from typing import Any

from .model import Fields, Filled, Task, TaskType, as_text


def _read(_task: Task, _fields: Fields, _filled: Filled) -> None:
    return None


def _flat(_task: Task, value: Any) -> list[tuple[str, Any]]:
    return [("", as_text(value))]


CELL = TaskType(_read, _flat)
