"""Blobs that nobody needs go; one that anybody needs, or is about to need, never does."""

import contextlib
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import yanxiu.portal.app  # noqa: F401 - brings the tables of every room
from sqlalchemy import String, select, text
from yanxiu.errors import SettingsError
from yanxiu.names import new_id
from yanxiu.people.model import RosterUpload
from yanxiu.store.base import Base, BlobDigest
from yanxiu.store.blobs import Blobs
from yanxiu.store.bucket import BucketBlobs
from yanxiu.store.collect import collect, columns
from yanxiu.store.model import AuditEvent

from tests.support import bucket
from tests.support.writing import writing

GRACE = timedelta(days=1)


@pytest.fixture(params=["files", "bucket"])
def blobs(request, tmp_path):
    """No blobs yet, in each kind of place."""
    if request.param == "files":
        return Blobs(tmp_path / "blobs")
    return request.getfixturevalue("s3").blobs(tmp_path / "blobs")


def date(store, digest: str, then: float) -> None:
    """Let a blob be of that time, wherever it is."""
    if not isinstance(store.blobs, BucketBlobs):
        os.utime(store.blobs.path(digest), (then, then))
        return
    for path in bucket.folder_of(store.blobs).rglob(f"{digest}/*"):
        os.utime(path, (then, then))


def put_long_ago(store, content: bytes, days: float = 3) -> str:
    digest = store.blobs.put([content])
    date(store, digest, (store.clock() - timedelta(days=days)).timestamp())
    return digest


def sweep(store):
    return collect(store, "system:test", store.clock() - GRACE, lambda done, total: None)


def refer(store, county, digest: str) -> None:
    with writing(store) as session:
        session.add(
            RosterUpload(
                id=new_id(),
                person_id=county.people["alice"],
                file_name="x.csv",
                blob=digest,
                whole=False,
                created_at=store.clock(),
                expires_at=store.clock(),
            )
        )


def test_every_column_that_names_a_blob_says_so():
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if "blob" in column.name
    }
    assert named == {f"{one.table.name}.{one.name}" for one in columns()}
    assert "submissions.bundle_blob" in named or "attempts.bundle_blob" in named
    assert not any(
        isinstance(column.type, String) and not isinstance(column.type, BlobDigest)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("blob")
    )


def test_what_no_row_refers_to_goes(store, county):
    needed = put_long_ago(store, b"needed")
    refer(store, county, needed)
    # Longer than there are sixteenths, and both below and above what is needed.
    lost = [put_long_ago(store, f"lost {number}".encode()) for number in range(40)]
    young = store.blobs.put([b"young"])
    date(store, young, store.clock().timestamp())
    half = store.blobs.staging / "half"
    half.write_bytes(b"half")
    os.utime(half, (0, 0))
    fresh = store.blobs.staging / "fresh"
    fresh.write_bytes(b"fresh")
    assert sweep(store) == {"blobs": 40, "bytes": sum(len(f"lost {n}") for n in range(40))}
    assert not any(store.blobs.has(one) for one in lost)
    assert store.blobs.has(needed) and store.blobs.has(young)
    assert fresh.exists() and not half.exists()
    assert sweep(store) == {"blobs": 0, "bytes": 0}
    with store.read() as session:
        events = list(session.scalars(select(AuditEvent).where(AuditEvent.verb == "blobs.collect")))
    assert sum(one.details["blobs"] for one in events) == 40


def test_a_county_with_work_in_it_loses_nothing(store, county):
    """Everything that the cast's course needs is named by a column that is looked at."""
    every = {digest for digit in "0123456789abcdef" for digest in store.blobs.old(2**40, digit)}
    assert every
    for digest in every:
        date(store, digest, 0)
    assert sweep(store) == {"blobs": 0, "bytes": 0}


class Slow(type(Path())):
    """A path whose end waits, so that somebody can come in between."""

    before = staticmethod(lambda: None)

    def unlink(self, missing_ok=False):
        type(self).before()
        super().unlink(missing_ok)


class Unlocked(Blobs):
    """Blobs as they were: nobody waits for anybody."""

    def _locked(self, how):
        return contextlib.nullcontext()


@pytest.mark.parametrize("kind, kept", [(Unlocked, False), (Blobs, True)])
def test_a_blob_put_between_the_look_and_the_end_is_there(tmp_path, monkeypatch, kind, kept):
    blobs = kind(tmp_path)
    digest = blobs.put([b"again"])
    path = blobs.path(digest)
    os.utime(path, (0, 0))
    looked, stored = threading.Event(), threading.Event()

    def put():
        assert looked.wait(30)
        assert kind(tmp_path).put([b"again"]) == digest
        stored.set()

    def before():
        looked.set()
        stored.wait(1)  # with the lock it cannot be stored before this is over

    monkeypatch.setattr(Slow, "before", staticmethod(before))
    monkeypatch.setattr(blobs, "path", lambda digest: Slow(path))
    putting = threading.Thread(target=put)
    putting.start()
    blobs.remove_old(digest, 1.0)
    putting.join(30)
    assert stored.is_set()
    assert path.is_file() is kept


def test_what_is_referred_to_after_the_look_is_there(store, county, monkeypatch):
    """A verb puts content that lay there unneeded for long, and commits while we collect."""
    digest = put_long_ago(store, b"handed in again")
    look = store.read
    put, committed = threading.Event(), threading.Event()

    def verb():
        assert store.blobs.put([b"handed in again"]) == digest
        put.set()
        assert committed.wait(30)

    verbing = threading.Thread(target=verb)

    def read_between():
        # The list of old blobs has been made; the rows are read before the verb's is there.
        if not verbing.is_alive() and not put.is_set():
            verbing.start()
            assert put.wait(30)
        return look()

    monkeypatch.setattr(store, "read", read_between)
    # The clock of the test is behind that of the file system; the real ones are the same.
    assert collect(store, "system:test", store.clock() - GRACE, lambda *_: None)["blobs"] == 0
    monkeypatch.undo()
    refer(store, county, digest)
    committed.set()
    verbing.join(30)
    assert store.blobs.read(digest) == b"handed in again"
    assert sweep(store)["blobs"] == 0


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE kept_elsewhere (blob VARCHAR(64))",
        "UPDATE alembic_version SET version_num = 'next'",
    ],
)
def test_who_does_not_know_every_table_removes_nothing(store, statement):
    """A process of an older version, or one that did not import a room, must not collect."""
    digest = put_long_ago(store, b"named where we do not look")
    with writing(store) as session:
        session.execute(text(statement))
    with pytest.raises((RuntimeError, SettingsError)):
        sweep(store)
    assert store.blobs.has(digest)
