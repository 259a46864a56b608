"""Whether the database answers, and with the schema that this version expects."""

from functools import cache

from sqlalchemy.exc import SQLAlchemyError

from yanxiu.store import schema
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
