"""What strangers are refused is counted: a thousand refusals are a few rows, and no number is lost."""

import pytest
from sqlalchemy import select
from yanxiu.names import new_id
from yanxiu.store import tally as module
from yanxiu.store.audit import Event
from yanxiu.store.model import AuditEvent
from yanxiu.store.tally import Tally


class Clock:
    """Seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def refusal(object_id: str = "", **changes) -> Event:
    return Event("anonymous", "page.post", "page", object_id, outcome="refused x", **changes)


def rows(store) -> list[tuple[str, int]]:
    store.tally.flush()
    with store.read() as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.verb == "page.post")).all()
    return [(row.object_id, row.details["times"]) for row in found]


def test_a_thousand_refusals_are_a_few_rows(lite):
    for _ in range(1000):
        lite.store.count(refusal())
    found = rows(lite.store)
    assert len(found) <= 3
    assert sum(times for _, times in found) == 1000


def test_each_written_by_itself_would_be_a_thousand(lite):
    """What it was before."""
    for _ in range(50):
        lite.store.note(refusal(details={"times": 1}))
    assert len(rows(lite.store)) == 50


def test_closing_writes_what_is_left(lite):
    written = []
    tally = Tally(written.append)
    for _ in range(7):
        tally.count(refusal())
    tally.close()
    tally.count(refusal())
    tally.flush()
    assert sum(event.details["times"] for event in written) == 8


def test_within_a_minute_nothing_is_written_twice(monkeypatch):
    clock, written = Clock(), []
    monkeypatch.setattr(module.threading, "Thread", lambda **_: pytest.fail("not in this test"))
    tally = Tally(written.append, clock)
    tally._thread = object()
    for _ in range(3):
        tally.count(refusal())
        tally._write_all(tally._due())
        clock.now += 10
    assert [event.details["times"] for event in written] == [1]
    clock.now += module.PERIOD_S
    tally._write_all(tally._due())
    assert [event.details["times"] for event in written] == [1, 2]
    clock.now += module.PERIOD_S
    tally._write_all(tally._due())
    assert not tally._kinds, "and then it is forgotten"


def test_made_up_objects_do_not_fill_the_memory():
    written = []
    tally = Tally(written.append)
    for _ in range(module.MOST_KINDS * 3):
        tally.count(refusal(str(new_id())))
    assert len(tally._kinds) <= module.MOST_KINDS + 1
    tally.close()
    assert sum(event.details["times"] for event in written) == module.MOST_KINDS * 3


def test_a_database_that_refuses_ends_nothing(caplog):
    def full(_: Event) -> None:
        raise OSError("disk")

    tally = Tally(full)
    tally.count(refusal())
    tally.close()
    assert "page.post was not noted: OSError" in caplog.text
