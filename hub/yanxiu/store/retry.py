"""Which errors of a database mean "run it again", and how long to wait before that.

Pure but for the dice. A transaction that another one made impossible (deadlock,
serialization, a busy SQLite, a row that changed under it) has changed nothing: the same
function on the new state is right. Called by ``engine.Store.transact``.
"""

import random
import sqlite3

from sqlalchemy.exc import DBAPIError

from yanxiu.errors import N_, Refused

MOST_RUNS = 6
_FIRST_WAIT_S = 0.01
_LONGEST_WAIT_S = 0.3
#: serialization_failure, deadlock_detected, lock_not_available.
_SQLSTATES = frozenset({"40001", "40P01", "55P03"})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class Again(Exception):
    """What a transaction was built on has changed: run it again."""


def is_transient(error: Exception) -> bool:
    """Say whether the same function may come through when it is run again."""
    if isinstance(error, Again):
        return True
    if not isinstance(error, DBAPIError):
        return False
    cause = error.orig
    if isinstance(cause, sqlite3.OperationalError):
        # The low byte is the kind; the rest says where in SQLite it happened.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _BUSY
    return getattr(cause, "sqlstate", None) in _SQLSTATES


def wait_s(run: int) -> float:
    """Return how long to wait after the ``run``-th time, with full jitter.

    Those who met once would meet again if all of them waited the same time.
    """
    longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**run)
    return random.uniform(0, longest)  # noqa: S311 - dice, no secret


class Busy(Refused):
    """What is said after the last time. Nobody's fault, and true of nothing that was asked for:
    whoever goes through many things stops here instead of counting this one as refused.
    """

    def __init__(self) -> None:
        super().__init__(
            "store.busy",
            N_("平台现在太忙，这一步没有做成，什么也没有改动。请过一会儿再试一次。"),
            status=503,
        )
