"""Tasks that are chosen from options, and texts."""

from typing import Any

from worksheet.forms.model import Task, TaskType, WrongValue, ids, known, wrong_shape
from worksheet.lang import say

DRAFT_CHARS = 20_000  # beyond this, and beyond four times the limit, it is no draft any more


def _clean_choice(task: Task, raw: Any) -> Any:
    return None if raw == "" else known(raw, task["options"])


def _missing_choice(_task: Task, value: Any) -> str | None:
    return say("not_chosen") if value is None else None


def _clean_choices(task: Task, raw: Any) -> Any:
    if not isinstance(raw, list | tuple | set | frozenset):
        raise wrong_shape(task, "want_list")
    chosen = {known(one, task["options"]) for one in raw}
    return [option for option in ids(task["options"]) if option in chosen]


def _missing_choices(task: Task, value: Any) -> str | None:
    if len(value) < task["min"]:
        return say("choose_more", least=task["min"], count=len(value))
    if len(value) > task["max"]:
        return say("choose_less", most=task["max"], count=len(value))
    return None


def _clean_text(task: Task, raw: Any) -> Any:
    if not isinstance(raw, str):
        raise wrong_shape(task, "want_text")
    # A lone surrogate or a NUL cannot be written to a UTF-8 file or a database.
    text = raw.replace("\r\n", "\n").replace("\0", "").encode(errors="replace").decode()
    if len(text) > max(4 * task["max_chars"], DRAFT_CHARS):
        raise WrongValue(say("too_long"))
    return text


def _missing_text(task: Task, value: Any) -> str | None:
    count = len(value.strip())
    if count > task["max_chars"]:
        over = count - task["max_chars"]
        return say("less_chars", most=task["max_chars"], count=count, over=over)
    if count < task["min_chars"]:
        return say("more_chars", least=task["min_chars"], count=count)
    return None


CHOICE = TaskType(lambda _task: None, _clean_choice, _missing_choice)
CHOICES = TaskType(lambda _task: [], _clean_choices, _missing_choices)
TEXT = TaskType(lambda _task: "", _clean_text, _missing_text)
