"""As many threads as a service has keep their connections: none is opened for one transaction."""

import threading

from sqlalchemy import event, text
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
