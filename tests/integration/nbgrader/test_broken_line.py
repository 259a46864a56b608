"""A line that breaks and a service that dies cost what was under way, and never an attempt."""

import hashlib
import json
import os
import threading

import pytest
from nbgrader_yanxiu.bundle import pack
from nbgrader_yanxiu.errors import TryAgain
from nbgrader_yanxiu.records import Records
from sqlalchemy import select
from yanxiu.work.model import Attempt
from yanxiu.work.uploads import Uploads
from yanxiu_formats.units import unit_of

from tests.support.cut_line import line_to
from tests.support.records_server import token
from tests.support.units import UNIT, notebook

SIZE = 8_000_000


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "unit"
    folder.mkdir()
    (folder / "u1.ipynb").write_text(json.dumps(notebook()))
    (folder / "recording.bin").write_bytes(os.urandom(SIZE))
    return pack(folder, unit_of(UNIT))


def records_of(county, who, port, sleep=lambda _: None):
    environ = {
        "YANXIU_RECORDS_URL": f"http://127.0.0.1:{port}/services/records",
        "JUPYTERHUB_API_TOKEN": token(county, who, "learn"),
    }
    return Records(Records.from_environment("zh_CN", environ).wire, sleep=sleep)


def submitted(county):
    with county.store.read() as session:
        return list(session.scalars(select(Attempt)))


def check_kept(county, bundle, receipt):
    [row] = submitted(county)
    assert (row.receipt_no, row.number) == (receipt.receipt, 1)
    assert row.digest == bundle.digest == receipt.digest
    blob = county.store.blobs.read(row.bundle_blob)
    assert hashlib.sha256(blob).hexdigest() == row.bundle_blob
    assert len(blob) > SIZE
    assert Uploads(county.store.blobs).of(county.people["alice"]) == []


def test_a_line_cut_in_the_middle_costs_little_and_no_attempt(service, county, bundle):
    service.start()
    seen = []
    with line_to(service.port) as line:
        line.cut_after(len(bundle.body) // 2)
        records = records_of(county, "alice", line.port)
        receipt = records.submit(
            str(county.assignment), bundle, "key", lambda *step: seen.append(step[0])
        )
        assert line.cuts == 1
        assert line.sent < 1.2 * len(bundle.body)
    check_kept(county, bundle, receipt)
    assert seen[-1] == len(bundle.body)
    assert seen == sorted(seen)


def test_without_resuming_the_same_cut_costs_half_as_much_again(service, county, bundle):
    """The measure of the test above: one request, sent again from its first byte."""
    service.start()
    with line_to(service.port) as line:
        line.cut_after(len(bundle.body) // 2)
        wire = records_of(county, "alice", line.port).wire
        path = f"/units/{county.assignment}/submissions"
        headers = {"Content-Type": "application/x-tar", "X-Client-Key": "key"}
        with pytest.raises(TryAgain):
            wire.ask("POST", path, bundle.body, headers)
        assert submitted(county) == []
        wire.ask("POST", path, bundle.body, headers)
        assert line.sent > 1.4 * len(bundle.body)


def test_a_service_killed_in_the_middle_goes_on_when_it_is_back(service, county, bundle):
    service.start()
    killed = []

    def progress(arrived, total):
        if arrived > total // 3 and not killed:
            killed.append(arrived)
            service.kill()

    back = threading.Event()

    def wait(_):
        if not back.is_set():
            service.start()
            back.set()

    with line_to(service.port) as line:
        records = records_of(county, "alice", line.port, sleep=wait)
        receipt = records.submit(str(county.assignment), bundle, "key", progress)
        assert line.sent < 1.2 * len(bundle.body)
    assert killed
    check_kept(county, bundle, receipt)


def test_a_service_that_stays_away_says_how_much_it_holds(service, county, bundle):
    service.start()
    with line_to(service.port) as line:
        records = records_of(county, "alice", line.port)

        def progress(arrived, total):
            if arrived > total // 2:
                service.kill()

        with pytest.raises(TryAgain, match=r"已传 \d\d%，再试会接着传") as caught:
            records.submit(str(county.assignment), bundle, "key", progress)
        assert 50 <= caught.value.percent < 75
        assert submitted(county) == []
        service.start()
        before = line.sent
        receipt = records.submit(str(county.assignment), bundle, "key")
        assert line.sent - before < 0.6 * len(bundle.body)
    check_kept(county, bundle, receipt)
