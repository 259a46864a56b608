"""Pack a unit's folder as the bundle of docs/reference/records-api.md.

Pure but for reading: regular files only, sorted, NFC names, sizes checked before anything is
read. What the release brought (unit.json, intro, data) stays behind, hidden files too;
links and special files are left out and named.
"""

import hashlib
import io
import os
import stat
import tarfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worksheet.lang import say
from worksheet.state import WorksheetError

MAX_FILES = 200
MAX_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Bundle:
    """A tar, its digest, how many files are in it, and the names that were left out."""

    body: bytes
    digest: str
    count: int
    left_out: tuple[str, ...]


def pack(
    folder: Path, unit: dict[str, Any], max_files: int = MAX_FILES, max_bytes: int = MAX_BYTES
) -> Bundle:
    """Return the bundle of ``folder``; the same files give the same bytes.

    :raises WorksheetError: nothing to submit, too many, too big, or two names alike
    """
    files, left_out = _find(folder, _released(unit))
    if not {unit["notebook"], "answers.json"} & set(files):
        raise WorksheetError(say("nothing_to_submit"))
    if len(files) > max_files:
        raise WorksheetError(say("too_many_files", count=len(files), limit=max_files))
    sizes = {name: path.stat().st_size for name, path in files.items()}
    if sum(sizes.values()) > max_bytes:
        largest = max(sizes, key=lambda name: sizes[name])
        size, limit = human(sum(sizes.values())), human(max_bytes)
        raise WorksheetError(say("too_big", size=size, limit=limit, largest=largest))
    buffer, digest = io.BytesIO(), hashlib.sha256()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(files):
            content = files[name].read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return Bundle(buffer.getvalue(), digest.hexdigest(), len(files), tuple(sorted(left_out)))


def human(size: int) -> str:
    """Return a size for people.

    >>> human(900), human(2048), human(20 * 1024 * 1024)
    ('0.9 KB', '2.0 KB', '20.0 MB')
    """
    return f"{size / 1024**2:.1f} MB" if size >= 1024**2 else f"{size / 1024:.1f} KB"


def _released(unit: dict[str, Any]) -> set[str]:
    return {"unit.json", "intro.md", "intro.en.md", *(entry["file"] for entry in unit["data"])}


def _find(folder: Path, released: set[str]) -> tuple[dict[str, Path], list[str]]:
    files: dict[str, Path] = {}
    left_out: list[str] = []
    for top, folders, names in os.walk(folder):
        hidden = [one for one in folders if one.startswith(".") or one == "__pycache__"]
        linked = [one for one in folders if (Path(top) / one).is_symlink()]
        folders[:] = [one for one in folders if one not in hidden and one not in linked]
        for name in [*linked, *names]:
            path = Path(top) / name
            known = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
            if name.startswith(".") or known in released:
                continue
            if not stat.S_ISREG(path.lstat().st_mode):
                left_out.append(known)
            elif known in files:
                raise WorksheetError(say("same_names", name=known))
            else:
                files[known] = path
    return files, left_out
