"""A cell of a plain nbgrader notebook: its answer is the notebook, nothing is declared."""

from collections.abc import Mapping, Sequence
from typing import Any

from yanxiu_formats.tasks import CellTask

from .model import Cleaned, Path, TaskType, Texts


def _clean(_task: CellTask, _raw: Any) -> Cleaned:
    return Cleaned(None)


def _missing(_task: CellTask, _value: Any) -> None:
    return None


def _flatten(_task: CellTask, _value: Any) -> Texts:
    return {(): [""]}


def _gather(_task: CellTask, _texts: Mapping[Path, Sequence[str]]) -> None:
    return None


CELL: TaskType[CellTask] = TaskType(lambda _task: None, _clean, _missing, _flatten, _gather)
