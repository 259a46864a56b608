"""Tables of numbers, and charts."""

from typing import Any

from yanxiu.errors import N_

from .model import Fields, Filled, Problem, Task, TaskType, as_text, first, get, known
from .numbers import number_text, read_numbers

PARTS = (("kind", "kinds"), ("x", "x"), ("y", "y"))


def _read_table(task: Task, fields: Fields, filled: Filled) -> Any:
    before = len(filled.wrong)
    names = {
        (row["id"], column["id"]): f"a.{task['id']}.{row['id']}.{column['id']}"
        for row in task["rows"]
        for column in task["columns"]
    }
    called = {
        f"a.{task['id']}.{row['id']}.{column['id']}": {
            lang: f"{text}·{column['text'].get(lang, '')}" for lang, text in row["text"].items()
        }
        for row in task["rows"]
        for column in task["columns"]
    }
    values = read_numbers(task, fields, filled, called)
    empty = tuple(name for name, value in values.items() if value is None)
    if empty and len(filled.wrong) == before:
        filled.missing.append(
            Problem(task["id"], N_("表格里还有 {count} 格没有填。"), {"count": len(empty)}, empty)
        )
    return {
        row["id"]: {
            column["id"]: values[names[row["id"], column["id"]]] for column in task["columns"]
        }
        for row in task["rows"]
    }


def _flat_table(task: Task, value: Any) -> list[tuple[str, Any]]:
    return [
        (f".{row['id']}.{column['id']}", number_text(get(get(value, row["id"]), column["id"])))
        for row in task["rows"]
        for column in task["columns"]
    ]


def _read_chart(task: Task, fields: Fields, filled: Filled) -> Any:
    name = f"a.{task['id']}"
    before = len(filled.wrong)
    answer: dict[str, Any] = {}
    for part, options in PARTS:
        chosen = first(fields, f"{name}.{part}")
        answer[part] = known(task, filled, chosen, task[options]) if chosen else None
    called = {f"{name}.points.{label['id']}": label["text"] for label in task["labels"]}
    values = read_numbers(task, fields, filled, called)
    answer["points"] = {
        label["id"]: values[f"{name}.points.{label['id']}"] for label in task["labels"]
    }
    empty = tuple(
        [f"{name}.{part}" for part, _ in PARTS if answer[part] is None]
        + [field_name for field_name, value in values.items() if value is None]
    )
    if not empty:
        return answer
    if len(filled.wrong) == before:
        filled.missing.append(
            Problem(
                task["id"],
                N_("图表还有 {count} 处没有填（类型、坐标或数值）。"),
                {"count": len(empty)},
                empty,
            )
        )
    return answer if len(empty) < 3 + len(task["labels"]) else None


def _flat_chart(task: Task, value: Any) -> list[tuple[str, Any]]:
    points = get(value, "points")
    return [(f".{part}", as_text(get(value, part))) for part, _ in PARTS] + [
        (f".points.{label['id']}", number_text(get(points, label["id"])))
        for label in task["labels"]
    ]


def _same_chart(task: Task, value: Any, _kept: Any) -> bool:
    """In Jupyter a chart of which nothing is chosen yet looks like this."""
    points = {label["id"]: None for label in task["labels"]}
    return bool(value == {"kind": None, "x": None, "y": None, "points": points})


TABLE = TaskType(_read_table, _flat_table)
CHART = TaskType(_read_chart, _flat_chart, _same_chart)
