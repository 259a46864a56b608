"""Put an archive back into an empty site: blobs first, then all rows in one transaction.

So a restore that was interrupted has left a database that is still empty and blobs that are right
anyway, and is simply run again. The database may be of either kind, whatever the archive was made
of; it comes to the archive's own schema first, and to this version's after. Called by
``yanxiu restore``.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, text

from yanxiu.errors import SettingsError
from yanxiu.store import schema
from yanxiu.store.audit import Event, record_on
from yanxiu.store.engine import Store, make_engine

from . import archive as archives
from . import contents, rows
from .archive import Folder, Manifest
from .progress import Progress
from .verify import judge


@dataclass(frozen=True)
class Restored:
    """What was put back, for the operator."""

    manifest: Manifest
    #: Seconds that the migrations to this version took; None where none was to run.
    migrated_s: float | None
    #: Homes of the list that are not there, with their files.
    homes_missing: list[str]


def restore(
    store: Store,
    homes: Path,
    folder: Folder,
    archive: Path,
    progress: Progress,
    *,
    check: Callable[[str], object],
) -> Restored:
    """Put ``archive`` back.

    :param check: told the fingerprint of its key of ID numbers, before anything is written
    :raises SettingsError: it is damaged, half or too new, or the database is not empty; nothing
        of the database was changed
    """
    manifest = judge(archive)
    check(manifest.id_key)
    _check_empty(store.engine, manifest)
    if manifest.copied:
        contents.copy_back(folder.blobs, store.blobs, _needed(archive), progress.steps("文件"))
        for line in archives.read_lines(archive / "drafts.gz"):
            part, _, digest = line.decode().rpartition("/")
            there = store.blobs.below(*part.split("/"))
            contents.copy_back(folder.blobs, there, [digest], progress.tick)
    else:
        contents.check_there(store.blobs, _needed(archive), progress.steps("文件"))
    migrated_s = _rows(store, archive, manifest, progress)
    listed = [line.decode().split()[0] for line in archives.read_lines(archive / "homes.gz")]
    return Restored(manifest, migrated_s, [one for one in listed if not (homes / one).is_dir()])


def _needed(archive: Path) -> list[str]:
    return [line.decode() for line in archives.read_lines(archive / "blobs.gz")]


def _rows(store: Store, archive: Path, manifest: Manifest, progress: Progress) -> float | None:
    """Bring the schema, the rows and the event of it, all together or not at all."""
    event = Event("system:restore", "backup.restore", "site", archive.name)
    with store.engine.execution_options(yanxiu_write=True).begin() as connection:
        if connection.dialect.name == "sqlite":
            # Rows are in order, but for those of one table in a batch: look at the end.
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        schema.bring_to(connection, manifest.schema)
        for table in rows.described(connection):
            # What the migrations themselves put in: the archive has it too.
            if rows.count(connection, table.name):
                connection.execute(delete(table))
        for name in progress.each("数据库", list(manifest.tables)):
            entry, file = manifest.tables[name], archive / "tables" / f"{name}.gz"
            for _ in rows.load(connection, name, entry.columns, archives.read_lines(file)):
                progress.tick()
            if rows.count(connection, name) != entry.rows:
                raise archives.damaged(file)
        began = time.perf_counter()
        migrated = schema.bring_to(connection, schema.head_revision())
        took_s = time.perf_counter() - began
        event.details = {"rows": sum(one.rows for one in manifest.tables.values())}
        record_on(connection, event, store.clock())
    return took_s if migrated else None


def _check_empty(engine: Engine, manifest: Manifest) -> None:
    """Refuse a database that somebody uses.

    One whose tables have just been made (by ``yanxiu upgrade``) is as good as one without.
    """
    with engine.connect() as connection:
        revision = schema.current_revision(connection)
        found = _counts(connection)
    if not found and revision is None:
        return
    where = engine.url.render_as_string(hide_password=True)
    if revision != manifest.schema:
        raise SettingsError(
            f"要恢复到的数据库（{where}）已经有结构 {revision}，备份的是 {manifest.schema}。"
            "请给一个空的数据库，或新的 --data 文件夹。"
        )
    if found != _fresh(revision):
        raise SettingsError(
            f"要恢复到的数据库（{where}）里已经有内容，不会覆盖。"
            "请给一个空的数据库，或新的 --data 文件夹；确实不要原来的，请先自己移走。"
        )


def _counts(connection: Connection) -> dict[str, int]:
    return {table.name: rows.count(connection, table.name) for table in rows.described(connection)}


def _fresh(revision: str) -> dict[str, int]:
    """Return how many rows each table has that the migrations have just made."""
    engine = make_engine("sqlite://")
    try:
        with engine.begin() as connection:
            schema.bring_to(connection, revision)
            return _counts(connection)
    finally:
        engine.dispose()
