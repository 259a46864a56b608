"""A site with everything in it that can be saved, and places to put it back."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from yanxiu.backup.archive import Folder
from yanxiu.backup.make import Made, make
from yanxiu.backup.progress import Progress
from yanxiu.backup.restore import Restored, restore
from yanxiu.people.reads import people
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu.work.verbs import draft_files

from tests.support.county import County, make_county
from tests.support.every_task import EVERY_TASK
from tests.support.work import failed, graded, handed_in
from tests.support.writing import writing

QUIET = Progress(lambda _line: None)


@pytest.fixture
def county(store: Store) -> County:
    """A county whose unit has every type of task."""
    return make_county(store, EVERY_TASK)


@pytest.fixture
def busy(county: County) -> County:
    """A county at work: graded, failed and waiting submissions, a draft with a file."""
    graded(county, "alice", executed=b"{}")
    failed(county, "bob")
    handed_in(county, "charlie")
    with writing(county.store) as session:
        person = people.person(session, county.people["alice"])
        assert person is not None
        person.id_cipher = b"\x00\xff not text \xfe"
    part = draft_files.folder(county.store, county.people["bob"], county.assignment)
    part.put([b"a photo"])
    return county


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "backups")


@pytest.fixture
def homes(tmp_path: Path, county: County) -> Path:
    home = tmp_path / "homes" / county.people["alice"]
    home.mkdir(parents=True)
    (home / "a1.ipynb").write_text("{}")
    return home.parent


@pytest.fixture
def save(county: County, folder: Folder, homes: Path) -> Callable[..., Made]:
    """Back the county up; ``clock`` moves on, since an archive is named by its second."""

    def run(progress: Progress = QUIET, **options) -> Made:
        county.store.clock.advance(seconds=1)  # type: ignore[attr-defined]
        return make(county.store, homes, folder, progress, **options)

    return run


@pytest.fixture
def put_back(folder: Folder, tmp_path: Path) -> Callable[..., Restored]:
    """Restore an archive into a store."""

    def run(store: Store, name: str = "", check=lambda _key: None) -> Restored:
        name = name or folder.names()[-1]
        homes = tmp_path / "other-homes"
        return restore(store, homes, folder, folder.root / name, QUIET, check=check)

    return run


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store without a single table, on each database in turn."""
    if request.param == "sqlite":
        store = Store(make_engine(f"sqlite:///{tmp_path}/new.sqlite"), Blobs(tmp_path / "new"))
        yield store
        store.close()
        return
    base, name = request.getfixturevalue("postgres_url"), f"t{uuid.uuid4().hex}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    store = Store(make_engine(base.replace("/postgres?", f"/{name}?")), Blobs(tmp_path / "new"))
    yield store
    store.close()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
