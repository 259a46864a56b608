"""Know what an upgrade will take before it is done: which migrations, on how much, for how long.

SQLite's is tried: the migrations run on a copy, which is thrown away. A PostgreSQL database is not
copied behind anybody's back; there, restoring a backup into an empty database runs the same
migrations on the same rows, and says how long they took. Called by ``yanxiu upgrade --check``.
"""

import os
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select, table, text

from . import schema
from .engine import make_engine


@dataclass(frozen=True)
class Outlook:
    """What stands before.

    :param steps: (revision, what it does) of each migration that would run
    :param size: bytes of the database
    """

    revision: str | None
    steps: list[tuple[str, str]]
    rows: int
    size: int


def outlook(engine: Engine) -> Outlook:
    """Look; change nothing. :raises SettingsError: the database is a newer program's"""
    with engine.connect() as connection:
        revision = schema.current_revision(connection)
        names = [] if revision is None else inspect(connection).get_table_names()
        rows = sum(_count(connection, name) for name in names)
        return Outlook(revision, schema.pending(revision), rows, _size(connection))


def _count(connection: Connection, name: str) -> int:
    return connection.scalar(select(func.count()).select_from(table(name))) or 0


def _size(connection: Connection) -> int:
    """Return how many bytes the database takes on its disk."""
    if connection.dialect.name == "sqlite":
        pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        return connection.scalar(text(pages)) or 0
    return connection.scalar(text("SELECT pg_database_size(current_database())")) or 0


def free_bytes(folder: Path) -> int:
    """Return how much an ordinary account may still write there."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def try_on_a_copy(engine: Engine, folder: Path) -> float:
    """Migrate a copy of an SQLite database, made in ``folder``; return the seconds it took.

    What an upgrade does: copying is part of it.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix=".try-") as place:
        began = time.perf_counter()
        copy = Path(place) / "copy.sqlite"
        with engine.connect() as connection, closing(sqlite3.connect(copy)) as target:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            source.backup(target)
        tried = make_engine(f"sqlite:///{copy}")
        try:
            schema.upgrade(tried)
        finally:
            tried.dispose()
        return time.perf_counter() - began
