"""What all task types share: a problem with its sentence, a cleaned value, a type of task."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from yanxiu_formats.numbers import shown
from yanxiu_formats.sentences import Said, say, source
from yanxiu_formats.tasks import AnyTask, Option

T = TypeVar("T", bound=AnyTask)
#: Where in an answer something is: () is all of it, ("q1", "p") a cell of a table.
Path = tuple[str, ...]
#: An answer as texts, as a form shows it; most places hold one text.
Texts = dict[Path, list[str]]


@dataclass(frozen=True)
class Problem:
    """Something to say about an answer.

    :param code: a key of ``sentences.SENTENCES``
    :param params: what fills the sentence; a text in both languages is chosen from when shown
    :param at: which places of the answer are meant
    """

    task_id: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    at: tuple[Path, ...] = ((),)

    @property
    def message(self) -> str:
        """The Chinese sentence with its ``{placeholders}``."""
        return source(self.code)

    def text(self, lang: str) -> str:
        """Return the sentence."""
        return say(self.code, lang, **self.params)


class Cleaned(NamedTuple):
    """What can be kept of something that was typed, and what is to be said about the rest."""

    value: Any
    wrong: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class TaskType(Generic[T]):
    """One type of task.

    :param empty: the value of a task that nobody has touched
    :param clean: what can be kept of any value; what it kept it keeps again as it is
    :param missing: what is still to do before a cleaned value can be handed in
    :param flatten: a cleaned value as texts; ``gather`` makes of texts what ``clean`` takes
    """

    empty: Callable[[T], Any]
    clean: Callable[[T, Any], Cleaned]
    missing: Callable[[T, Any], Problem | None]
    flatten: Callable[[T, Any], Texts]
    gather: Callable[[T, Mapping[Path, Sequence[str]]], Any]


def touched(value: Any) -> bool:
    """Say whether anything at all is filled in."""
    if isinstance(value, dict):
        return any(touched(part) for part in value.values())
    if isinstance(value, list):
        return any(touched(part) for part in value)
    return value is not None and value != ""


def one_text(texts: Mapping[Path, Sequence[str]], *path: str) -> str:
    """Return the first text of a place, empty when there is none."""
    found = texts.get(path)
    return found[0] if found else ""


def known(
    task: AnyTask, raw: Any, options: Sequence[Option], wrong: list[Problem], *path: str
) -> str | None:
    """Return ``raw`` if it is the id of an option; else note it and return None."""
    if raw is None or raw == "":
        return None
    ids = [one.id for one in options]
    if isinstance(raw, str) and raw in ids:
        return raw
    wrong.append(Problem(task.id, "unknown_option", {"text": shown(raw), "known": ids}, (path,)))
    return None


def mapping(
    task: AnyTask, raw: Any, allowed: Sequence[str], wanted: str, wrong: list[Problem]
) -> Mapping[str, Any]:
    """Return ``raw`` if it is a mapping; note what it is else, and keys that are none of ``allowed``."""
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        wrong.append(wrong_shape(task, wanted))
        return {}
    for key in raw:
        if key not in allowed:
            params = {"text": shown(key), "known": list(allowed)}
            wrong.append(Problem(task.id, "unknown_option", params))
            break
    return raw


def wrong_shape(task: AnyTask, wanted: str) -> Problem:
    """Return what is said of a value of another kind altogether."""
    return Problem(task.id, "wrong_shape", {"task": task.id, "wanted": Said(wanted)})
