"""Whether the database answers with this version's schema, and what is left undone in it."""

from functools import cache

from sqlalchemy.exc import SQLAlchemyError

from yanxiu.store import schema, tasks
from yanxiu.store.engine import Store


@cache
def _head() -> str:
    return schema.head_revision()


def problem(store: Store) -> str | None:
    """Return ``database`` when it does not answer, ``schema`` when it is another version's."""
    try:
        with store.engine.connect() as connection:
            found = schema.current_revision(connection)
    except SQLAlchemyError:
        return "database"
    return None if found == _head() else "schema"


def troubles(store: Store) -> list[tasks.Trouble]:
    """Return what is wrong with what the platform does by itself."""
    with store.read() as session:
        return tasks.troubles(session, store.clock())
