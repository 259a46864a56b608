"""Tasks that are a text."""

from collections.abc import Mapping, Sequence
from typing import Any

from yanxiu_formats.tasks import DRAFT_CHARS, TextTask

from .model import Cleaned, Path, Problem, TaskType, Texts, one_text, wrong_shape


def _clean(task: TextTask, raw: Any) -> Cleaned:
    if raw is None:
        return Cleaned("")
    if not isinstance(raw, str):
        return Cleaned("", (wrong_shape(task, "want_text"),))
    # Neither NUL nor half a character fits into every file and database; line ends of Windows
    # and blanks around a text say nothing.
    text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = text.encode("utf-8", "replace").decode().strip()
    if len(text) > max(4 * task.max_chars, DRAFT_CHARS):
        return Cleaned("", (Problem(task.id, "too_long"),))
    return Cleaned(text)


def _missing(task: TextTask, value: Any) -> Problem | None:
    count = len(value)
    if count > task.max_chars:
        over = count - task.max_chars
        params = {"most": task.max_chars, "count": count, "over": over}
        return Problem(task.id, "less_chars", params)
    if count < task.min_chars:
        return Problem(task.id, "more_chars", {"least": task.min_chars, "count": count})
    return None


def _flatten(_task: TextTask, value: Any) -> Texts:
    return {(): [value]}


def _gather(_task: TextTask, texts: Mapping[Path, Sequence[str]]) -> str:
    return one_text(texts)


TEXT: TaskType[TextTask] = TaskType(lambda _task: "", _clean, _missing, _flatten, _gather)
