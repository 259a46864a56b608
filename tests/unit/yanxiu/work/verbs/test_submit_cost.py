"""What one submission costs the database and the disk: held down, because everybody hands in at once.

It was 29 statements in 6 transactions and 3 flushes, one of them within the write lock.
"""

import json
import os
from collections import Counter

import pytest
from sqlalchemy import event
from yanxiu.courses.reads import courses
from yanxiu.people.reads.actors import load_actor
from yanxiu.web.actor import Way
from yanxiu.work.verbs.submit import submit
from yanxiu_formats.bundle import pack

from tests.support.county import County
from tests.support.units import notebook


@pytest.fixture
def spent(county: County, monkeypatch) -> Counter:
    """Count what reaches the database and the disk."""
    found: Counter = Counter()

    def statement(connection, cursor, text, *_) -> None:
        if not text.startswith("BEGIN"):
            found["statements"] += 1

    event.listen(county.store.engine, "before_cursor_execute", statement)
    event.listen(county.store.engine, "begin", lambda _: found.update(["transactions"]))
    flush = os.fsync

    def counted(file) -> None:
        found["flushes"] += 1
        flush(file)

    monkeypatch.setattr(os, "fsync", counted)
    return found


def hand_in(county: County, number: int) -> int:
    """Hand in as the API does it, from who it is to the receipt."""
    actor = load_actor(county.store, county.people["alice"], Way.LEARN_TOKEN)
    book = json.dumps({**notebook(), "metadata": {"n": number}}).encode()
    body = iter([pack({"u1.ipynb": book})])
    where = county.store, county.site, actor, county.assignment
    return submit(*where, body, via="jupyter").attempt


def test_a_submission_costs_no_more_than_this(county, spent):
    lite = county.store.engine.dialect.name == "sqlite"
    with county.store.read() as session:  # a release's unit is read once and kept
        assignment = courses.assignment(session, county.assignment)
        courses.definition(session, assignment.offering.release_id, county.assignment)
    most = {1: 8, 2: 10, 3: 10}
    for number in (1, 2, 3):
        spent.clear()
        assert hand_in(county, number) == number
        print(county.store.engine.dialect.name, number, dict(spent))
        assert spent["statements"] <= most[number]
        assert spent["transactions"] <= 3
        # The bytes, their name, and the log, which those share who come together.
        assert spent["flushes"] == (3 if lite else 2)


def test_the_same_again_costs_nothing_but_the_look(county, spent):
    hand_in(county, 1)
    spent.clear()
    hand_in(county, 1)
    assert spent["statements"] <= 2
    assert spent["flushes"] == 0
