"""A database without any room, for real: SQLite may not grow its file any more."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, event
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.full import Full


@contextmanager
def full_database(store: Store) -> Iterator[None]:
    """Let the database's disk be full meanwhile."""

    def limited(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # never less than it has

    def freed(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")

    event.listen(store.engine, "begin", limited)
    for size in (2000, 200, 0):  # until the pages that it has are used up, to the last gap
        with suppress(Full):
            for _ in range(10_000):
                store.note(Event("s", "t", "site", details={"x": "x" * size}))
    try:
        yield
    finally:
        event.remove(store.engine, "begin", limited)
        event.listen(store.engine, "begin", freed)
