"""Put a learner's files beside the notebook, and take them away again.

``files/<task>/<name>``: so the bundle carries them, and grading finds them where the answer
says. A copy of ours is removed when its entry is; a file that the learner has changed since is
theirs and stays. Called by the file view.
"""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from yanxiu_formats.answers import Entry, place
from yanxiu_formats.names import another_name, plain_name
from yanxiu_formats.tasks import FileTask


def entries_of(
    uploaded: Sequence[tuple[str, bytes]], kept: Sequence[Entry] = ()
) -> list[tuple[Entry, bytes]]:
    """Return an entry for each file of one sending, with its content.

    Two different photos may both be called ``image.jpg``: both stay, one under another name.

    :param kept: the files there are: a name that is made up is none of theirs
    """
    found: dict[str, tuple[Entry, bytes]] = {}
    for given, content in uploaded:
        digest = hashlib.sha256(content).hexdigest()
        if any(entry["sha256"] == digest for entry, _ in found.values()):
            continue
        name = plain_name(given)
        if another_name(name, found) != name:
            name = another_name(name, [*found, *(one["name"] for one in kept)])
        found[name] = Entry(name=name, size=len(content), sha256=digest), content
    return list(found.values())


def put(folder: Path, task: FileTask, entry: Entry, content: bytes) -> None:
    """Write a file whole.

    :raises OSError: it could not be written; an older file of this name is as it was
    """
    target = _path(folder, task, entry)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=target.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(made).replace(target)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise


def remove(folder: Path, task: FileTask, entry: Entry) -> None:
    """Remove our copy of a file, unless it was changed after it was added."""
    path = _path(folder, task, entry)
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]:
        path.unlink()


def measured(folder: Path, task: FileTask, entries: Sequence[Entry]) -> list[Entry]:
    """Return ``entries`` as the files are now: changed ones measured again, lost ones left out."""
    found = []
    for entry in entries:
        path = _path(folder, task, entry)
        if path.is_file():
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            found.append(Entry(name=entry["name"], size=len(content), sha256=digest))
    return found


def _path(folder: Path, task: FileTask, entry: Entry) -> Path:
    return folder / place(task.id, entry["name"])
