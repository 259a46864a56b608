"""Forty views of a costly notebook at once, whose readers hang up: everybody else's list stays.

Before its page was rendered once, a run of this held another teacher's list for 46 seconds and
took the service to 2.8 GB.
"""

import json
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update
from yanxiu.courses.model import Assignment, Offering
from yanxiu.work.model import Attempt

from tests.support.county import DUE, make_county
from tests.support.every_task import EVERY_TASK
from tests.support.records_server import RecordsServer, token
from tests.support.work import released
from tests.support.writing import writing

VIEWS = 40
#: What of the service is there anyway, and a few pages on their way out.
MOST_MB = 450
TABLE = "|a" * 512 + "|\n" + "|-" * 512 + "|\n" + "x\n" * 1024


@pytest.fixture
def server(tmp_path: Path, sqlite_template: Path):
    """Records with a released attempt of alice's; returns it, its address, and two tokens."""
    server = RecordsServer(tmp_path / "data")
    (tmp_path / "data/db/yanxiu.sqlite").write_bytes(sqlite_template.read_bytes())
    store = server.store()
    county = make_county(store, EVERY_TASK)
    years = timedelta(days=36500)
    with writing(store) as session:
        session.execute(update(Assignment).values(due_at=DUE + years, late_until=DUE + years))
        session.execute(update(Offering).values(closes_at=DUE + years))
    cell = {"cell_type": "markdown", "id": "t", "metadata": {}, "source": TABLE}
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell] * 4}
    one = released(county, "alice", json.dumps(book).encode())
    with store.read() as session:
        receipt = session.get_one(Attempt, one).receipt_no
    server.start()
    page = f"{server.url}/api/v1/units/{county.assignment}/submissions/{receipt}/feedback"
    yield server, page, token(county, "alice", "learn"), token(county, "charlie", "learn")
    server.stop()
    store.close()


def peak_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def test_forty_views_cost_their_reader_and_nobody_else(server):
    records, page, alice, charlie = server
    outcomes: Counter[str] = Counter()

    def view(number: int) -> None:
        headers = {"authorization": f"token {alice}"}
        try:
            with httpx.stream("GET", page, headers=headers, timeout=120) as answer:
                if number % 2:  # hangs up
                    next(answer.iter_raw(), b"")
                else:
                    answer.read()
                outcomes[str(answer.status_code)] += 1
        except httpx.TransportError as error:
            outcomes[type(error).__name__] += 1

    views = [threading.Thread(target=view, args=(number,)) for number in range(VIEWS)]
    for one in views:
        one.start()
    headers = {"authorization": f"token {charlie}"}
    lists = [httpx.get(f"{records.url}/api/v1/units", headers=headers, timeout=120) for _ in views]
    for one in views:
        one.join()
    assert {one.status_code for one in lists} == {200}
    assert set(outcomes) <= {"200", "429"}, outcomes
    assert outcomes["200"] >= 2
    (process,) = records._processes
    assert peak_mb(process.pid) < MOST_MB
    # And her places are hers again.
    whole = httpx.get(page, headers={"authorization": f"token {alice}"}, timeout=120)
    assert whole.status_code == 200
    assert whole.content.count(b"<td") > 4 * 65_536
