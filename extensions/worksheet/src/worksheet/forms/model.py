"""What all task types share: a task, a value that cannot be kept, ids of options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from worksheet.lang import say

Task = Mapping[str, Any]


class WrongValue(ValueError):
    """A value that cannot be kept; its text is a sentence in the teacher's language."""


@dataclass(frozen=True)
class TaskType:
    """One type of task.

    :param empty: the value of a task nobody has touched
    :param clean: a raw value in the one form that answers.json knows; raises WrongValue
    :param missing: what is still to do before a cleaned value can be handed in, or None
    """

    empty: Callable[[Task], Any]
    clean: Callable[[Task, Any], Any]
    missing: Callable[[Task, Any], str | None]


def touched(value: Any) -> bool:
    """Whether anything at all is filled in."""
    if isinstance(value, dict):
        return any(touched(part) for part in value.values())
    return value is not None and value not in ("", [])


def ids(options: list[Mapping[str, Any]]) -> list[str]:
    """Return the ids of options, in order."""
    return [option["id"] for option in options]


def known(raw: Any, options: list[Mapping[str, Any]]) -> str:
    """Return ``raw`` if it is the id of an option. :raises WrongValue: it is not"""
    if isinstance(raw, str) and raw in ids(options):
        return raw
    raise WrongValue(say("unknown_option", text=str(raw)[:32], known="、".join(ids(options))))


def wrong_shape(task: Task, wanted: str) -> WrongValue:
    """Return the sentence for a value of another kind altogether."""
    return WrongValue(say("wrong_shape", task=task["id"], wanted=say(wanted)))


def check_keys(task: Task, raw: Any, allowed: Mapping[str, str], wanted: str) -> None:
    """Raise WrongValue unless ``raw`` is a mapping with no other keys than ``allowed``."""
    if not isinstance(raw, Mapping):
        raise wrong_shape(task, wanted)
    for key in raw:
        if key not in allowed:
            raise WrongValue(say("unknown_option", text=str(key)[:32], known="、".join(allowed)))
