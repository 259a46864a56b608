"""Put a learner's files beside the notebook, and take them away again.

``files/<task>/<name>``: so the bundle carries them, and grading finds them where the answer
says. A copy of ours is removed when its entry is; a file that the learner has changed since is
theirs and stays. Called by the file view.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from worksheet.forms import dropped


def folder_of(folder: Path, task: Mapping[str, Any]) -> Path:
    """Return where the files of a task lie."""
    return folder / "files" / str(task["id"])


def put(folder: Path, task: Mapping[str, Any], name: str, content: bytes) -> dict[str, Any]:
    """Write a file whole and return its entry.

    :raises WrongValue: a kind, a size or a name that the task does not take
    :raises OSError: it could not be written; an older file of this name is as it was
    """
    name = dropped.plain_name(name)
    dropped.check_file(task, name, len(content))
    place = folder_of(folder, task)
    place.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=place, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(made).replace(place / name)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
    return {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def remove(folder: Path, task: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
    """Remove our copy of a file, unless it was changed after it was added."""
    path = folder_of(folder, task) / entry["name"]
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]:
        path.unlink()


def measured(folder: Path, task: Mapping[str, Any], entries: list[Any]) -> list[dict[str, Any]]:
    """Return ``entries`` as the files are now: changed ones measured again, lost ones left out."""
    found = []
    for entry in entries:
        path = folder_of(folder, task) / entry["name"]
        if path.is_file():
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            found.append({"name": entry["name"], "size": len(content), "sha256": digest})
    return found
