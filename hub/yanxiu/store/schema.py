"""Bring a database to the schema of this version.

SQLite is upgraded at start, after a copy; PostgreSQL only when the operator says
``yanxiu upgrade``, because other processes may be using it. Called by the command line.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from yanxiu.errors import SettingsError

MIGRATIONS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the database, or None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    """Return the newest revision that this version knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def known_revisions() -> list[str]:
    """Return every revision that this version knows, oldest first."""
    found = ScriptDirectory.from_config(_config()).walk_revisions()
    return [one.revision for one in found][::-1]


def pending(revision: str | None) -> list[tuple[str, str]]:
    """Return (revision, its first line) of the migrations that a database lacks, oldest first.

    :raises SettingsError: the database is at a revision that this version does not know
    """
    known = known_revisions()
    if revision is not None and revision not in known:
        raise SettingsError(
            f"数据库的结构是 {revision}，本程序只认得到 {head_revision()}：它由更新的版本升级过。"
            "请安装那个版本，或恢复升级以前的备份。"
        )
    script = ScriptDirectory.from_config(_config())
    lacking = known[known.index(revision) + 1 :] if revision is not None else known
    return [(one, (script.get_revision(one).doc or "").splitlines()[0]) for one in lacking]


def upgrade(engine: Engine) -> bool:
    """Run the missing migrations; say whether there were any."""
    with engine.execution_options(yanxiu_write=True).begin() as connection:
        return bring_to(connection, head_revision())


def bring_to(connection: Connection, revision: str) -> bool:
    """Run the migrations up to ``revision`` in the caller's transaction; say whether any did."""
    if current_revision(connection) == revision:
        return False
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    return True


def check_current(engine: Engine) -> None:
    """Raise ``SettingsError`` when the database is not at this version's schema."""
    with engine.connect() as connection:
        found = current_revision(connection)
    if found != head_revision():
        raise SettingsError(
            f"数据库的结构版本是 {found or '空'}，本程序需要 {head_revision()}。\n"
            "请先备份，再运行 yanxiu upgrade。"
        )


def upgrade_sqlite(engine: Engine, folder: Path) -> Path | None:
    """Bring an SQLite database up to date, after a copy into ``folder``; return the copy.

    An empty database has nothing to copy.
    """
    with engine.connect() as connection:
        before = current_revision(connection)
    copy = None
    if before is not None and before != head_revision():
        copy = folder / f"before-{head_revision()}.sqlite"
        with engine.connect() as connection, closing(sqlite3.connect(copy)) as target:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            source.backup(target)
        copy.chmod(0o600)
    upgrade(engine)
    return copy
