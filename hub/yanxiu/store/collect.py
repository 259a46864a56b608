"""Remove blobs that nothing refers to any more.

A blob is needed when a row names it in a column of type ``BlobDigest``, whichever table that
is: no list of tables that somebody could forget to extend, and no counter beside the rows that
could be wrong. Why what is removed can never be what somebody is about to refer to: whoever
refers to a blob puts it first (which renews its age, ``blobs``) and commits within the grace,
so a reference that was not there yet when this looked belongs to a blob that is young.

A process that does not know every table of the database removes nothing, and nobody does while a
backup is being made (``hold``): it reads the rows first, and the blobs that they name after.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, inspect, select
from sqlalchemy.orm import Session

from . import hold, schema
from .audit import Event
from .base import Base, BlobDigest
from .engine import Store

_DIGITS = "0123456789abcdef"


def columns() -> list[Column[Any]]:
    """Return every column that refers to blobs."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, BlobDigest)
    ]


def check_all_known(store: Store) -> None:
    """Raise when a row that needs a blob might stand where this process does not look.

    :raises SettingsError: the database is at another version's schema
    """
    schema.check_current(store.engine)
    unknown = set(inspect(store.engine).get_table_names()) - set(Base.metadata.tables)
    if unknown - {"alembic_version"}:
        raise RuntimeError(f"tables without a model in this process: {sorted(unknown)}")


def referenced(session: Session, digit: str) -> Iterator[str]:
    """Give the digests beginning with ``digit`` that rows refer to, some more than once."""
    for column in columns():
        yield from session.scalars(select(column).where(column.startswith(digit)))


def collect(
    store: Store, actor: str, before: datetime, step: Callable[[int, int], object]
) -> dict[str, int]:
    """Remove the blobs put before ``before`` to which no row refers; return how many and bytes.

    A sixteenth at a time, so that the digests of a large site need not be in memory at once.
    Stopped anywhere, it can simply be run again;
    while a backup is being made, it stops.

    :param step: told how many of the sixteenths are done
    """
    check_all_known(store)
    before_s = before.timestamp()
    store.blobs.clear_old_staging(before_s)
    total = {"blobs": 0, "bytes": 0}
    for done, digit in enumerate(_DIGITS):
        step(done, len(_DIGITS))
        # First what is old, then who needs it: the other way round, a reference made between
        # the two would be missed.
        old = store.blobs.old(before_s, digit)
        if not old:
            continue
        with store.read() as session:
            for digest in referenced(session, digit):
                old.discard(digest)
            # After the rows: a hold that is not here yet belongs to a backup that reads them later.
            if hold.held(session, store.clock()):
                break
        sizes = [store.blobs.remove_old(digest, before_s) for digest in sorted(old)]
        freed = [size for size in sizes if size is not None]
        found = {"blobs": len(freed), "bytes": sum(freed)}
        if freed:
            store.note(Event(actor, "blobs.collect", "site", details=found))
        total = {name: total[name] + found[name] for name in total}
    return total
