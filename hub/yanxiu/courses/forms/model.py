"""What reading a form gives, and the small things that all task types share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yanxiu.errors import N_

#: What a browser sends: every field's values in order.
Fields = Mapping[str, Sequence[str]]
Task = Mapping[str, Any]
UNKNOWN = N_("选了不存在的选项。请刷新页面后重新选择。")


@dataclass(frozen=True)
class Problem:
    """Something that cannot be taken, said beside its task.

    :param message: a gettext msgid with ``{placeholders}``
    :param params: what fills them; a ``{zh_CN, en}`` text is chosen from when it is shown
    :param fields: which fields are meant
    """

    task_id: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


@dataclass
class Filled:
    """A form that was read.

    :param answers: what can be kept, all tasks, the empty value where nothing is
    :param wrong: what cannot be kept, not even in a draft
    :param missing: what is still to do before it can be handed in
    """

    answers: dict[str, Any] = field(default_factory=dict)
    wrong: list[Problem] = field(default_factory=list)
    missing: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class TaskType:
    """One type of task.

    :param read: the answer that fields give; notes what is wrong and what is missing
    :param flat: ``(suffix of the field's name, text or texts)`` that show an answer of any shape
    :param same: whether a value of a wrong look still means the answer that was kept of it
    """

    read: Callable[[Task, Fields, Filled], Any]
    flat: Callable[[Task, Any], list[tuple[str, Any]]]
    same: Callable[[Task, Any, Any], bool] = lambda task, value, kept: False


def first(fields: Fields, name: str) -> str:
    """Return the first text of a field, empty when there is none."""
    values = fields.get(name)
    return values[0] if values else ""


def known(
    task: Task, filled: Filled, chosen: str, options: Sequence[Mapping[str, Any]]
) -> str | None:
    """Return ``chosen`` if it is an option; otherwise note it and return None."""
    if chosen in {option["id"] for option in options}:
        return chosen
    filled.wrong.append(Problem(task["id"], UNKNOWN))
    return None


def get(value: Any, key: str) -> Any:
    """Return a part of what may be no dictionary at all."""
    return value.get(key) if isinstance(value, dict) else None


def as_text(value: Any) -> str:
    """Return a text, empty for anything else."""
    return value if isinstance(value, str) else ""
