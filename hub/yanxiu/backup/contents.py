"""Blobs out of a site into the archives' folder, and back; the files of drafts; the list of homes.

Blobs are read and written through ``store.blobs`` alone, so that it does not matter where a site
has them. Each is hashed as it is copied: a blob that is not what its name says is found now
and not on the day it is needed.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from yanxiu.errors import SettingsError
from yanxiu.names import is_person_id
from yanxiu.store.blobs import Blobs, chunks_of

#: Told how many are done, of how many.
Step = Callable[[int, int], object]


class Copied:
    """What came of copying blobs."""

    def __init__(self) -> None:
        self.bytes = self.new = 0
        self.missing: list[str] = []


def copy(source: Blobs, target: Blobs, digests: Iterable[str], step: Step) -> Copied:
    """Copy the blobs that ``target`` lacks.

    :raises SettingsError: one of them is not what its name says
    """
    wanted = sorted(digests)
    found = Copied()
    for done, digest in enumerate(wanted):
        step(done, len(wanted))
        if target.has(digest):
            found.bytes += _size(target.open(digest))
            continue
        try:
            file = source.open(digest)
        except FileNotFoundError:
            found.missing.append(digest)
            continue
        with file:
            found.bytes += _put(target, digest, file)
        found.new += 1
    step(len(wanted), len(wanted))
    return found


def look(source: Blobs, digests: Iterable[str], step: Step) -> Copied:
    """Look which blobs are there, without copying them."""
    wanted = sorted(digests)
    found = Copied()
    for done, digest in enumerate(wanted):
        step(done, len(wanted))
        if not source.has(digest):
            found.missing.append(digest)
    step(len(wanted), len(wanted))
    return found


def copy_back(source: Blobs, target: Blobs, digests: Iterable[str], step: Step) -> None:
    """Copy the blobs that ``target`` lacks. :raises SettingsError: the archive has one not whole"""
    if missing := copy(source, target, digests, step).missing:
        raise _damaged(missing[0])


def check_there(blobs: Blobs, digests: Iterable[str], step: Step) -> None:
    """Look for each blob of an archive that keeps their list only.

    :raises SettingsError: some are not there
    """
    if missing := look(blobs, digests, step).missing:
        raise SettingsError(
            f"这份备份只有文件的清单，而要恢复到的存储里缺少 {len(missing)} 个（如 {missing[0]}）。"
            "请先把对象存储恢复到做备份的时刻，再运行一次。"
        )


def check(blobs: Blobs, digests: Iterable[str], step: Step) -> None:
    """Read every blob. :raises SettingsError: one is not there, or not what its name says"""
    wanted = sorted(set(digests))
    for done, digest in enumerate(wanted):
        step(done, len(wanted))
        try:
            with blobs.open(digest) as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        except FileNotFoundError:
            found = ""
        if found != digest:
            raise _damaged(digest)
    step(len(wanted), len(wanted))


def _put(target: Blobs, digest: str, file: IO[bytes]) -> int:
    stored = target.put(chunks_of(file))
    if stored != digest:
        # Under the name of what it is; nobody needs it there.
        target.remove(stored)
        raise _damaged(digest)
    return file.tell()


def _size(file: IO[bytes]) -> int:
    with file:
        return file.seek(0, os.SEEK_END)


def _damaged(digest: str) -> SettingsError:
    return SettingsError(
        f"文件 {digest} 的内容和它的名字不符，或已经不在：磁盘可能坏了。"
        "请先检查磁盘；在备份里损坏的，用另一份备份；在平台里损坏的，用备份里的同名文件换上。"
    )


def drafts(blobs: Blobs) -> Iterator[tuple[str, str]]:
    """Give (place among the blobs, digest) of the files that drafts have taken along."""
    for names in sorted(names for names, _ in blobs.parts("drafts")):
        if is_person_id(names[0]):
            part = "/".join(("drafts", *names))
            for digest in sorted(blobs.below(*part.split("/")).digests()):
                yield part, digest


def homes(folder: Path, step: Step) -> Iterator[tuple[str, int, int]]:
    """Give (person id, files, bytes) of each home; -1 where this account may not look inside."""
    found = sorted(one.name for one in folder.glob("u*") if is_person_id(one.name) and one.is_dir())
    for done, name in enumerate(found):
        step(done, len(found))
        try:
            files, size = _measure(folder / name)
        except PermissionError:
            files = size = -1
        yield name, files, size
    step(len(found), len(found))


def _measure(home: Path) -> tuple[int, int]:
    files = size = 0

    def stop(error: OSError) -> None:
        # A file that went while this looked is none; a folder that is closed to us is said.
        if not isinstance(error, FileNotFoundError):
            raise error

    for folder, _, names in os.walk(home, onerror=stop):
        for name in names:
            try:
                size += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118
            except FileNotFoundError:
                continue
            files += 1
    return files, size
