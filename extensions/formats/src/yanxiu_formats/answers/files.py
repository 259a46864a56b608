"""Files that a learner adds: what may be added, and what of it is still missing.

An answer names its files, ``[{"name", "size", "sha256"}]``; the bytes lie in the bundle as
``files/<task>/<name>``, beside a notebook in the same place, and with a draft in a folder of
its own. Pure: nothing here has seen a file.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypedDict

from yanxiu_formats.names import is_kept_name
from yanxiu_formats.tasks import FileTask
from yanxiu_formats.units import Unit

from .model import Cleaned, Path, Problem, TaskType, Texts, wrong_shape

#: Where the texts of the files that stay are: a browser's new files are elsewhere.
KEPT: Path = ("kept",)
_HEX = frozenset("0123456789abcdef")


class Entry(TypedDict):
    """One file that an answer names: ``size`` in bytes, ``sha256`` in hexadecimal."""

    name: str
    size: int
    sha256: str


def place(task_id: str, name: str) -> str:
    """Return where a file lies in a bundle, and beside a notebook."""
    return f"files/{task_id}/{name}"


def entry_text(entry: Entry) -> str:
    """Return a file as a form says that it stays."""
    return json.dumps(entry, ensure_ascii=False, sort_keys=True)


def kept_entries(texts: Iterable[str]) -> list[Entry]:
    """Return the files that a form says stay; what it says of none is left out."""
    return [entry for text in texts if (entry := _entry(text)) is not None]


def files_of(unit: Unit, answers: Any) -> Iterator[tuple[FileTask, Entry]]:
    """Give every file that answers to ``unit`` name well, with its task."""
    for task in unit.tasks:
        if isinstance(task, FileTask) and isinstance(answers, Mapping):
            given = answers.get(task.id)
            for one in given if isinstance(given, list) else ():
                if (entry := _entry(one)) is not None and is_kept_name(entry["name"]):
                    yield task, entry


def unfit(task: FileTask, name: str, size: int) -> Problem | None:
    """Return why a file of this name and size may not be added to ``task``, None if it may."""
    params: dict[str, Any] = {"name": name[:40]}
    if not is_kept_name(name):
        return Problem(task.id, "file_name", params)
    if not name.lower().endswith(task.accept):
        return Problem(task.id, "file_kind", {**params, "types": task.accept})
    if size > task.max_mb * 1_000_000:
        return Problem(task.id, "file_big", {**params, "mb": task.max_mb})
    if size <= 0:
        return Problem(task.id, "file_empty", params)
    return None


def _entry(value: Any) -> Entry | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, Mapping) or set(value) != {"name", "size", "sha256"}:
        return None
    name, size, sha256 = value["name"], value["size"], value["sha256"]
    if (
        isinstance(name, str)
        and type(size) is int
        and -1 < size < 1 << 53
        and isinstance(sha256, str)
        and len(sha256) == 64
        and set(sha256) <= _HEX
    ):
        return Entry(name=name, size=size, sha256=sha256)
    return None


def _clean(task: FileTask, raw: Any) -> Cleaned:
    if raw is None:
        return Cleaned([])
    if not isinstance(raw, list | tuple):
        return Cleaned([], (wrong_shape(task, "want_files"),))
    wrong: list[Problem] = []
    kept: dict[str, Entry] = {}
    for one in raw:
        entry = _entry(one)
        problem = unfit(task, entry["name"], entry["size"]) if entry else None
        if entry is None:
            wrong.append(wrong_shape(task, "want_files"))
        elif problem is not None:
            wrong.append(problem)
        else:
            # The same name again is the newer version of that file.
            kept.pop(entry["name"], None)
            kept[entry["name"]] = entry
    if len(kept) > task.max_files:
        params = {"most": task.max_files, "names": list(kept)[task.max_files :]}
        wrong.append(Problem(task.id, "files_many", params))
    return Cleaned(list(kept.values())[: task.max_files], tuple(wrong))


def _missing(task: FileTask, value: Any) -> Problem | None:
    if len(value) >= task.min_files:
        return None
    return Problem(task.id, "files_few", {"least": task.min_files, "count": len(value)})


def _flatten(_task: FileTask, value: Any) -> Texts:
    return {KEPT: [entry_text(one) for one in value]}


def _gather(_task: FileTask, texts: Mapping[Path, Sequence[str]]) -> Any:
    return list(texts.get(KEPT, ()))


FILE: TaskType[FileTask] = TaskType(lambda _task: [], _clean, _missing, _flatten, _gather)
