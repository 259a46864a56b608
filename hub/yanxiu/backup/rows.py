"""Rows of any version's tables, out of either database and into either.

Tables are taken as the database describes them (reflection), and an archive says the same of
its columns, so that nothing here needs the models: a new program saves an old database before it
migrates it, and puts back an old archive. A column is one of a few kinds; each has one way to
be written, which is the same for SQLite and PostgreSQL.
"""

import base64
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
)
from sqlalchemy.types import CHAR, DateTime, Float, Numeric, String, TypeEngine

from yanxiu.store.base import UtcDateTime

_AT_ONCE = 1000
Kinds = list[list[str]]

#: What a column of a kind is to the database when it is read and written here.
_TYPES: dict[str, Callable[[], TypeEngine[Any]]] = {
    "uuid": Uuid,
    "time": UtcDateTime,
    "date": Date,
    "json": lambda: JSON(none_as_null=True),
    "bool": Boolean,
    "int": Integer,
    "float": Double,
    "bytes": LargeBinary,
    "text": Text,
    # The digest of a blob, by the name of its column: ``store.collect``'s test holds to it.
    "blob": Text,
}
_OUT: dict[str, Callable[[Any], Any]] = {
    "uuid": lambda value: value.hex,
    "time": lambda value: value.astimezone(UTC).isoformat(),
    "date": lambda value: value.isoformat(),
    "bytes": lambda value: base64.b64encode(value).decode(),
}
_IN: dict[str, Callable[[Any], Any]] = {
    "uuid": lambda value: uuid.UUID(hex=value),
    "time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": base64.b64decode,
}


def kind_of(column: Column[Any]) -> str:
    """Return the kind of a column as the database describes it.

    :raises TypeError: it is of no kind known here; that is a fault of ours, and a test's
        business
    """
    kind = column.type
    table: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
        (Uuid, "uuid"),
        (JSON, "json"),
        (Boolean, "bool"),
        (DateTime, "time"),
        (Date, "date"),
        (LargeBinary, "bytes"),
        (Float, "float"),
        (Numeric, "float"),
        (Integer, "int"),
    )
    # SQLite has no type for a UUID: 32 characters, and no other column is CHAR.
    if isinstance(kind, CHAR) and kind.length == 32:
        return "uuid"
    for known, name in table:
        if isinstance(kind, known):
            return name
    if isinstance(kind, String):
        return "blob" if column.name.endswith("blob") else "text"
    raise TypeError(f"no kind for {column} ({kind!r})")


def described(connection: Connection) -> list[Table]:
    """Return the database's tables, those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def kinds_of(table: Table) -> Kinds:
    """Return a table's columns as an archive says them."""
    return [[column.name, kind_of(column)] for column in table.columns]


def plain(name: str, kinds: Kinds) -> Table:
    """Return a table that is read and written by kinds."""
    return Table(name, MetaData(), *(Column(column, _TYPES[kind]()) for column, kind in kinds))


def dump(connection: Connection, table: Table) -> Iterator[tuple[bytes, list[str]]]:
    """Give each row as a line, with the digests of the blobs that it names."""
    kinds = kinds_of(table)
    out = [_OUT.get(kind, _same) for _, kind in kinds]
    blobs = [place for place, (_, kind) in enumerate(kinds) if kind == "blob"]
    for row in _parents_first(table, _read(connection, table, kinds)):
        values: list[Any] = [
            None if value is None else way(value) for value, way in zip(row, out, strict=True)
        ]
        line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        yield line, [values[place] for place in blobs if values[place] is not None]


def _read(connection: Connection, table: Table, kinds: Kinds) -> Iterator[Sequence[Any]]:
    chosen = plain(table.name, kinds)
    # In the order of their keys: the same rows are the same file, whatever was changed between.
    order = [chosen.c[column.name] for column in table.primary_key]
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(select(chosen).order_by(*order))
    yield from rows


def _parents_first(table: Table, rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Put rows after those of the same table that they refer to; PostgreSQL takes no others."""
    refers = [
        (key.parent.name, key.column.name)
        for key in table.foreign_keys
        if key.column.table is table and key.parent is not key.column
    ]
    if not refers:
        yield from rows
        return
    names = [column.name for column in table.columns]
    waiting, there = list(rows), {name: {None} for _, name in refers}
    while waiting:
        later: list[Sequence[Any]] = []
        for row in waiting:
            values = dict(zip(names, row, strict=True))
            if all(values[own] in there[other] for own, other in refers):
                for other, known in there.items():
                    known.add(values[other])
                yield row
            else:
                later.append(row)
        if len(later) == len(waiting):
            raise ValueError(f"rows of {table.name} refer to each other in a circle")
        waiting = later


def load(connection: Connection, name: str, kinds: Kinds, lines: Iterator[bytes]) -> Iterator[int]:
    """Insert rows from their lines; give how many are in, after each step."""
    table, columns = plain(name, kinds), [column for column, _ in kinds]
    ways = [_IN.get(kind, _same) for _, kind in kinds]
    total = 0
    while some := list(islice(lines, _AT_ONCE)):
        rows = [
            {
                column: None if value is None else way(value)
                for column, value, way in zip(columns, json.loads(line), ways, strict=True)
            }
            for line in some
        ]
        connection.execute(insert(table), rows)
        total += len(rows)
        yield total


def count(connection: Connection, name: str) -> int:
    """Return how many rows a table has."""
    return connection.scalar(select(func.count()).select_from(Table(name, MetaData()))) or 0


def _same(value: Any) -> Any:
    return value
