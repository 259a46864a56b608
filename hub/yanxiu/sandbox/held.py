"""Look at what processes hold open: what takes room, and no size of theirs or of a folder shows.

Files without a name any more, pipes and sockets. Where there are control groups the kernel
counts the memory of these, and only files on the disk are looked for. Decides nothing.
Called by ``meters`` and ``folders``.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

#: What a pipe may hold, bytes: the first of an account, and any more of them (pipe(7)).
_PIPE, _LARGE_PIPES, _SMALL_PIPE = 65536, 1024, 8192
#: What a socket may hold; so many as Jupyter and its kernels need anyway are not counted.
_SOCKET, _FREE_SOCKETS = 512 * 1024, 128


@dataclass(frozen=True)
class Held:
    """What there is.

    :param deleted: bytes on the disk of files that have no name any more
    :param kernel: at most so many bytes in pipes and sockets
    :param most: of whom holds most pipes and sockets: the pid
    :param hidden: pids of those that do not let themselves be looked at
    """

    deleted: int = 0
    kernel: int = 0
    most: int | None = None
    hidden: frozenset[int] = frozenset()


def look(pids: Iterable[int], device: int | None = None) -> Held:
    """Look at some processes now.

    :param device: the disk (``st_dev``) whose deleted files are asked for
    """
    deleted: dict[int, int] = {}
    pipes: set[int] = set()
    sockets: set[int] = set()
    hidden: set[int] = set()
    most, most_new = None, 0
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
                sockets.add(info.st_ino)
            elif info.st_nlink == 0 and info.st_dev == device:
                deleted[info.st_ino] = info.st_blocks * 512
        if len(pipes) + len(sockets) - before > most_new:
            most, most_new = pid, len(pipes) + len(sockets) - before
    large = min(len(pipes), _LARGE_PIPES)
    kernel = large * _PIPE + (len(pipes) - large) * _SMALL_PIPE
    kernel += max(0, len(sockets) - _FREE_SOCKETS) * _SOCKET
    return Held(sum(deleted.values()), kernel, most, frozenset(hidden))
