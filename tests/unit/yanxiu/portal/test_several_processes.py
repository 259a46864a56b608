"""Two records processes on one port, real ones: what both take at once is kept once, and whole."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, update
from yanxiu.clock import utcnow
from yanxiu.courses.model import Assignment, Enrolment, Offering
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Attempt, GradingJob, Standing
from yanxiu_formats.bundle import pack

from tests.support.county import County, make_county
from tests.support.records_server import RecordsServer, token
from tests.support.units import notebook
from tests.support.writing import writing

PEOPLE, EACH = 8, 4


@pytest.fixture
def county(database: str, tmp_path: Path) -> Iterator[County]:
    """A county of today, with more people than the cast."""
    made = make_county(Store(make_engine(database), Blobs(tmp_path / "data" / "blobs")))
    for number in range(PEOPLE):
        made.add(f"p{number}", "老师", "school1", ("teacher", "school1"), number=f"50{number}")
    with writing(made.store) as session:
        later = utcnow() + timedelta(days=30)
        session.execute(update(Offering).values(closes_at=later))
        session.execute(update(Assignment).values(due_at=later, late_until=later, max_attempts=99))
        session.add_all(
            Enrolment(
                offering_id="c1-demo", person_id=made.people[f"p{number}"], enrolled_at=utcnow()
            )
            for number in range(PEOPLE)
        )
    yield made
    made.store.close()


@pytest.fixture
def servers(county: County, database: str, tmp_path: Path) -> Iterator[RecordsServer]:
    """Two processes that listen on one port."""
    found = RecordsServer(tmp_path / "data", database_url=database, processes=2)
    found.start()
    yield found
    found.stop()


def body(number: int) -> bytes:
    return pack({"u1.ipynb": json.dumps({**notebook(), "metadata": {"n": number}}).encode()})


def test_two_processes_take_what_comes_at_once_without_loss_double_or_error(county, servers):
    address = f"{servers.url}/api/v1/units/{county.assignment}/submissions"
    headers = [
        {"Authorization": f"token {token(county, f'p{number}', 'learn')}"}
        for number in range(PEOPLE)
    ]

    def send(who: int, number: int, twin: int) -> httpx.Response:
        # A line of its own each time: so the kernel deals them out to both processes.
        key = {"X-Client-Key": f"{who}-{number}"}
        return httpx.post(
            address, content=body(number), headers={**headers[who], **key}, timeout=60
        )

    asked = [(who, n, twin) for n in range(EACH) for who in range(PEOPLE) for twin in range(2)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda one: send(*one), asked))
    assert {one.status_code for one in answers} == {201}, [one.text for one in answers][:3]
    receipts = {(who, n): set() for who, n, _ in asked}
    for (who, n, _), answer in zip(asked, answers, strict=True):
        receipts[who, n].add(answer.json()["receipt"])
    # The same key twice is one attempt, whichever process had it.
    assert {len(found) for found in receipts.values()} == {1}
    with county.store.read() as session:
        attempts = list(session.scalars(select(Attempt)))
        jobs = session.scalar(select(func.count()).select_from(GradingJob))
        accepted = session.scalar(
            select(func.count())
            .select_from(AuditEvent)
            .where(AuditEvent.verb == "submission.accept")
        )
        states = session.execute(select(Standing.state, func.count()).group_by(Standing.state))
        standing = {row[0]: row[1] for row in states}
    assert {one.receipt_no for one in attempts} == {one for all in receipts.values() for one in all}
    assert len(attempts) == jobs == accepted == PEOPLE * EACH
    assert standing == {"queued": PEOPLE, "superseded": PEOPLE * (EACH - 1)}
    for who in range(PEOPLE):
        mine = [one for one in attempts if one.person_id == county.people[f"p{who}"]]
        assert sorted(one.number for one in mine) == list(range(1, EACH + 1))
    for one in attempts:
        content = county.store.blobs.read(one.bundle_blob)
        assert hashlib.sha256(content).hexdigest() == one.bundle_blob
    # Both were at work: otherwise this would show nothing.
    assert min(servers.served_s()) > 0.02, servers.served_s()
