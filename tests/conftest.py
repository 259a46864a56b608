"""Fixtures that more than one kind of test uses: stores on both databases, a county."""

import os
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from yanxiu.clock import FrozenClock
from yanxiu.store import schema
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine

from tests.support import bucket, postgres
from tests.support.county import START, County, make_county

# It takes an inotify instance for each portal that a test opens, until the garbage is collected,
# and an account has 128: hubs that start beside then have no proxy. ``aiohttp`` does without it
# (see ``yanxiu.sandbox.inside.quick``).
sys.modules.setdefault("aiodns", None)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server for the whole run."""
    if reason := postgres.why_not():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest schema: copying it is faster than migrating."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    engine = make_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    return path


@pytest.fixture
def clock() -> FrozenClock:
    """A clock at the start of the term, one day in."""
    return FrozenClock(START + timedelta(days=1))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind, at the newest schema."""
    if request.param == "sqlite":
        path = tmp_path / "db.sqlite"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        yield f"sqlite:///{path}"
        return
    base = request.getfixturevalue("postgres_url")
    name = f"t{uuid.uuid4().hex}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = base.replace("/postgres?", f"/{name}?")
    engine = make_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def s3() -> Iterator[bucket.Server]:
    """An S3 server for the whole run."""
    try:
        with bucket.server() as server:
            yield server
    except bucket.NoGo as error:
        pytest.skip(str(error))


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """No blobs yet, in files; tests of the store have them in a bucket as well."""
    return Blobs(tmp_path / "blobs")


@pytest.fixture
def store(database: str, blobs: Blobs, clock: FrozenClock) -> Iterator[Store]:
    """An empty store, on each database in turn."""
    store = Store(make_engine(database), blobs, clock)
    yield store
    store.close()


@pytest.fixture
def county(store: Store) -> County:
    """A county with the cast."""
    return make_county(store)


@pytest.fixture
def lite(sqlite_template: Path, tmp_path: Path, clock: FrozenClock) -> Iterator[County]:
    """A county on SQLite alone, where the database makes no difference."""
    path = tmp_path / "lite.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store(make_engine(f"sqlite:///{path}"), Blobs(tmp_path / "lite-blobs"), clock)
    yield make_county(store)
    store.close()
