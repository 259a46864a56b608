"""Pack a unit's folder as the bundle of docs/reference/records-api.md.

Pure but for reading: regular files only, sorted, NFC names, sizes checked before anything is
read. What the release brought (unit.json, intro, data) stays behind, hidden files too;
links and special files are left out and named. What happened to the notebook is ``mending``'s.
"""

import hashlib
import io
import json
import os
import stat
import tarfile
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader_yanxiu.errors import NotPacked
from nbgrader_yanxiu.mending import ANSWERS, MAX_NOTEBOOK_BYTES, Note, mend

MAX_FILES = 200
MAX_BYTES = 20_000_000
#: nbgrader's own metadata: sent, but the same work at another minute is the same work.
TIMESTAMP = "timestamp.txt"


@dataclass(frozen=True)
class Bundle:
    """A folder ready to be sent.

    :param body: plain tar, sorted by name
    :param digest: SHA-256 of the canonical JSON ``{name: sha256}``, as the service counts it
    :param count: how many files are in it
    :param left_out: names of links and special files that are not
    :param notes: what the teacher should know about what is handed in
    """

    body: bytes = field(repr=False)
    digest: str
    count: int
    left_out: tuple[str, ...]
    notes: tuple[Note, ...] = ()


def pack(
    folder: Path, unit: dict[str, Any], max_files: int = MAX_FILES, max_bytes: int = MAX_BYTES
) -> Bundle:
    """Return the bundle of ``folder``; the same files give the same bytes.

    :param unit: ``unit.json``, or as much of it as is known: ``notebooks`` (or ``notebook``)
        says what is to be handed in, ``data`` what the release brought
    :raises NotPacked: nothing to submit, too many, too big, two names alike, unreadable, a
        broken notebook, or several that could be the unit's
    """
    try:
        files, left_out = _find(folder, _released(unit))
        known = {name: path.lstat() for name, path in files.items()}
    except OSError as error:  # a file that went away while it was looked at
        raise NotPacked("disk_error", known=Path(str(error.filename)).name) from None
    if len(files) > max_files:
        raise NotPacked("too_many_files", count=len(files), limit=max_files)
    books = {name for name in files if name.lower().endswith(".ipynb")}
    for name in books:
        if known[name].st_size > MAX_NOTEBOOK_BYTES:
            raise NotPacked("notebook_too_big", known=name, size=human(known[name].st_size))
    contents = {name: _read(name, files[name]) for name in books}
    wanted = list(unit.get("notebooks") or [unit["notebook"]])
    notes: list[Note] = []
    # Only of a unit of ours it is known which cells belong in its notebook.
    if len(wanted) == 1 and unit.get("kind") != "nbgrader" and unit.get("tasks"):
        times = {name: known[name].st_mtime for name in books}
        contents, notes = mend(contents, times, unit, has_answers=ANSWERS in files)
    if not {*wanted, ANSWERS} & (set(contents) | set(files)):
        raise NotPacked("nothing_to_submit", wanted="、".join(wanted))
    sizes = {name: len(content) for name, content in contents.items()} | {
        name: known[name].st_size for name in set(files) - books
    }
    if sum(sizes.values()) > max_bytes:
        largest = max(sizes, key=lambda name: sizes[name])
        size, limit = human(sum(sizes.values())), human(max_bytes)
        raise NotPacked("too_big", size=size, limit=limit, largest=largest)
    contents |= {name: _read(name, files[name]) for name in set(files) - books}
    return Bundle(
        to_tar(contents),
        digest_of(contents),
        len(contents),
        tuple(sorted(left_out)),
        tuple(notes),
    )


def to_tar(contents: dict[str, bytes]) -> bytes:
    """Return files as a plain tar, sorted, without anything of this machine."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(contents):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(contents[name]), 0o644
            tar.addfile(entry, io.BytesIO(contents[name]))
    return buffer.getvalue()


def digest_of(contents: dict[str, bytes]) -> str:
    """Return the digest that the service will find."""
    kept = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in contents.items()
        if name != TIMESTAMP
    }
    canonical = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def human(size: int) -> str:
    """Return a size for people.

    >>> human(900), human(2000), human(20_000_000)
    ('0.9 KB', '2.0 KB', '20.0 MB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{size / 1e3:.1f} KB"


def _released(unit: dict[str, Any]) -> set[str]:
    data = {entry["file"] for entry in unit.get("data", ())}
    return {"unit.json", "intro.md", "intro.en.md", *data}


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
                raise NotPacked("same_names", known=known)
            else:
                files[known] = path
    return files, left_out


def _read(name: str, path: Path) -> bytes:
    try:
        # No link that took the file's place since it was looked at.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return file.read()
    except OSError:
        raise NotPacked("disk_error", known=name) from None
