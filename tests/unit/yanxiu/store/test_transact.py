"""A transaction that met another one is run again, from the start, and not for ever."""

import threading

import pytest
from sqlalchemy import event, select
from yanxiu.errors import Refused
from yanxiu.store import retry
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store, make_engine
from yanxiu.store.model import AuditEvent, SiteFact

from tests.support.writing import writing


def events(store: Store) -> list[AuditEvent]:
    with store.read() as session:
        return list(session.scalars(select(AuditEvent)))


def fact(store: Store, key: str) -> int:
    with store.read() as session:
        return session.get_one(SiteFact, key).value["n"]


def add(session, key: str) -> None:
    row = session.get_one(SiteFact, key, with_for_update=True, populate_existing=True)
    row.value = {"n": row.value["n"] + 1}
    session.flush()


@pytest.fixture
def two(store: Store) -> Store:
    with writing(store) as session:
        session.add_all([SiteFact(key=key, value={"n": 0}) for key in ("a", "b")])
    return store


def test_a_run_that_must_be_repeated_leaves_nothing_behind(two, clock):
    audit = Event("system:test", "test.again", "site", details={"kept": 1})
    seen = []

    def work(session, now):
        seen.append(now)
        clock.advance(seconds=1)
        audit.details["run"] = len(seen)
        add(session, "a")
        if len(seen) < 3:
            audit.object_id = audit.outcome = "of a run that came to nothing"
            raise retry.Again
        return "done"

    began = clock()
    assert two.transact(work, audit) == "done"
    assert seen == [began] * 3  # one instant, however long it takes
    assert fact(two, "a") == 1
    [found] = events(two)
    assert (found.at, found.object_id, found.outcome) == (began, "", "done")
    assert found.details == {"kept": 1, "run": 3}


def test_another_error_is_not_repeated(two):
    runs = []

    def work(session, now):
        runs.append(now)
        add(session, "a")
        raise ValueError

    with pytest.raises(ValueError):
        two.transact(work, Event("system:test", "test.wrong", "site"))
    assert (len(runs), fact(two, "a"), events(two)) == (1, 0, [])


def test_bookkeeping_writes_no_event(two):
    two.bookkeep(lambda session, _: add(session, "a"))
    assert (fact(two, "a"), events(two)) == (1, [])


def test_two_that_lock_each_other_out_both_come_through(two):
    """On PostgreSQL the database ends one of them; on SQLite they never meet."""
    meet = threading.Barrier(2)
    lite = two.engine.dialect.name == "sqlite"
    errors, runs = [], []

    def press(first: str, second: str) -> None:
        def work(session, _):
            runs.append(first)
            add(session, first)
            if not lite and len(runs) <= 2:
                meet.wait(20)
            add(session, second)

        try:
            two.transact(work, Event("system:test", "test.both", "site"))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=press, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert len(runs) == (2 if lite else 3)
    assert (fact(two, "a"), fact(two, "b"), len(events(two))) == (2, 2, 2)


@pytest.fixture
def impatient(database, tmp_path, clock):
    """A store that does not wait for a lock, and a connection that holds what it wants."""
    store = Store(make_engine(database), None, clock)
    lite = store.engine.dialect.name == "sqlite"
    setting = "PRAGMA busy_timeout = 0" if lite else "SET lock_timeout = '1ms'"

    @event.listens_for(store.engine, "connect")
    def _do_not_wait(connection, _):
        connection.execute(setting)
        if not lite:
            connection.commit()

    with writing(store) as session:
        session.add(SiteFact(key="a", value={"n": 0}))
    holder = make_engine(database)
    connection = holder.execution_options(yanxiu_write=True).connect()
    connection.execute(select(SiteFact).where(SiteFact.key == "a").with_for_update())
    yield store, connection
    connection.close()
    holder.dispose()
    store.close()


def test_a_busy_database_is_asked_again(impatient):
    store, holder = impatient
    event.listen(store.engine, "handle_error", lambda _: holder.rollback())
    store.bookkeep(lambda session, _: add(session, "a"))
    assert fact(store, "a") == 1


def test_a_database_that_stays_busy_becomes_a_sentence(impatient):
    store, holder = impatient
    asked = []
    event.listen(store.engine, "handle_error", asked.append)
    with pytest.raises(Refused, match=r"store\.busy") as refused:
        store.bookkeep(lambda session, _: add(session, "a"))
    assert refused.value.status == 503
    assert "什么也没有改动" in refused.value.text()
    assert len(asked) == retry.MOST_RUNS
    holder.rollback()
    assert fact(store, "a") == 0


def test_waiting_is_bounded_and_not_the_same_for_everybody():
    waits = [retry.wait_s(run) for run in range(50)]
    assert all(0 <= one <= 0.3 for one in waits)
    assert len(set(waits)) > 40
