"""Make what was committed survive a power cut: one fsync for all who wait together.

SQLite would flush its log within each commit, while it holds the one write lock; here a
commit writes the log and lets go, and whoever committed waits outside for the next flush of
the log, which serves everybody who came before it began. PostgreSQL does the same by itself.
Called by ``engine`` after each commit, before anybody is told of it.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path


class GroupFlush:
    """Calls ``flush`` as seldom as it can, and never returns before it has done its work."""

    def __init__(self, flush: Callable[[], None]):
        self._flush = flush
        self._count = threading.Lock()
        self._flushing = threading.Lock()
        self._asked = self._served = 0

    def wait(self) -> None:
        """Return once everything that was written before this call is safe.

        :raises OSError: it could not be made so; whoever waits beside tries for themselves
        """
        with self._count:
            self._asked += 1
            mine = self._asked
        with self._flushing:
            if self._served >= mine:
                return  # whoever was in front began after we had written
            with self._count:
                serves = self._asked
            self._flush()
            self._served = serves


def flush_log(database: Path) -> None:
    """Flush the write-ahead log of an SQLite database.

    Opened each time: a log that was merged into the database is another file afterwards, and
    was safe before it went. Closing it takes no lock from SQLite, which keeps its locks on the
    database and the ``-shm`` file.
    """
    try:
        log = os.open(f"{database}-wal", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fsync(log)
    finally:
        os.close(log)
