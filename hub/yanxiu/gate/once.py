"""What may be used once: known to every process of records, wherever the second use arrives.

A file for each, made only if there is none: that is one step for the file system, whoever else
tries it. Beside the blobs, which all processes share. On a full disk each process knows its
own only, so that people still reach their Jupyter to make room; the browser's secret is gone
after the first use as well. Called by ``passes``.
"""

import logging
import os
import re
import time
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("yanxiu.records")

_NUMBER = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Once:
    """Numbers that have been used.

    :param folder: shared by all processes; made if missing
    :param lasts_s: after so long a number is good for nothing anyway
    """

    def __init__(self, folder: Path, lasts_s: float):
        self._folder = folder
        self._keep_s = 2 * lasts_s + 60
        self._own: dict[str, float] = {}
        self._swept = 0.0

    def take(self, number: str) -> bool:
        """Use a number; False if it has been used before, here or elsewhere."""
        now = time.time()
        if not _NUMBER.fullmatch(number) or number in self._own:
            return False
        self._sweep(now)
        self._own[number] = now
        try:
            return self._take_of_all(number)
        except OSError as error:
            log.error("a code is known to this process only: %s", type(error).__name__)
        return True

    def _take_of_all(self, number: str) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.close(os.open(number, flags, 0o600, dir_fd=folder))
        except FileExistsError:
            return False
        finally:
            os.close(folder)
        return True

    def _sweep(self, now: float) -> None:
        if now - self._swept < self._keep_s:
            return
        self._swept = now
        self._own = {one: at for one, at in self._own.items() if now - at < self._keep_s}
        with suppress(OSError):
            for file in self._folder.iterdir():
                if now - file.stat().st_mtime > self._keep_s:
                    file.unlink(missing_ok=True)
