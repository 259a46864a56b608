"""Files that a learner adds to a task: what may be added, and what of it is still missing.

An answer names its files, ``[{"name", "size", "sha256"}]``; the bytes lie in the bundle as
``files/<task>/<name>``, and with a draft in a folder of its own. A browser sends new files
as ``f.<task>`` and says with ``f.<task>.kept`` which of the earlier ones stay; the caller puts
what it received among them. Pure: nothing here has seen a file.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from yanxiu.errors import N_

from .model import Fields, Filled, Problem, Task, TaskType

MAX_NAME_BYTES = 150
_HEX = set("0123456789abcdef")


def field_of(task_id: str) -> str:
    """Return the field that carries new files."""
    return f"f.{task_id}"


def place(task_id: str, name: str) -> str:
    """Return where a file lies in a bundle."""
    return f"files/{task_id}/{name}"


def entry_text(name: str, size: int, sha256: str) -> str:
    """Return what ``f.<task>.kept`` holds for one file."""
    return json.dumps({"name": name, "sha256": sha256, "size": size}, ensure_ascii=False)


def plain_name(name: str) -> str:
    """Return a file's name as it is kept: NFC, without the folders that old browsers send.

    >>> plain_name("C:\\\\Users\\\\li\\\\教案.docx"), plain_name("../../x.pdf"), plain_name("a\\tb.txt")
    ('教案.docx', 'x.pdf', 'a_b.txt')
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1].strip()
    return "".join("_" if unicodedata.category(char)[0] == "C" else char for char in last)


def entries(value: Any) -> list[Mapping[str, Any]]:
    """Return the well-formed entries of an answer of any shape."""
    return [one for one in value if _is_entry(one)] if isinstance(value, list) else []


def files_of(unit: Mapping[str, Any], answers: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give ``(task id, entry)`` for every file that answers to ``unit`` name."""
    for task in unit["tasks"]:
        if task["type"] == "file" and isinstance(answers, Mapping):
            for entry in entries(answers.get(task["id"])):
                yield task["id"], entry


def unfit(task: Task, entry: Mapping[str, Any]) -> Problem | None:
    """Return why a file may not be added to ``task``, None if it may."""
    name, mb = entry["name"], task["max_mb"]
    params = {"name": name, "types": "、".join(task["accept"]), "mb": mb}
    message = None
    if not any(name.lower().endswith(ending) for ending in task["accept"]):
        message = N_("“{name}”不是这里收的文件，没有保存。可以交的是 {types}。")
    elif entry["size"] > mb * 1_000_000:
        message = N_("“{name}”超过 {mb} MB，没有保存。请压缩图片或拆成几个文件后再选。")
    elif entry["size"] == 0:
        message = N_("“{name}”是空文件，没有保存。请打开看看有没有存好，再选一次。")
    return Problem(task["id"], message, params, (field_of(task["id"]),)) if message else None


def _is_entry(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"name", "size", "sha256"}:
        return False
    name, size, sha256 = value["name"], value["size"], value["sha256"]
    return (
        isinstance(name, str)
        and name == plain_name(name)
        and name not in ("", ".", "..")
        and not name.startswith(".")
        and len(name.encode(errors="replace")) <= MAX_NAME_BYTES
        and isinstance(size, int)
        and not isinstance(size, bool)
        and size >= 0
        and isinstance(sha256, str)
        and len(sha256) == 64
        and set(sha256) <= _HEX
    )


def _read(task: Task, fields: Fields, filled: Filled) -> Any:
    kept: dict[str, Mapping[str, Any]] = {}
    for text in fields.get(f"{field_of(task['id'])}.kept") or ():
        try:
            entry = json.loads(text)
        except ValueError:
            entry = None
        if not _is_entry(entry):
            message = N_("有一个文件的名字不能用，没有保存。请改短文件名、去掉特殊符号后再选。")
            filled.wrong.append(Problem(task["id"], message, fields=(field_of(task["id"]),)))
        elif problem := unfit(task, entry):
            filled.wrong.append(problem)
        else:
            # The same name again is the newer version of that file.
            kept.pop(entry["name"], None)
            kept[entry["name"]] = {key: entry[key] for key in ("name", "size", "sha256")}
    least, most = task["min_files"], task["max_files"]
    if len(kept) > most:
        message = N_("最多放 {most} 个文件，多出来的没有保存：{names}。请先去掉不要的。")
        params = {"most": most, "names": "、".join(list(kept)[most:])}
        filled.wrong.append(Problem(task["id"], message, params, (field_of(task["id"]),)))
    answer = list(kept.values())[:most]
    if len(answer) < least:
        message = N_("至少放 {least} 个文件，现在有 {count} 个。")
        params = {"least": least, "count": len(answer)}
        filled.missing.append(Problem(task["id"], message, params, (field_of(task["id"]),)))
    return answer


def _flat(_task: Task, value: Any) -> list[tuple[str, Any]]:
    return [(".kept", [entry_text(**entry) for entry in entries(value)])]


FILE = TaskType(_read, _flat)
