"""A site whose blobs lie in a bucket is saved and put back like any other, and into one without."""

import pytest
from yanxiu.backup.verify import verify
from yanxiu.store import collect
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine

from .conftest import QUIET

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def blobs(s3, tmp_path):
    return s3.blobs(tmp_path / "way")


def contents(store: Store) -> dict[str, bytes]:
    """Return every blob that a row names, and every file of a draft."""
    with store.read() as session:
        found = {one: store.blobs.read(one) for one in collect.referenced(session, "")}
    for names, _ in store.blobs.parts("drafts"):
        part = store.blobs.below("drafts", *names)
        found |= {f"{names}/{one}": part.read(one) for one in part.digests()}
    return found


@pytest.mark.parametrize("where", ["files", "bucket"])
def test_every_blob_and_draft_comes_back(busy, save, put_back, folder, s3, tmp_path, where):
    before = contents(busy.store)
    assert len(before) >= 5
    made = save()
    verify(folder, folder.root / made.name, QUIET)
    new = s3.blobs(tmp_path / "other") if where == "bucket" else Blobs(tmp_path / "other")
    target = Store(make_engine(f"sqlite:///{tmp_path}/new.sqlite"), new)
    put_back(target, made.name)
    assert contents(target) == before
    target.close()


def test_a_list_is_enough_where_the_bucket_comes_back_by_itself(busy, save, put_back, s3, tmp_path):
    made = save(copy=False)
    target = Store(make_engine(f"sqlite:///{tmp_path}/new.sqlite"), busy.store.blobs)
    put_back(target, made.name)
    assert contents(target) == contents(busy.store)
    target.close()
