"""Remove what sandboxes left, in other processes: nobody waits for it.

A folder with a million names is one rename for the launcher; a child of it does the rest.
What is left of a launcher that is gone is removed by the next. Called by ``servers`` and
``jobs``.
"""

import asyncio
import contextlib
import os
import secrets
from pathlib import Path

from yanxiu.sandbox import files, process

#: Removals at once.
_AT_ONCE = 4


class Trash:
    """The launcher's trash.

    :param folder: on the file system of what is thrown into it
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._removing: set[asyncio.Task[None]] = set()
        for left in list(folder.iterdir()):
            self._remove(left)

    def throw(self, path: Path) -> None:
        """Take a folder out of the way, and remove it some time."""
        aside = self._folder / secrets.token_hex(8)
        with contextlib.suppress(FileNotFoundError):
            path.rename(aside)
            self._remove(aside)

    def sweep(self, homes: Path) -> None:
        """Remove homes that housekeeping has put aside: they may be closed to it."""
        for left in homes.glob(".gone-*"):
            if left.lstat().st_uid != os.getuid():
                self._remove(left)

    def _remove(self, path: Path) -> None:
        task = asyncio.ensure_future(self._removed(path))
        self._removing.add(task)
        task.add_done_callback(self._removing.discard)

    async def _removed(self, path: Path) -> None:
        async with self._turn:
            child = process.fork(lambda: _nicely(path), {1: 1, 2: 2})
            await child.ended.wait()

    async def empty(self) -> None:
        """Wait until nothing is left to remove; for tests."""
        while self._removing:
            await asyncio.wait(self._removing)


def _nicely(path: Path) -> None:
    os.nice(19)
    files.remove(path)
