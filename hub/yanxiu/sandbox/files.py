"""Measure, clean and remove folders that a sandbox wrote into.

What lies there is hostile: links, pipes, names without end, folders a thousand deep.
Nothing here follows a link or recurses, and all of it but ``take_out`` may take long: it is
called in other processes than the launcher's, by ``sampler`` and ``trash``.
"""

import contextlib
import os
import stat
from collections.abc import Collection
from pathlib import Path

#: Nobody's work is deeper; something deeper is there to hide from being counted.
DEEPEST = 100
#: What an entry costs beyond its bytes, so that a million empty files are not free.
ENTRY = 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class TooDeep(Exception):
    """A folder lies deeper than ``DEEPEST``."""


def used(folder: Path) -> int:
    """Return the bytes that a folder takes on the disk, while others may be writing.

    Each name counts, so that neither empty files nor names of one file are free.

    :raises TooDeep: it cannot be measured
    """
    total = 0
    linked: set[tuple[int, int]] = set()
    levels: list[tuple[int, list[str]]] = []
    try:
        _descend(levels, str(folder), None)
        while levels:
            handle, names = levels[-1]
            if not names:
                os.close(levels.pop()[0])
                continue
            name = names.pop()
            total += ENTRY
            try:
                info = os.stat(name, dir_fd=handle, follow_symlinks=False)
            except OSError:
                continue
            if info.st_nlink > 1 and not stat.S_ISDIR(info.st_mode):
                if (info.st_dev, info.st_ino) in linked:
                    continue
                linked.add((info.st_dev, info.st_ino))
            total += info.st_blocks * 512
            if stat.S_ISDIR(info.st_mode):
                if len(levels) >= DEEPEST:
                    raise TooDeep(str(folder))
                _descend(levels, name, handle)
        return total
    finally:
        for handle, _ in levels:
            os.close(handle)


def _descend(levels: list[tuple[int, list[str]]], name: str, inside: int | None) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(name, _FOLDER, dir_fd=inside)
        try:
            levels.append((handle, os.listdir(handle)))  # noqa: PTH208 - by descriptor
        except OSError:
            os.close(handle)


def take_out(aside: Path, folder: Path, names: Collection[str], most_bytes: int) -> None:
    """Move plain files of known names from a dead sandbox's outbox into an empty folder.

    What is moved is a regular file with one name, no larger than ``most_bytes``, and from
    now on readable by its owner alone. However much else there is, this takes no longer.
    """
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            info = (aside / name).lstat()
            plain = stat.S_ISREG(info.st_mode) and info.st_nlink == 1
            if plain and info.st_size <= most_bytes:
                (aside / name).chmod(0o600)
                (aside / name).rename(folder / name)


def remove(path: Path) -> None:
    """Remove a file or a whole folder, however deep. Nobody may be writing there any more."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISDIR(path.lstat().st_mode):
            path.unlink()
            return
        path.chmod(0o700)
        count = 0
        while entries := list(path.iterdir()):
            for entry in entries:
                if not stat.S_ISDIR(entry.lstat().st_mode):
                    entry.unlink()
                    continue
                # Lift the grandchildren up, so that depth never becomes recursion.
                entry.chmod(0o700)
                for below in list(entry.iterdir()):
                    count += 1
                    lifted = path / f".lifted-{count}-{os.urandom(4).hex()}"
                    if stat.S_ISDIR(below.lstat().st_mode):
                        # Moving a folder rewrites its "..", which needs it writable.
                        below.chmod(0o700)
                    below.rename(lifted)
                entry.rmdir()
        path.rmdir()
