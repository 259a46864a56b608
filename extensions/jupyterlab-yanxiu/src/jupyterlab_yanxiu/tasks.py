"""Which tasks of a unit are done, from the files in its folder and without a kernel.

Decides nothing about tasks: ``yanxiu_formats.answers`` says what is missing, as it does in the
notebook. Reads only. Called by ``units`` and ``submitting``.
"""

from pathlib import Path
from typing import Any, TypedDict

from nbgrader_yanxiu.folder import unit_in
from yanxiu_formats import answers, answers_file
from yanxiu_formats.tasks import AnyTask


class Done(TypedDict):
    """A task as the panel shows it; ``title`` in both languages."""

    id: str
    title: dict[str, str]
    done: bool


def progress(folder: Path) -> list[Done]:
    """Return the tasks in the unit's order; none for a unit without tasks."""
    unit = unit_in(folder)
    if unit is None:
        return []
    try:
        raw = answers_file.read((folder / answers_file.ANSWERS).read_bytes(), unit)
    except (OSError, answers_file.BadAnswers):
        raw = {}
    return [
        Done(id=task.id, title=task.title.model_dump(), done=_is_done(task, raw.get(task.id)))
        for task in unit.tasks
    ]


def _is_done(task: AnyTask, raw: Any) -> bool:
    cleaned = answers.clean(task, raw)
    return not cleaned.wrong and answers.missing(task, cleaned.value) is None
