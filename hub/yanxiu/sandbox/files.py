"""Measure, clean and remove folders that a sandbox wrote into.

What lies there is hostile: links, pipes, names without end, folders a thousand deep.
Nothing here follows a link or recurses, and all of it but ``take_out`` may take long: it is
called in other processes than the launcher's, by ``sampler`` and ``trash``.
"""

import contextlib
import os
import shutil
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

#: Nobody's work is deeper; something deeper is there to hide from being counted.
DEEPEST = 100
#: What an entry costs beyond its bytes, so that a million empty files are not free.
ENTRY = 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


#: The size of what cannot be measured.
UNMEASURABLE = 1 << 62


class TooDeep(Exception):
    """A folder lies deeper than ``DEEPEST``."""


@dataclass(frozen=True)
class Used:
    """What a folder takes.

    :param size: bytes on the disk: a hole takes none, a file with two names is there once; each
        name counts, so that neither empty files nor names of one file are free
    :param names: of files and folders in it
    """

    size: int = 0
    names: int = 0


NOTHING = Used()


def measure(folder: Path) -> Used:
    """Measure a folder, also one that hides from it."""
    try:
        return used(folder)
    except TooDeep:
        return Used(UNMEASURABLE, 0)


def used(folder: Path) -> Used:
    """Return what a folder takes, while others may be writing.

    :raises TooDeep: it cannot be measured
    """
    total, count = 0, 0
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
            count += 1
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
        return Used(total, count)
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


def copy_out(left: int, folder: Path, names: Collection[str], most_bytes: int) -> None:
    """Copy plain files of known names from a dead sandbox's outbox into an empty folder.

    What is copied is a regular file with one name, no larger than ``most_bytes``, and the copy
    is readable by its owner alone. However much else there is, this takes no longer.

    :param left: descriptor of the outbox
    """
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            info = os.stat(name, dir_fd=left, follow_symlinks=False)
            plain = stat.S_ISREG(info.st_mode) and info.st_nlink == 1
            if plain and info.st_size <= most_bytes:
                os.chmod(name, 0o600, dir_fd=left)
                own = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=left)
                made = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(own, "rb") as source, os.fdopen(made, "wb") as copy:
                    shutil.copyfileobj(source, copy)


def show(folder: Path) -> None:
    """Let everybody read what is in a folder, whose own parent keeps everybody away.

    :raises TooDeep: deeper than anybody's work
    """
    for handle, names in walk(folder):
        os.fchmod(handle, 0o755)
        for name in names:
            if stat.S_ISREG(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
                os.chmod(name, 0o644, dir_fd=handle)


def give(folder: Path, user: int) -> None:
    """Make an account the owner of a folder and all that is in it; nobody may be writing there.

    The folder itself comes last: while it has its old owner, it is not done, and doing it
    again is no harm. A file with a name elsewhere too keeps its owner: it may be
    somebody else's.

    :raises TooDeep: deeper than anybody's work
    """
    linked: dict[tuple[int, int], int] = {}
    for handle, names in walk(folder):
        for name in names:
            info = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if not stat.S_ISDIR(info.st_mode) and info.st_nlink > 1:
                inode = info.st_dev, info.st_ino
                linked[inode] = linked.get(inode, 0) + 1
                if linked[inode] < info.st_nlink:
                    continue
            if (info.st_uid, info.st_gid) != (user, user):
                os.chown(name, user, user, dir_fd=handle, follow_symlinks=False)
    os.chown(folder, user, user, follow_symlinks=False)


def walk(folder: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (descriptor, names) of a folder and of all below it, each before what is in it.

    :raises TooDeep: deeper than ``DEEPEST``
    """
    levels: list[tuple[int, list[str]]] = []
    try:
        _descend(levels, str(folder), None)
        if levels:
            yield levels[-1][0], list(levels[-1][1])
        while levels:
            handle, names = levels[-1]
            if not names:
                os.close(levels.pop()[0])
                continue
            before = len(levels)
            _descend(levels, names.pop(), handle)
            if len(levels) > DEEPEST:
                raise TooDeep(str(folder))
            if len(levels) > before:
                yield levels[-1][0], list(levels[-1][1])
    finally:
        for handle, _ in levels:
            os.close(handle)


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
