"""Tasks that are chosen from options: one, or several."""

from collections.abc import Mapping, Sequence
from typing import Any

from yanxiu_formats.numbers import shown
from yanxiu_formats.tasks import ChoicesTask, ChoiceTask

from .model import Cleaned, Path, Problem, TaskType, Texts, known, one_text, wrong_shape


def _clean_choice(task: ChoiceTask, raw: Any) -> Cleaned:
    wrong: list[Problem] = []
    return Cleaned(known(task, raw, task.options, wrong), tuple(wrong))


def _missing_choice(task: ChoiceTask, value: Any) -> Problem | None:
    return Problem(task.id, "not_chosen") if value is None else None


def _flatten_choice(_task: ChoiceTask, value: Any) -> Texts:
    return {(): [value or ""]}


def _gather_choice(_task: ChoiceTask, texts: Mapping[Path, Sequence[str]]) -> str:
    return one_text(texts)


def _clean_choices(task: ChoicesTask, raw: Any) -> Cleaned:
    if raw is None:
        return Cleaned([])
    if not isinstance(raw, list | tuple | set | frozenset):
        return Cleaned([], (wrong_shape(task, "want_list"),))
    ids = [option.id for option in task.options]
    chosen = [one for one in raw if isinstance(one, str) and one in ids]
    strange = next((one for one in raw if not isinstance(one, str) or one not in ids), None)
    # The order in which options were ticked says nothing.
    value = [option for option in ids if option in chosen]
    if len(chosen) == len(raw):
        return Cleaned(value)
    params = {"text": shown(strange), "known": ids}
    return Cleaned(value, (Problem(task.id, "unknown_option", params),))


def _missing_choices(task: ChoicesTask, value: Any) -> Problem | None:
    count = len(value)
    if count < task.min:
        return Problem(task.id, "choose_more", {"least": task.min, "count": count})
    if count > task.max:
        return Problem(task.id, "choose_less", {"most": task.max, "count": count})
    return None


def _flatten_choices(_task: ChoicesTask, value: Any) -> Texts:
    return {(): list(value)}


def _gather_choices(_task: ChoicesTask, texts: Mapping[Path, Sequence[str]]) -> list[str]:
    return list(texts.get((), ()))


CHOICE: TaskType[ChoiceTask] = TaskType(
    lambda _task: None, _clean_choice, _missing_choice, _flatten_choice, _gather_choice
)
CHOICES: TaskType[ChoicesTask] = TaskType(
    lambda _task: [], _clean_choices, _missing_choices, _flatten_choices, _gather_choices
)
