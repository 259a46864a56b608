"""Blobs in a bucket: nothing damaged is given out, nothing put is lost, and silence is a sentence."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import select
from yanxiu.errors import SettingsError
from yanxiu.settings.blobs import BlobSettings, Keys, keys
from yanxiu.store.blobs import Blobs
from yanxiu.store.bucket import Away, BucketBlobs, bucket_of, open_blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu.work.model import Attempt
from yanxiu.work.verbs.submit import submit
from yanxiu_formats.bundle import pack

from tests.support.bucket import KEYS, folder_of
from tests.support.county import make_county
from tests.support.site import ROOT, free_port
from tests.support.units import notebook

LONG_AGO = time.time() - 86_400
ENVIRON = {
    "YANXIU_S3_ACCESS_KEY_ID": KEYS.access_key_id,
    "YANXIU_S3_SECRET_ACCESS_KEY": KEYS.secret_access_key,
}


@pytest.fixture
def blobs(s3, tmp_path):
    return s3.blobs(tmp_path)


def age(s3, digest):
    for path in s3.objects(digest):
        os.utime(path, (LONG_AGO, LONG_AGO))


def test_damaged_bytes_are_never_given_out(s3, blobs):
    digest = blobs.put([b"good " * 1000])
    (path,) = s3.objects(digest)
    path.write_bytes(b"evil " * 1000)
    with pytest.raises(OSError, match="damaged"):
        blobs.open(digest)


def test_what_is_put_again_is_young_again_and_still_one(s3, blobs):
    digest = blobs.put([b"again"])
    (first,) = s3.objects(digest)
    blobs.put([b"again"])
    assert s3.objects(digest) == [first], "young: nothing to renew"
    age(s3, digest)
    assert blobs.old(LONG_AGO + 1, digest[0]) == {digest}
    blobs.put([b"again"])
    (second,) = s3.objects(digest)
    assert second != first and blobs.old(LONG_AGO + 1, digest[0]) == set()


class Meanwhile(BucketBlobs):
    """Blobs to which something happens between a look at the bucket and what follows."""

    happens = staticmethod(lambda: None)

    def _objects(self, folder):
        found = super()._objects(folder)
        happens, self.happens = self.happens, lambda: None
        happens()
        return found


def test_a_blob_put_between_the_look_and_the_end_is_there(s3, tmp_path):
    settings = s3.bucket()
    blobs = s3.blobs(tmp_path / "a", settings)
    digest = blobs.put([b"again"])
    age(s3, digest)
    slow = Meanwhile(tmp_path / "b", bucket_of(settings, KEYS))
    slow.happens = lambda: blobs.put([b"again"])
    slow.remove_old(digest, LONG_AGO + 1)
    assert blobs.read(digest) == b"again"
    assert slow.remove_old(digest, LONG_AGO + 1) is None


def test_who_reads_while_it_is_put_anew_finds_it(s3, tmp_path):
    settings = s3.bucket()
    blobs = s3.blobs(tmp_path / "a", settings)
    digest = blobs.put([b"again"])
    age(s3, digest)
    slow = Meanwhile(tmp_path / "b", bucket_of(settings, KEYS))
    slow.happens = lambda: blobs.put([b"again"])
    assert slow.read(digest) == b"again"


def test_twenty_who_put_the_same_at_once_all_find_it(blobs):
    found = []
    crowd = [threading.Thread(target=lambda: found.append(blobs.put([b"one"]))) for _ in range(20)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(60)
    assert len(found) == 20 and len(set(found)) == 1
    assert blobs.read(found[0]) == b"one"


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": f"http://127.0.0.1:{free_port()}"},
        {"bucket": "not-there"},
        {"keys": Keys("test-key", "wrong")},
    ],
    ids=["silent", "no such bucket", "not our key"],
)
def test_a_bucket_that_does_not_answer_is_a_sentence(s3, tmp_path, change, monkeypatch, caplog):
    monkeypatch.setattr("yanxiu.store.bucket._RETRIES", {"max_retries": 0})
    held = change.get("keys", KEYS)
    given = {name: value for name, value in change.items() if name != "keys"}
    settings = s3.bucket().model_copy(update=given)
    blobs = BucketBlobs(tmp_path, bucket_of(settings, held))
    with pytest.raises(Away) as refused:
        blobs.put([b"handed in"])
    assert refused.value.status == 503 and "您的内容还在原处" in refused.value.text()
    said = caplog.text + repr(refused.value)
    assert held.secret_access_key not in said and settings.endpoint not in said


BIG = """
import resource, sys
from pathlib import Path
from yanxiu.settings.blobs import BlobSettings
from yanxiu.store.bucket import open_blobs
import os
settings = BlobSettings.model_validate_json(sys.argv[1])
blobs = open_blobs(settings, Path(sys.argv[2]), os.environ)
digest = blobs.put([b"warm"]); blobs.read(digest)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
digest = blobs.put(os.urandom(1 << 20) for _ in range(96))
with blobs.open(digest) as file:
    assert file.seek(0, 2) == 96 << 20
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_large_blob_goes_both_ways_without_lying_in_memory(s3, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", BIG, s3.bucket().model_dump_json(), str(tmp_path)],
        env={**os.environ, **ENVIRON},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < 48, "96 MB passed through"


def test_files_are_not_looked_for_where_a_bucket_was_used(s3, tmp_path):
    assert isinstance(open_blobs(BlobSettings(), tmp_path, {}), Blobs)
    open_blobs(s3.bucket(), tmp_path, ENVIRON)
    with pytest.raises(SettingsError, match="YANXIU_SITE"):
        open_blobs(BlobSettings(), tmp_path, {})


def test_keys_come_from_the_environment_or_a_mounted_secret(tmp_path):
    with pytest.raises(SettingsError, match="YANXIU_S3_ACCESS_KEY_ID"):
        keys({})
    (tmp_path / "access-key-id").write_text("mounted\n")
    (tmp_path / "secret-access-key").write_text("secret\n")
    assert keys({"YANXIU_S3_KEYS": str(tmp_path)}) == Keys("mounted", "secret")
    assert keys({"YANXIU_S3_KEYS": str(tmp_path), **ENVIRON}) == KEYS
    assert "secret" not in repr(Keys("mounted", "secret")).replace("secret_access_key", "")


@pytest.mark.parametrize(
    "given, said",
    [
        ({"kind": "s3"}, "endpoint 和 bucket"),
        ({"kind": "s3", "endpoint": "s3.example.cn", "bucket": "yanxiu"}, "对象存储的网址"),
        ({"endpoint": "https://s3.example.cn/yanxiu"}, "对象存储的网址"),
        ({"bucket": "Yanxiu"}, "pattern"),
        ({"prefix": "/a"}, "pattern"),
    ],
)
def test_settings_that_cannot_work_are_refused(given, said):
    with pytest.raises(ValueError, match=said):
        BlobSettings.model_validate(given)


@pytest.mark.parametrize("path_style", [True, False])
def test_the_buckets_name_is_in_the_path_or_in_the_host(path_style):
    settings = BlobSettings(
        kind="s3", endpoint="https://s3.example.cn", bucket="yanxiu", path_style=path_style
    )
    config = bucket_of(settings, KEYS).config
    host = "s3.example.cn" if path_style else "yanxiu.s3.example.cn"
    assert config["endpoint"] == f"https://{host}"
    assert config["virtual_hosted_style_request"] is not path_style


def test_a_work_handed_in_lies_in_the_bucket_and_comes_back(s3, database, tmp_path, clock):
    """Draft, submission, download: none of it is left in a folder of this machine."""
    store = Store(make_engine(database), s3.blobs(tmp_path / "blobs"), clock)
    county = make_county(store)
    actor, bundle = county.actor("alice"), pack({"u1.ipynb": json.dumps(notebook()).encode()})
    submit(store, county.site, actor, county.assignment, iter([bundle]), via="jupyter")
    with store.read() as session:
        row = session.scalars(select(Attempt)).one()
    assert len(list(folder_of(store.blobs).rglob(f"{row.bundle_blob}/*"))) == 1
    with store.blobs.open(row.bundle_blob) as tar:
        assert b"u1.ipynb" in tar.read()
    assert not [path for path in store.blobs.root.rglob("*") if path.is_file()]
    store.close()
