"""A unit's tasks as a form: names of its fields, and what was typed as declared answers.

Pure: no request, no page, no store. ``docs/reference/release-format.md`` fixes tasks and
answers; a module here holds a few types of task. ``work.pages.units`` reads what a browser sent with
``read``; the templates name their fields with the same names and show again what ``fields``
gives.

Field names: ``a.<task>``, tables ``a.<task>.<row>.<column>``, charts ``a.<task>.kind``,
``.x``, ``.y`` and ``a.<task>.points.<label>``, orders and matches ``a.<task>.<item>``, files
``f.<task>`` and ``f.<task>.kept``.
"""

from collections.abc import Mapping
from typing import Any

from yanxiu.errors import N_, Invalid

from .arranged import MATCH, ORDER
from .cells import CELL
from .chosen import CHOICE, CHOICES, TEXT
from .dropped import FILE
from .grids import CHART, TABLE
from .model import Fields, Filled, Problem, TaskType
from .numbers import NUMBER, number_text, parse_number

__all__ = [
    "Fields",
    "Filled",
    "Problem",
    "check_answers",
    "fields",
    "number_text",
    "parse_number",
    "read",
    "typed_again",
]

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
    "cell": CELL,
}


def read(unit: Mapping[str, Any], fields: Fields) -> Filled:
    """Read a posted form of ``unit``.

    A field that cannot be read leaves its part of the answer empty and says so in
    ``wrong``; the caller shows what was typed again.
    """
    filled = Filled()
    for task in unit["tasks"]:
        filled.answers[task["id"]] = TYPES[task["type"]].read(task, fields, filled)
    return filled


def fields(unit: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the fields that show ``answers``: the other way round from ``read``.

    Answers may come from anybody's notebook: a value of a wrong shape shows as empty.
    """
    shown: dict[str, list[str]] = {}
    for task in unit["tasks"]:
        name = f"{'f' if task['type'] == 'file' else 'a'}.{task['id']}"
        for key, value in TYPES[task["type"]].flat(task, answers.get(task["id"])):
            shown[f"{name}{key}"] = [value] if isinstance(value, str) else value
    return shown


def typed_again(unit: Mapping[str, Any], typed: Fields, filled: Filled) -> dict[str, list[str]]:
    """Return what to show after ``typed`` was read as ``filled``: the same, but for files.

    A browser's file field cannot be filled in; what was kept of the files is shown instead.
    """
    files = {
        name: values
        for name, values in fields(unit, filled.answers).items()
        if name.startswith("f.")
    }
    return {name: list(values) for name, values in typed.items()} | files


def check_answers(unit: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``answers`` with every task of ``unit`` in it; incomplete is fine.

    A value has the right shape when the form could show it and give it back.

    :raises Invalid: a task that the unit does not have, or a value of a wrong shape
    """
    known = {task["id"]: task for task in unit["tasks"]}
    for task_id in answers:
        if task_id not in known:
            raise Invalid(
                "answers.unknown_task",
                N_("答案里的“{task}”不是这个单元的任务。这个单元的任务有：{known}。"),
                task=str(task_id)[:32],
                known="、".join(known),
            )
    kept = read(unit, fields(unit, answers)).answers
    for task_id, value in answers.items():
        task = known[task_id]
        if value is None or value == kept[task_id]:
            continue
        if not TYPES[task["type"]].same(task, value, kept[task_id]):
            raise Invalid(
                "answers.shape",
                N_("任务“{task}”的答案格式不对，没有保存。请在页面的表单里重新填写这一项。"),
                task=task_id,
            )
    return kept
