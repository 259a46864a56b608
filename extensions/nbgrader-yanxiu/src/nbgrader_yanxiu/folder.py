"""A unit's folder on disk: its mark, the key of the work in it, writing without overwriting.

``.yanxiu.json`` says which assignment a folder is; ``.yanxiu-submit.json`` under which key
its work is being handed in, so that a command that was interrupted, or the Lab panel after
it, goes on with the same attempt. Both are hidden and so never part of a bundle.
"""

import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from yanxiu_formats.units import UNIT_FILE, BadUnit, Unit, parse_unit

from nbgrader_yanxiu.errors import NotPacked

MARK = ".yanxiu.json"
KEY = ".yanxiu-submit.json"


def assignment_of(folder: Path) -> str:
    """Return the id of the assignment that ``folder`` belongs to.

    :raises NotPacked: there is no mark, or it says nothing of use
    """
    try:
        return str(uuid.UUID(read_json(folder / MARK)["assignment"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotPacked("no_assignment") from None


def unit_in(folder: Path) -> Unit | None:
    """Return the unit that ``folder`` says it is of; None in a plain course, or if it is broken."""
    try:
        return parse_unit((folder / UNIT_FILE).read_bytes())
    except (OSError, BadUnit):
        return None


def key_for(folder: Path, digest: str, newest: Callable[[], str | None]) -> str:
    """Return the key kept for this work, or a new one, kept before anything is sent.

    :param newest: asks for the number of the newest receipt, None without any
    """
    kept = read_json(folder / KEY)
    if kept.get("digest") == digest and isinstance(kept.get("key"), str):
        receipt = kept.get("receipt")
        # The same work again is a new attempt only if something else was handed in since.
        if receipt is None or newest() in (None, receipt):
            return str(kept["key"])
    key = uuid.uuid4().hex
    keep_key(folder, digest, key, None)
    return key


def keep_key(folder: Path, digest: str, key: str, receipt: str | None) -> None:
    """Remember under which key this work goes, and its receipt once there is one."""
    # A folder that cannot be written costs the chance to go on, and nothing else.
    with suppress(OSError):
        write_json(folder / KEY, {"digest": digest, "key": key, "receipt": receipt})


def make(target: Path, files: dict[str, bytes], mark: dict[str, Any]) -> None:
    """Write a new folder, whole or not at all.

    :raises FileExistsError: there is something of that name
    :raises OSError: it could not be written
    """
    if target.exists() or target.is_symlink():
        raise FileExistsError(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    # A dot: a folder that a crash leaves half-written is not shown, and the next try is whole.
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
    try:
        add_missing(draft, files)
        write_json(draft / MARK, mark)
        draft.chmod(0o755)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def add_missing(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Write those of ``files`` that are not there and return their names."""
    added = []
    for name, content in files.items():
        target = folder / name
        # Not through a link to somewhere else, for what may be created here.
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.parent.resolve().is_relative_to(folder.resolve()):
            continue
        try:
            # O_EXCL: neither replaces a file nor follows a link.
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
        added.append(name)
    return added


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file; an empty one if there is none that can be read."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Put an object into a file, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(content, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
