"""Files that a learner adds: an answer names them, ``[{"name", "size", "sha256"}]``.

The bytes lie beside the notebook as ``files/<task>/<name>``, and so travel in the bundle;
``dropping.py`` puts them there. Pure: nothing here has seen a file.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from worksheet.forms.model import Task, TaskType, WrongValue, wrong_shape
from worksheet.lang import say

MAX_NAME_BYTES = 150
_HEX = set("0123456789abcdef")


def plain_name(name: str) -> str:
    """Return a file's name as it is kept: NFC, no folders, no control characters.

    >>> plain_name("C:\\\\Users\\\\li\\\\教案.docx"), plain_name("../../x.pdf")
    ('教案.docx', 'x.pdf')
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1].strip()
    return "".join("_" if unicodedata.category(char)[0] == "C" else char for char in last)


def check_file(task: Task, name: str, size: int) -> None:
    """Raise WrongValue if a file of this name and size may not be added to ``task``."""
    short = name[:40]
    if (
        name != plain_name(name)
        or name.startswith(".")
        or len(name.encode(errors="replace")) > MAX_NAME_BYTES
    ):
        raise WrongValue(say("file_name", name=short))
    if not any(name.lower().endswith(ending) for ending in task["accept"]):
        raise WrongValue(say("file_kind", name=short, types="、".join(task["accept"])))
    if size > task["max_mb"] * 1_000_000:
        raise WrongValue(say("file_big", name=short, mb=task["max_mb"]))
    if size <= 0:
        raise WrongValue(say("file_empty", name=short))


def _clean(task: Task, raw: Any) -> Any:
    if not isinstance(raw, list | tuple):
        raise wrong_shape(task, "want_files")
    kept: dict[str, dict[str, Any]] = {}
    for entry in raw:
        if not _is_entry(entry):
            raise wrong_shape(task, "want_files")
        check_file(task, entry["name"], entry["size"])
        # The same name again is the newer version of that file.
        kept.pop(entry["name"], None)
        kept[entry["name"]] = {key: entry[key] for key in ("name", "size", "sha256")}
    if len(kept) > task["max_files"]:
        raise WrongValue(say("files_many", most=task["max_files"]))
    return list(kept.values())


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and set(entry) == {"name", "size", "sha256"}
        and isinstance(entry["name"], str)
        and type(entry["size"]) is int
        and isinstance(entry["sha256"], str)
        and len(entry["sha256"]) == 64
        and set(entry["sha256"]) <= _HEX
    )


def _missing(task: Task, value: Any) -> str | None:
    if len(value) < task["min_files"]:
        return say("files_few", least=task["min_files"], count=len(value))
    return None


FILE = TaskType(lambda _task: [], _clean, _missing)
