"""The real process does by itself what is due, ends when asked, and may be killed."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import select
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu.store.model import BackgroundTask

from tests.support.housekeeper import end, start, until


@pytest.fixture
def real(database, tmp_path):
    """A store whose clock is the real one, as the process's is."""
    data = tmp_path / "data"
    (data / "blobs").mkdir(parents=True)
    store = Store(make_engine(database), Blobs(data / "blobs"))
    yield store, data, database
    store.close()


def lost_blob(store, content):
    digest = store.blobs.put([content])
    os.utime(store.blobs.path(digest), (0, 0))
    return digest


def regular(store):
    with store.read() as session:
        return {
            one.kind: one
            for one in session.scalars(select(BackgroundTask))
            if one.asked_by == "system:housekeeping"
        }


def test_it_does_what_is_due_and_ends_when_asked(real):
    store, data, url = real
    digest = lost_blob(store, b"lost")
    process = start(data, url)
    try:
        until(lambda: not store.blobs.has(digest), alive=process)
    finally:
        code = end(process)
    assert code == 0
    assert regular(store)["blobs.collect"].state == "queued"


def test_another_goes_on_when_one_is_killed(real):
    store, data, url = real
    first, second = start(data, url), start(data, url)
    try:
        until(lambda: any(one.worker for one in regular(store).values()), alive=first)
        first.kill()
        first.wait()
        until(
            lambda: all(one.finished_at is not None for one in regular(store).values()),
            alive=second,
        )
        kinds = [one.kind for one in regular(store).values()]
    finally:
        codes = end(first), end(second)
    assert codes[1] == 0
    assert len(kinds) == len(set(kinds)) > 1, "one row for each, however many processes"


def test_without_its_environment_it_says_so_to_the_operator():
    found = subprocess.run(
        [sys.executable, "-P", "-m", "yanxiu.housekeeping.process"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 2
    assert "yanxiu up" in found.stderr and "Traceback" not in found.stderr
