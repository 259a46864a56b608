"""As many threads as a service has keep their connections: none is opened for one transaction."""

import threading

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from yanxiu.store import engine as engines
from yanxiu.store.engine import make_engine


def opened(url: str, threads: int, times: int) -> list[int]:
    """Let ``threads`` read at once, ``times``; return how many connections each time opened."""
    engine = make_engine(url)
    count = [0] * times
    turn = 0

    def connected(*_) -> None:
        count[turn] += 1

    event.listen(engine, "connect", connected)
    everybody = threading.Barrier(threads)

    def read() -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            everybody.wait(30)

    for turn in range(times):  # noqa: B007 - ``connected`` reads it
        at_once = [threading.Thread(target=read) for _ in range(threads)]
        for one in at_once:
            one.start()
        for one in at_once:
            one.join()
    engine.dispose()
    return count


def test_connections_are_opened_once_for_all(tmp_path):
    first, *later = opened(f"sqlite:///{tmp_path}/db.sqlite", 12, 3)
    assert first == 12
    assert later == [0, 0]


def test_without_room_for_all_some_are_opened_again_and_again(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "_THREADS", 5)
    _, *later = opened(f"sqlite:///{tmp_path}/db.sqlite", 12, 3)
    assert min(later) > 0


def leave_two(url: str):
    """Return an engine with two connections that PostgreSQL has closed, as at its restart."""
    engine = make_engine(url)
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            connection.execute(text("SELECT 1"))
        ended = [
            connection.connection.dbapi_connection.info.backend_pid for connection in (one, two)
        ]
    admin = make_engine(url)
    with admin.connect() as connection:
        for pid in ended:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})
    admin.dispose()
    return engine


@pytest.mark.postgres
def test_a_connection_that_the_server_closed_is_not_used(postgres_url):
    engine = leave_two(postgres_url)
    for _ in range(2):
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


@pytest.mark.postgres
def test_without_a_look_at_the_socket_it_would_be(postgres_url, monkeypatch):
    monkeypatch.setattr(engines, "_check_open", lambda *_: None)
    engine = leave_two(postgres_url)
    with pytest.raises(OperationalError), engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()
