"""Open the database, and give out transactions that carry their audit event.

Decides durability (WAL with full sync on SQLite), isolation (writers take their lock at
once), and that nothing is written without an event. Called by every process that holds
the database URL: the hub's authenticator, records and the command line.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

from yanxiu.clock import Clock, utcnow

from .audit import Event, record
from .blobs import Blobs

__all__ = ["Session", "Store", "make_engine", "open_store"]


class Store:
    """The database and the blobs of one site, and the clock that stamps what is written."""

    def __init__(self, engine: Engine, blobs: Blobs, clock: Clock = utcnow):
        self.engine = engine
        self.blobs = blobs
        self.clock = clock
        # SQLite has one writer; whoever finds it busy sleeps longer and longer, and may be
        # overtaken all the time. Threads of one process wait here instead, and are woken.
        # Reentrant: SQLite reports a write within a write; here it would hang for ever.
        self._turn: AbstractContextManager[object] = (
            threading.RLock() if engine.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session for reading; what it returned can be read after its end.

        Closing rolls back; an explicit rollback would make every row forget its values.
        """
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def bookkeeping(self) -> Iterator[Session]:
        """Give a session for writes that are nobody's deed, such as a lease or its progress.

        They carry no audit event: a heartbeat every few seconds would bury the deeds.
        """
        engine = self.engine.execution_options(yanxiu_write=True)
        with (
            self._turn,
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def write(self, audit: Event) -> Iterator[Session]:
        """Give a session whose changes and ``audit`` are committed together, or not at all."""
        with self.bookkeeping() as session:
            yield session
            session.flush()
            record(session, audit, self.clock())

    def note(self, audit: Event) -> None:
        """Record an event that changed nothing else, such as a refusal."""
        with self.write(audit):
            pass

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def make_engine(url: str) -> Engine:
    """Return an engine for ``sqlite:///…`` or ``postgresql+psycopg://…``."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10)
    engine = create_engine(url, connect_args={"timeout": 15})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        # We begin transactions ourselves: pysqlite would begin them too late for a reader
        # that turns writer, which SQLite then refuses at once whatever the timeout.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # a receipt survives a power cut
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("yanxiu_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def open_store(url: str, blobs: Path, clock: Clock = utcnow) -> Store:
    """Open the site's store, as every long-running process does."""
    return Store(make_engine(url), Blobs(blobs), clock)
