"""Run two pieces of work in two threads, and choose at which statement one gives way.

Barriers stand before every SQL statement and every commit, so that a test walks through the
orders in which two processes can meet, one after the other and without a sleep. Each side
has a database engine of its own, as two processes would.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event, text

_PATIENCE_S = 60
#: How often PostgreSQL is asked whether a side waits for the other one's lock.
_LOOK_S = 0.005


class _Abandoned(BaseException):
    """Ends a side of a schedule that was given up."""


@dataclass
class Outcome:
    """What became of one side: a value or an error, and the statements it asked for."""

    value: Any = None
    error: BaseException | None = None
    statements: list[str] = field(default_factory=list)


class Side:
    """One piece of work in a thread of its own, which stops before each statement."""

    def __init__(self, engine: Engine, work: Callable[[], Any]):
        self.outcome = Outcome()
        self.done = False
        #: What it will ask next, None before the first.
        self.next: str | None = None
        #: The number of its server process, on PostgreSQL.
        self.backend: int | None = None
        #: SQLite's one write lock is its own.
        self.writing = False
        self._ends_writing = False
        self._engine = engine
        self._work = work
        self._go = threading.Semaphore(0)
        self._arrived = threading.Semaphore(0)
        self._running = False
        self._abandoned = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Run up to the first statement."""
        event.listen(self._engine, "before_cursor_execute", self._before)
        event.listen(self._engine, "commit", self._commit)
        event.listen(self._engine, "rollback", self._rollback)
        self._thread.start()
        self._running = True
        assert self.settle(lambda: False)

    def close(self) -> None:
        """Let go of the engine."""
        if not self.done:
            self._abandoned = True
            self._go.release()
        self._thread.join(_PATIENCE_S)
        for name, listener in (
            ("before_cursor_execute", self._before),
            ("commit", self._commit),
            ("rollback", self._rollback),
        ):
            with suppress(Exception):
                event.remove(self._engine, name, listener)

    def step(self, waits: Callable[[], bool]) -> bool:
        """Do the next statement; say whether it came through.

        :param waits: says whether the database makes it wait for the other side
        """
        if not self._running:
            self._running = True
            self._go.release()
        return self.settle(waits)

    def settle(self, waits: Callable[[], bool]) -> bool:
        """Wait until it stands before a statement or is done; False when it is held up."""
        for _ in range(int(_PATIENCE_S / _LOOK_S)):
            if self._arrived.acquire(timeout=_LOOK_S):
                self._running = False
                return True
            if waits():
                return False
        raise AssertionError(f"stuck after {self.outcome.statements[-1:]}")

    def _run(self) -> None:
        try:
            self.outcome.value = self._work()
        except _Abandoned:
            pass
        except BaseException as error:
            self.outcome.error = error
        self.done, self.writing = True, False
        self._arrived.release()

    def _stop(self, what: str) -> None:
        if threading.current_thread() is not self._thread:
            return
        if self._ends_writing:
            self.writing = self._ends_writing = False
        self.next = what
        self.outcome.statements.append(what)
        self._arrived.release()
        self._go.acquire()
        if self._abandoned:
            raise _Abandoned

    def _before(self, connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        info = getattr(connection.connection.driver_connection, "info", None)
        if threading.current_thread() is self._thread and info is not None:
            self.backend = info.backend_pid
        self._stop(statement)
        if statement == "BEGIN IMMEDIATE":
            self.writing = True

    def _commit(self, _: Connection) -> None:
        self._stop("COMMIT")
        self._ends_writing = True

    def _rollback(self, _: Connection) -> None:
        if threading.current_thread() is self._thread:
            self._ends_writing = True


class Meeting:
    """Two sides on one database.

    :param look: a third engine, which asks PostgreSQL who waits for whom
    """

    def __init__(self, look: Engine, one: Side, other: Side):
        self._look, self._one, self._other = look, one, other
        self._lite = look.dialect.name == "sqlite"

    def run(self, stop: int) -> tuple[Outcome, Outcome]:
        """Let ``one`` do ``stop`` statements, then the ``other`` all, then ``one`` the rest.

        Whoever is held up by the other's lock lets it go on until it is done or held up too.
        """
        one, other = self._one, self._other
        try:
            one.start()
            other.start()
            for _ in range(stop):
                if one.done:
                    break
                self._step(one, other)
            turn, waiting = other, one
            while not (one.done and other.done):
                if turn.done or not self._step(turn, waiting):
                    turn, waiting = waiting, turn
        finally:
            one.close()
            other.close()
        return one.outcome, other.outcome

    def _step(self, side: Side, against: Side) -> bool:
        if self._lite:
            # SQLite would let it nap and try again: who wants the lock may not go yet.
            if side.next == "BEGIN IMMEDIATE" and against.writing:
                return False
            return side.step(lambda: False)
        return side.step(lambda: self._waits(side))

    def _waits(self, side: Side) -> bool:
        with self._look.connect() as connection:
            found = connection.scalar(
                text("SELECT cardinality(pg_blocking_pids(:pid))"), {"pid": side.backend}
            )
        return bool(found)
