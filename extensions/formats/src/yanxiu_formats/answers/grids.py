"""Tables of numbers, and charts."""

from collections.abc import Mapping, Sequence
from typing import Any

from yanxiu_formats.numbers import number_text
from yanxiu_formats.tasks import ChartTask, TableTask
from yanxiu_formats.texts import Bilingual

from .model import Cleaned, Path, Problem, TaskType, Texts, known, mapping, one_text, touched
from .number import read_number

#: The parts of a chart that are chosen, and where its options are.
PARTS = (("kind", "kinds"), ("x", "x"), ("y", "y"))


def cells(task: TableTask) -> dict[tuple[str, str], Bilingual]:
    """Return every cell of a table with what its reader calls it, by row and column."""
    return {
        (row.id, column.id): row.text.join(column.text)
        for row in task.rows
        for column in task.columns
    }


def _clean_table(task: TableTask, raw: Any) -> Cleaned:
    wrong: list[Problem] = []
    columns = [column.id for column in task.columns]
    given = mapping(task, raw, [row.id for row in task.rows], "want_table", wrong)
    lines = {
        row.id: mapping(task, given.get(row.id), columns, "want_table", wrong) for row in task.rows
    }
    value: dict[str, dict[str, Any]] = {row.id: {} for row in task.rows}
    for (row, column), place in cells(task).items():
        path = (row, column)
        value[row][column] = read_number(task, lines[row].get(column), wrong, path, place)
    return Cleaned(value, tuple(wrong))


def _missing_table(task: TableTask, value: Any) -> Problem | None:
    blank = tuple(cell for cell in cells(task) if value[cell[0]][cell[1]] is None)
    return Problem(task.id, "cells_empty", {"count": len(blank)}, blank) if blank else None


def _flatten_table(task: TableTask, value: Any) -> Texts:
    return {(row, column): [number_text(value[row][column])] for row, column in cells(task)}


def _gather_table(task: TableTask, texts: Mapping[Path, Sequence[str]]) -> Any:
    return {
        row.id: {column.id: one_text(texts, row.id, column.id) for column in task.columns}
        for row in task.rows
    }


def _clean_chart(task: ChartTask, raw: Any) -> Cleaned:
    wrong: list[Problem] = []
    given = mapping(task, raw, ["kind", "x", "y", "points"], "want_chart", wrong)
    labels = [label.id for label in task.labels]
    points = mapping(task, given.get("points"), labels, "want_chart", wrong)
    value: dict[str, Any] = {
        part: known(task, given.get(part), getattr(task, options), wrong, part)
        for part, options in PARTS
    }
    value["points"] = {
        label.id: read_number(task, points.get(label.id), wrong, ("points", label.id), label.text)
        for label in task.labels
    }
    # Nothing chosen and nothing filled in is no answer.
    return Cleaned(value if touched(value) else None, tuple(wrong))


def _missing_chart(task: ChartTask, value: Any) -> Problem | None:
    blank = tuple(path for path, texts in _flatten_chart(task, value).items() if not texts[0])
    return Problem(task.id, "chart_empty", {"count": len(blank)}, blank) if blank else None


def _flatten_chart(task: ChartTask, value: Any) -> Texts:
    given = value or {"points": {}}
    texts: Texts = {(part,): [given.get(part) or ""] for part, _ in PARTS}
    return texts | {
        ("points", label.id): [number_text(given["points"].get(label.id))] for label in task.labels
    }


def _gather_chart(task: ChartTask, texts: Mapping[Path, Sequence[str]]) -> Any:
    points = {label.id: one_text(texts, "points", label.id) for label in task.labels}
    return {part: one_text(texts, part) for part, _ in PARTS} | {"points": points}


TABLE: TaskType[TableTask] = TaskType(
    lambda task: _clean_table(task, None).value,
    _clean_table,
    _missing_table,
    _flatten_table,
    _gather_table,
)
CHART: TaskType[ChartTask] = TaskType(
    lambda _task: None, _clean_chart, _missing_chart, _flatten_chart, _gather_chart
)
