"""Look at what processes hold open: what takes room, and no size of theirs or of a folder shows.

Files without a name any more, pipes and sockets. Where there are control groups the kernel
counts the memory of these, and only files on the disk are looked for. Decides nothing.
Called by ``meters``.
"""

import contextlib
import os
import stat
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from yanxiu.sandbox.limits import MB
from yanxiu.settings.limits import Limits

#: What a pipe may hold, bytes: the first of an account, and any more of them (pipe(7)).
_PIPE, _LARGE_PIPES, _SMALL_PIPE = 65536, 1024, 8192
#: What a socket may hold; so many as Jupyter and its kernels need anyway are not counted.
_SOCKET, _FREE_SOCKETS = 512 * 1024, 128
#: Seconds between two looks at what is mapped: a list of a thousand lines for each process.
MAPPED_EVERY_S = 10.0


@dataclass(frozen=True)
class Disk:
    """The file system of a home.

    :param device: its ``st_dev``
    :param file_bytes: what one file may hold: so much counts as one that cannot be looked at
    """

    device: int
    file_bytes: int

    @classmethod
    def of(cls, folder: Path, limits: Limits) -> "Disk | None":
        """Return that of a folder, if it is there."""
        with contextlib.suppress(OSError):
            return cls(folder.stat().st_dev, limits.file_mb * MB)
        return None

    @property
    def number(self) -> bytes:
        """Return its name in ``/proc/<pid>/maps``."""
        return b"%02x:%02x" % (os.major(self.device), os.minor(self.device))


@dataclass(frozen=True)
class Held:
    """What there is.

    :param deleted: inode → bytes on the disk of files that have no name any more
    :param flying: descriptors on their way from one process to another: what they are of
        cannot be seen
    :param kernel: at most so many bytes in pipes and sockets
    :param most: of whom holds most pipes and sockets: the pid
    :param hidden: pids of those that do not let themselves be looked at
    """

    deleted: dict[int, int] = field(default_factory=dict)
    flying: int = 0
    kernel: int = 0
    most: int | None = None
    hidden: frozenset[int] = frozenset()


class Meter:
    """What the processes of one sandbox hold, looked at again and again.

    :param every_s: seconds between two looks
    """

    def __init__(self, disk: Disk | None, every_s: float):
        self.now = Held()
        #: Bytes on the disk of files without a name.
        self.deleted = 0
        self._disk = disk
        self._every_s = every_s
        self._due = 0.0
        self._mapped: dict[int, int] = {}
        self._mapped_due = 0.0

    def look(self, pids: Callable[[], Collection[int]]) -> frozenset[int]:
        """Look, if it is time; return those who twice did not let themselves be looked at."""
        now = time.monotonic()
        if now < self._due:
            return frozenset()
        self._due = now + self._every_s
        found, before = look(all_pids := pids(), self._disk), self.now
        self.now = found
        if self._disk:
            if now >= self._mapped_due:
                self._mapped_due = now + MAPPED_EVERY_S
                self._mapped = mapped(all_pids, self._disk)
            # One that is just being handed over is no hiding place; one that stays is.
            staying = min(found.flying, before.flying)
            known = {**self._mapped, **found.deleted}
            self.deleted = sum(known.values()) + staying * self._disk.file_bytes
        return found.hidden & before.hidden


def look(pids: Iterable[int], disk: Disk | None = None) -> Held:
    """Look at some processes now.

    :param disk: whose deleted files are asked for
    """
    deleted: dict[int, int] = {}
    pipes: set[int] = set()
    sockets: set[int] = set()
    hidden: set[int] = set()
    most, most_new, flying = None, 0, 0
    for pid in pids:
        before = len(pipes) + len(sockets)
        try:
            names = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 - names are all it takes
        except PermissionError:
            hidden.add(pid)
            continue
        except OSError:
            continue  # it is gone
        for name in names:
            try:
                info = os.stat(f"/proc/{pid}/fd/{name}")  # noqa: PTH116
            except OSError:
                continue
            if stat.S_ISFIFO(info.st_mode):
                pipes.add(info.st_ino)
            elif stat.S_ISSOCK(info.st_mode):
                if disk and info.st_ino not in sockets:
                    flying += _flying(pid, name)
                sockets.add(info.st_ino)
            elif disk and info.st_nlink == 0 and info.st_dev == disk.device:
                deleted[info.st_ino] = info.st_blocks * 512
        if len(pipes) + len(sockets) - before > most_new:
            most, most_new = pid, len(pipes) + len(sockets) - before
    large = min(len(pipes), _LARGE_PIPES)
    kernel = large * _PIPE + (len(pipes) - large) * _SMALL_PIPE
    kernel += max(0, len(sockets) - _FREE_SOCKETS) * _SOCKET
    return Held(deleted, flying, kernel, most, frozenset(hidden))


def _flying(pid: int, name: str) -> int:
    """Return how many descriptors wait in a socket (kernel 5.10 and later)."""
    try:
        _, _, rest = Path(f"/proc/{pid}/fdinfo/{name}").read_bytes().partition(b"scm_fds:")
    except OSError:
        return 0
    words = rest.split(None, 1)
    return int(words[0]) if words and words[0].isdigit() else 0


def mapped(pids: Iterable[int], disk: Disk) -> dict[int, int]:
    """Return inode → bytes of the files without a name that are only mapped, no longer open."""
    found: dict[int, int] = {}
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/maps").read_bytes().splitlines()
        except OSError:
            continue
        for line in lines:
            if not line.endswith(b"(deleted)"):
                continue
            where, _, _, device, inode = line.split(None, 5)[:5]
            if device != disk.number or int(inode) in found:
                continue
            found[int(inode)] = disk.file_bytes
            # Only root may look through this one.
            with contextlib.suppress(OSError):
                info = os.stat(f"/proc/{pid}/map_files/{where.decode()}")  # noqa: PTH116
                found[int(inode)] = info.st_blocks * 512
    return found
