"""Make an archive while the platform runs.

Rows first, in one snapshot of the database; then the blobs that these rows name, which nobody can
change and nobody removes meanwhile (``store.hold``). So what an archive says is true of one
instant. Called by ``yanxiu backup``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from yanxiu import __version__
from yanxiu.errors import SettingsError
from yanxiu.store import collect, schema
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.hold import Hold

from . import contents, rows
from .archive import (
    Folder,
    Lines,
    Manifest,
    TableEntry,
    write_list,
    write_manifest,
)
from .progress import Progress


@dataclass(frozen=True)
class Made:
    """What was made, for the operator."""

    name: str
    manifest: Manifest
    new_blobs: int


def make(
    store: Store,
    homes: Path,
    folder: Folder,
    progress: Progress,
    *,
    copy: bool = True,
    id_key: str = "",
) -> Made:
    """Make one archive and return what is in it.

    :param copy: False to check that every blob is there and keep the list only
    :raises SettingsError: the database is empty, the folder cannot be written, a blob is damaged
    """
    name = f"{store.clock():%Y%m%dT%H%M%SZ}"
    with folder.locked():
        with store.engine.connect() as connection:
            if schema.current_revision(connection) is None:
                raise SettingsError(
                    "数据库是空的，没有可以备份的。请检查 --data 和 YANXIU_DATABASE_URL。"
                )
        if name in folder.names():
            raise SettingsError(f"{folder.root} 里已经有这一秒做的备份 {name}。请再运行一次。")
        with folder.making(name) as archive, Hold(store) as hold:
            progress.every(hold.step)
            with _snapshot(store) as connection:
                revision = schema.current_revision(connection)
                assert revision is not None
                tables, digests = _tables(connection, archive, progress)
            current = revision == schema.head_revision()
            found, new = _contents(store, homes, folder, archive, progress, digests, copy, current)
            manifest = Manifest(
                made_at=store.clock().isoformat(),
                yanxiu=__version__,
                schema=revision,
                database=store.engine.dialect.name,
                tables=tables,
                id_key=id_key,
                **found,
            )
            write_manifest(archive, manifest)
            progress.every(None)
    if current:
        counts = {"rows": sum(one.rows for one in tables.values()), "blobs": manifest.blobs.count}
        store.note(Event("system:backup", "backup.make", "site", name, details=counts))
    return Made(name, manifest, new)


@contextmanager
def _snapshot(store: Store) -> Iterator[Connection]:
    """Give a connection to which the database stands still, whoever writes meanwhile."""
    engine = store.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    with engine.connect() as connection:
        # SQLite's snapshot begins with the first look, in a transaction that reads (WAL).
        yield connection


def _tables(
    connection: Connection, archive: Path, progress: Progress
) -> tuple[dict[str, TableEntry], set[bytes]]:
    found: dict[str, TableEntry] = {}
    #: Of a county some hundred thousand: as bytes they take half the room.
    digests: set[bytes] = set()
    for table in progress.each("数据库", rows.described(connection)):
        out = Lines(archive / "tables" / f"{table.name}.gz")
        for line, blobs in rows.dump(connection, table):
            out.add(line)
            digests.update(bytes.fromhex(digest) for digest in blobs)
            progress.tick()
        found[table.name] = TableEntry(out.count, out.end(), rows.kinds_of(table))
    return found, digests


def _contents(
    store: Store,
    homes: Path,
    folder: Folder,
    archive: Path,
    progress: Progress,
    named: set[bytes],
    copy: bool,
    current: bool,
) -> tuple[dict[str, Any], int]:
    digests = sorted(digest.hex() for digest in named)
    step = progress.steps("文件")
    copied = (
        contents.copy(store.blobs, folder.blobs, digests, step)
        if copy
        else contents.look(store.blobs, digests, step)
    )
    missing = _still_named(store, copied.missing) if current else copied.missing
    there = sorted(set(digests) - set(copied.missing))
    parts = []
    size = 0
    for part, digest in contents.drafts(store.blobs):
        one = contents.copy(
            store.blobs.below(*part.split("/")), folder.blobs, [digest], progress.tick
        )
        # A draft that was saved again meanwhile has let its old file go, and names it no more.
        if not one.missing:
            parts.append(f"{part}/{digest}")
            size += one.bytes
            copied.new += one.new
    measured = list(contents.homes(homes, progress.steps("个人文件夹")))
    total = sum(max(one[2], 0) for one in measured)
    lines = [f"{name} {files} {size}" for name, files, size in measured]
    return {
        "blobs": write_list(archive / "blobs.gz", there, copied.bytes),
        "drafts": write_list(archive / "drafts.gz", parts, size),
        "homes": write_list(archive / "homes.gz", lines, total),
        "copied": copy,
        "missing": missing,
        "gone": len(copied.missing) - len(missing),
    }, copied.new


def _still_named(store: Store, missing: list[str]) -> list[str]:
    """Return those that rows name now, and so should be there; housekeeping let the rest go."""
    if not missing:
        return []
    with store.read() as session:
        return [digest for digest in missing if digest in set(collect.referenced(session, digest))]
