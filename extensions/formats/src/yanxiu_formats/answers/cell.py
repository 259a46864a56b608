"""A cell of a plain nbgrader notebook: nobody fills it in; what was written in it is shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from yanxiu_formats.tasks import CellTask

from .model import Cleaned, Path, TaskType, Texts, one_text


def _clean(_task: CellTask, raw: Any) -> Cleaned:
    return Cleaned(raw if isinstance(raw, str) else None)


def _missing(_task: CellTask, _value: Any) -> None:
    return None


def _flatten(_task: CellTask, value: Any) -> Texts:
    return {(): [value or ""]}


def _gather(_task: CellTask, texts: Mapping[Path, Sequence[str]]) -> str | None:
    return one_text(texts) or None


CELL: TaskType[CellTask] = TaskType(lambda _task: None, _clean, _missing, _flatten, _gather)
