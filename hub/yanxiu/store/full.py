"""Know a full disk among other faults, and stop taking work before there is one.

The same condition comes as an error of the operating system, of SQLite or of PostgreSQL, depending
on who wrote. Whoever is refused for it loses nothing: it becomes a sentence. Called by
``engine`` for every change, and by verbs before they take bytes.
"""

import errno
import os
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from yanxiu.errors import N_, Refused

_ERRNO = frozenset({errno.ENOSPC, errno.EDQUOT})
#: disk_full
_SQLSTATE = "53100"
#: With less of a disk free than this, no work is taken any more: what the database still has to
#: write (marks, decisions, audit) fits in what is left.
MIN_FREE_PERCENT = 3.0


class Full(Refused):
    """Nobody's fault, and true of nothing that was asked for; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "storage.full",
            N_(
                "平台的存储空间满了，这次没有办成。您的内容还在原处，请稍后再试，或告诉本校管理员。"
            ),
            status=507,
        )
        # An event of it would have to be written to the same disk.
        self.noted = True


def is_full(error: BaseException) -> bool:
    """Say whether a disk is full, or an account's share of it."""
    if isinstance(error, OSError):
        return error.errno in _ERRNO
    if not isinstance(error, DBAPIError):
        return False
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == _SQLSTATE


def free_percent(folder: Path) -> float:
    """Return how much of the disk under a folder an ordinary account may still use."""
    disk = os.statvfs(folder)
    return 100 * disk.f_bavail / disk.f_blocks if disk.f_blocks else 100.0


def check_room(folder: Path, min_free_percent: float) -> None:
    """Refuse work while there is little room.

    :raises Full: there is less than that free
    """
    if free_percent(folder) < min_free_percent:
        raise Full
