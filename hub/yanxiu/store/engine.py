"""Open the database, and give out transactions that carry their audit event.

Decides durability (a flushed log on SQLite, see ``durable``), isolation (writers take their lock at
once), that nothing is written without an event, and that a change which met another one is
run again. Called by every process that holds the database URL.
"""

import copy
import select
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session

from yanxiu.clock import Clock, utcnow

from . import full, retry
from .audit import Event, record
from .blobs import Blobs
from .durable import GroupFlush, flush_log
from .tally import Tally

__all__ = ["Engine", "Session", "Store", "make_engine", "open_store"]

T = TypeVar("T")


class Store:
    """The database and the blobs of one site, and the clock that stamps what is written."""

    def __init__(self, engine: Engine, blobs: Blobs, clock: Clock = utcnow):
        self.engine = engine
        self.blobs = blobs
        self.clock = clock
        # SQLite has one writer; whoever finds it busy sleeps longer and longer, and may be
        # overtaken all the time. Threads of one process wait here instead, and are woken.
        # Reentrant: SQLite reports a write within a write; here it would hang for ever.
        lite = engine.dialect.name == "sqlite"
        self._reading = engine if lite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writing = engine.execution_options(yanxiu_write=True)
        self._turn: AbstractContextManager[object] = threading.RLock() if lite else nullcontext()
        file = Path(engine.url.database or "")
        self._durable = GroupFlush(partial(flush_log, file) if lite else _nothing)
        self.tally = Tally(self.note)
        self.min_free_percent = full.MIN_FREE_PERCENT

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session for reading; what it returned can be read after its end.

        Closing rolls back; an explicit rollback would make every row forget its values. Without a
        transaction on PostgreSQL, where each statement sees what is committed by then anyway, and
        beginning and ending cost as much as a query each.
        """
        with Session(self._reading) as session:
            yield session

    def transact(self, work: Callable[[Session, datetime], T], audit: Event) -> T:
        """Run ``work(session, now)`` in a transaction with its event; again if it met another.

        ``now`` is one instant for all that the transaction writes and judges. ``work`` may
        run several times and must change nothing but the session and ``audit``, which
        begins anew each time.

        :raises Busy: it met others again and again; nothing was changed
        """
        fresh = {**vars(audit), "details": copy.deepcopy(audit.details)}

        def with_event(session: Session, now: datetime) -> T:
            vars(audit).update(fresh, details=copy.deepcopy(fresh["details"]))
            found = work(session, now)
            session.flush()
            record(session, audit, now)
            return found

        return self.bookkeep(with_event)

    def bookkeep(self, work: Callable[[Session, datetime], T], *, durable: bool = True) -> T:
        """Run ``work`` as ``transact`` does, without an event: what it writes is nobody's deed.

        For leases and their progress, drafts that save themselves, uploads under way: an event
        every few seconds would bury the deeds. Who may is a list in a test
        (``test_one_way_to_write.py``).

        :param durable: False for what means nothing after a power cut; every process sees it
            all the same, and a crash of a process loses nothing of it
        :raises Busy: it met others again and again; nothing was changed
        :raises Full: the database's disk has no room; nothing was changed
        """
        now = self.clock()
        for run in range(retry.MOST_RUNS):
            try:
                with self._transaction(durable) as session:
                    return work(session, now)
            except Exception as error:
                if full.is_full(error):
                    raise full.Full from error
                if not retry.is_transient(error):
                    raise
                cause = error
            if run + 1 < retry.MOST_RUNS:
                time.sleep(retry.wait_s(run))
        raise retry.Busy() from cause

    @contextmanager
    def _transaction(self, durable: bool) -> Iterator[Session]:
        """Give a session whose changes are committed at the end, and durable, or not at all."""
        with (
            self._turn,
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
        # Outside the lock: the next one writes while the disk is at work.
        if durable:
            self._durable.wait()

    def check_room(self) -> None:
        """Refuse work while the disk of the blobs is nearly full. :raises Full: it is"""
        full.check_room(self.blobs.root, self.min_free_percent)

    def keep(self, chunks: Iterable[bytes]) -> str:
        """Put new work among the blobs and return its digest. :raises Full: there is little room"""
        self.check_room()
        return self.blobs.put(chunks)

    def note(self, audit: Event) -> None:
        """Record an event that changed nothing else, such as a refusal."""
        self.transact(lambda _session, _now: None, audit)

    def count(self, audit: Event) -> None:
        """Record what a stranger was refused: soon, and together with others of its kind."""
        self.tally.count(audit)

    def close(self) -> None:
        """Give the connections back."""
        self.tally.close()
        self.engine.dispose()


def _nothing() -> None:
    """PostgreSQL has flushed its log when it says that a transaction is committed."""


#: As many as Starlette (anyio) runs at once.
_THREADS = 40
#: PostgreSQL takes 100 connections as it is installed, and several of our processes hold some. Those
#: beyond the pool's size are opened for one transaction, which takes longer than the transaction.
_KEPT, _MORE = 20, 10


def make_engine(url: str) -> Engine:
    """Return an engine for ``sqlite:///…`` or ``postgresql+psycopg://…``."""
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_size=_KEPT, max_overflow=_MORE)
        event.listen(engine, "checkout", _check_open)
        return engine
    # One for each thread that a service has: a connection beyond the pool's size would be opened
    # for one transaction, while it holds the write lock, and closed after it.
    engine = create_engine(url, connect_args={"timeout": 15}, pool_size=_THREADS)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        # We begin transactions ourselves: pysqlite would begin them too late for a reader
        # that turns writer, which SQLite then refuses at once whatever the timeout.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        # A commit writes its log; ``durable`` flushes it, for a receipt survives a power cut.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("yanxiu_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _check_open(connection: Any, _record: Any, _proxy: Any) -> None:
    """Take no connection that a server has closed, as at its restart: all of them are anew.

    The socket says so by itself. To ask the server each time takes as long as a short query.
    """
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    if socket.poll(0):
        raise InvalidatePoolError


def open_store(url: str, blobs: Path | Blobs, clock: Clock = utcnow) -> Store:
    """Open the site's store, as every long-running process does.

    :param blobs: their folder, of a process that neither puts nor reads any
    """
    return Store(make_engine(url), Blobs(blobs) if isinstance(blobs, Path) else blobs, clock)
