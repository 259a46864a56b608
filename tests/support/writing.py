"""Write into a test's store without a verb and without an event: how a stage is set.

The platform itself cannot: ``Store`` gives out transactions that carry an event, or that
only keep books.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from yanxiu.store.engine import Session, Store


@contextmanager
def writing(store: Store) -> Iterator[Session]:
    """Give a session whose changes are committed at the end, or not at all."""
    engine = store.engine.execution_options(yanxiu_write=True)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session
