"""Writes take turns, lose nothing, and carry their audit event or do not happen."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from yanxiu.store import facts
from yanxiu.store.audit import Event
from yanxiu.store.model import AuditEvent

WRITERS = 16


def events(store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(AuditEvent))


def test_what_many_threads_write_at_once_is_all_there(store):
    def add(number: int) -> None:
        store.transact(
            lambda session, _: facts.put(session, f"one{number}", {"value": number}),
            Event("system:test", "test.add", "site"),
        )

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(add, range(WRITERS * 4)))
    with store.read() as session:
        kept = [facts.get(session, f"one{number}") for number in range(WRITERS * 4)]
    assert kept == [{"value": number} for number in range(WRITERS * 4)]
    assert events(store) == WRITERS * 4


def test_a_write_that_fails_leaves_neither_change_nor_event(store):
    def fails(session, now) -> None:
        facts.put(session, "half", {"done": True})
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.transact(fails, Event("system:test", "test.fail", "site"))
    with store.read() as session:
        assert facts.get(session, "half") is None
    assert events(store) == 0
