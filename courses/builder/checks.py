"""Check what a schema cannot say of a unit: sums, unique ids, ranges that fit together.

Pure: takes a unit that fits the schema. ``files.py`` checks data and scoring files,
``notebooks.py`` the notebook.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from builder.problems import Problems
from yanxiu_formats.tasks import ChoicesTask, FileTask, SheetTask, TextTask
from yanxiu_formats.units import WorksheetUnit

UNIT_TOTAL, AUTO_MAX = 100, 40
ID_LISTS = (
    "options", "rows", "columns", "kinds", "x", "y", "labels", "items", "left", "right",
    "criteria",
)  # fmt: skip
#: A machine can judge neither a text nor a file: it sees the answer, not the bytes.
FOR_PEOPLE = {"text": "文字题", "file": "文件题"}


def check_unit(unit: WorksheetUnit, folder: str, problems: Problems) -> None:
    """Note what does not add up in a unit that lies in ``folder``."""
    where = f"{folder}/unit.yaml"
    if unit.id != folder:
        problems.add(where, f"id 是 {unit.id}，文件夹却叫 {folder}", "请改成一样的")
    _check_ids(unit.tasks, f"{where} 的 tasks", problems)
    _check_total(unit.tasks, where, problems)
    for task in unit.tasks:
        _check_task(task, f"{where} 的任务 {task.id}", problems)


def _check_total(tasks: Sequence[SheetTask], where: str, problems: Problems) -> None:
    total = sum(task.points for task in tasks)
    auto = sum(task.points for task in tasks if task.kind == "auto")
    if not _equal(total, UNIT_TOTAL):
        problems.add(where, f"各任务的分值加起来是 {total:g}", f"请调整到 {UNIT_TOTAL}")
    if auto > AUTO_MAX:
        problems.add(
            where, f"自动评分的任务加起来是 {auto:g} 分，最多 {AUTO_MAX} 分", "请减少自动评分的分值"
        )


def _check_task(task: SheetTask, where: str, problems: Problems) -> None:
    for name in ID_LISTS:
        _check_ids(getattr(task, name, ()), f"{where} 的 {name}", problems)
    if task.type in FOR_PEOPLE and task.kind == "auto":
        what = f"{FOR_PEOPLE[task.type]}不能自动评分"
        problems.add(where, what, "请把 kind 改成 rubric，并写 criteria")
    elif (task.kind == "rubric") != bool(task.criteria):
        problems.add(
            where,
            f"kind 是 {task.kind}，{'却写了' if task.criteria else '却没有'} criteria",
            "由人评分（rubric）的任务要有 criteria，自动评分（auto）的不要",
        )
    if isinstance(task, ChoicesTask) and not task.min <= task.max <= len(task.options):
        problems.add(
            where,
            f"min 是 {task.min}，max 是 {task.max}，选项有 {len(task.options)} 个",
            "请让 min ≤ max ≤ 选项数",
        )
    if isinstance(task, TextTask) and task.min_chars > task.max_chars:
        problems.add(
            where,
            f"min_chars 是 {task.min_chars}，大于 max_chars {task.max_chars}",
            "请让 min_chars ≤ max_chars",
        )
    if isinstance(task, FileTask) and task.min_files > task.max_files:
        problems.add(
            where,
            f"min_files 是 {task.min_files}，大于 max_files {task.max_files}",
            "请让 min_files ≤ max_files",
        )
    if task.criteria:
        _check_criteria(task, where, problems)


def _check_criteria(task: SheetTask, where: str, problems: Problems) -> None:
    total = sum(criterion.points for criterion in task.criteria)
    if not _equal(total, task.points):
        problems.add(
            where, f"各项标准加起来是 {total:g} 分，任务是 {task.points:g} 分", "请改成一样的"
        )
    for criterion in task.criteria:
        here = f"{where} 的标准 {criterion.id}"
        points = [level.points for level in criterion.levels]
        if not _equal(max(points), criterion.points):
            problems.add(
                here,
                f"最高等级是 {max(points):g} 分，本项是 {criterion.points:g} 分",
                "请改成一样的",
            )
        if points != sorted(set(points), reverse=True):
            problems.add(here, f"各等级的分是 {points}", "请从高到低排，不要重复")


def _check_ids(things: Sequence[Any], where: str, problems: Problems) -> None:
    for name, times in Counter(thing.id for thing in things).items():
        if times > 1:
            problems.add(where, f"编号 {name} 用了 {times} 次", "请改成不同的编号")


def _equal(a: float, b: float) -> bool:
    return abs(a - b) < 1e-6
