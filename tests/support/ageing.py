"""Make what is in a store older than it is, as if the years had passed.

The database judges ages by its own clock, which no test can move; so the rows are moved, with
the triggers off that refuse exactly that.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from yanxiu.store.engine import Session, Store

from .writing import writing

INSTANTS = {
    "attempts": "received_at",
    "standings": "received_at",
    "gradings": "graded_at",
    "markings": "marked_at",
    "decisions": "decided_at",
    "given_feedback": "given_at",
    "drafts": "updated_at",
}


@contextmanager
def without_triggers(store: Store) -> Iterator[Session]:
    """Give a session in which the database refuses nothing."""
    with writing(store) as session:
        if store.engine.dialect.name != "sqlite":
            session.execute(text("SET LOCAL session_replication_role = replica"))
            yield session
            return
        found = session.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        ).all()
        for name, _ in found:
            session.execute(text(f"DROP TRIGGER {name}"))
        yield session
        session.flush()
        for _, sql in found:
            session.connection().exec_driver_sql(sql)


def age(store: Store, days: int, *but: str) -> None:
    """Move all instants of work back, but those of some tables."""
    lite = store.engine.dialect.name == "sqlite"
    with without_triggers(store) as session:
        for table, column in INSTANTS.items():
            if table in but:
                continue
            earlier = f"{column} - interval '{days} days'"
            if lite:
                earlier = f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-{days} days') || '000'"
            session.execute(text(f"UPDATE {table} SET {column} = {earlier}"))
