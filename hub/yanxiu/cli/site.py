"""Open a site's store for a command, and bring the store up to the site's settings."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from yanxiu.courses.verbs import apply_site
from yanxiu.errors import SettingsError
from yanxiu.people.idnumber import IdKey
from yanxiu.people.roster.seed import apply_roster, read_roster
from yanxiu.quota.verbs.seed_limits import seed_limits
from yanxiu.quota.wiring import capacity_for
from yanxiu.settings.blobs import BlobSettings
from yanxiu.settings.load import load_site
from yanxiu.settings.model import Site
from yanxiu.store import schema
from yanxiu.store.bucket import open_blobs
from yanxiu.store.engine import Store, open_store

Echo = Callable[[str], object]


def database_url(data: Path) -> str:
    """Return where the database is: ``YANXIU_DATABASE_URL``, else SQLite in the data folder."""
    return os.environ.get("YANXIU_DATABASE_URL") or f"sqlite:///{data / 'db' / 'yanxiu.sqlite'}"


@contextmanager
def opened(data: Path, *, migrate: bool, site: Site | None = None) -> Iterator[Store]:
    """Open the store; SQLite is brought up to date first when ``migrate``.

    :param site: says where blobs are; None: the site that ``YANXIU_SITE`` names, if any
    """
    with unmigrated(data, site) as store:
        if migrate and store.engine.dialect.name == "sqlite":
            schema.upgrade_sqlite(store.engine, data / "db")
        schema.check_current(store.engine)
        yield store


@contextmanager
def unmigrated(data: Path, site: Site | None = None) -> Iterator[Store]:
    """Open the store at whatever schema it is, or empty: to save it, or to restore into it."""
    for folder in ("db", "blobs", "homes", "run", "log"):
        (data / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    named = os.environ.get("YANXIU_SITE")
    site = site or (load_site(Path(named)) if named else None)
    kept = site.blobs if site else BlobSettings()
    store = open_store(database_url(data), open_blobs(kept, data / "blobs", os.environ))
    try:
        yield store
    finally:
        store.close()


def bring_up(store: Store, site: Site, folder: Path, id_key: str, echo: Echo) -> list[str]:
    """Apply organizations, roster, courses, groups and limits; return the drift as sentences."""
    drift = apply_site.apply_organizations(store, site)
    if site.roster:
        echo(f"  花名册 {site.roster} ……")
        _roster(store, folder / site.roster, id_key)
    if site.courses:
        echo(f"  课程 {'、'.join(site.courses)} ……")
    drift += apply_site.apply_courses(store, site, folder)
    drift += apply_site.apply_groups(store, site)
    drift += seed_limits(store, site, capacity_for(site))
    return drift


def _roster(store: Store, path: Path, id_key: str) -> None:
    if not path.is_file():
        raise SettingsError(f"site.yaml: roster 指的文件 {path} 不存在。请改正路径。")
    roster = read_roster(path)
    defects = roster.defects
    if not defects:
        key = IdKey(bytes.fromhex(id_key))
        _, defects = apply_roster(store, roster, key, "system:apply")
    if defects:
        shown = "\n".join(f"  第 {line} 行：{reason}。" for line, reason in defects[:20])
        more = f"\n  ……共 {len(defects)} 行有问题。" if len(defects) > 20 else ""
        raise SettingsError(f"{path.name}: 一行也没有导入，因为有几行需要改正：\n{shown}{more}")
