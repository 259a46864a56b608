"""Nobody is told of a commit before it is safe, and those who wait together wait once."""

import threading

import pytest
from sqlalchemy import event
from yanxiu.store.durable import GroupFlush
from yanxiu.store.model import SiteFact


class Disk:
    """A log that is flushed when the test says so."""

    def __init__(self):
        self.written = self.safe = self.flushes = 0
        self.begun, self.go = threading.Semaphore(0), threading.Semaphore(0)

    def flush(self) -> None:
        caught = self.written
        self.begun.release()
        assert self.go.acquire(timeout=30)
        self.safe, self.flushes = caught, self.flushes + 1


@pytest.mark.parametrize("together", [1, 20])
def test_those_who_come_during_a_flush_share_the_next_one(together):
    disk = Disk()
    group = GroupFlush(disk.flush)
    told, count = [], threading.Lock()

    def commit() -> None:
        with count:
            disk.written += 1
            mine = disk.written
        group.wait()
        told.append((mine, disk.safe))

    first = threading.Thread(target=commit)
    first.start()
    assert disk.begun.acquire(timeout=30)
    rest = [threading.Thread(target=commit) for _ in range(together)]
    for thread in rest:
        thread.start()
    while group._asked < together + 1:  # all have written and wait
        threading.Event().wait(0.001)
    disk.go.release()
    assert disk.begun.acquire(timeout=30)
    disk.go.release()
    for thread in [first, *rest]:
        thread.join(30)
    assert disk.flushes == 2
    assert len(told) == together + 1
    assert all(mine <= safe for mine, safe in told)


def test_a_flush_that_fails_is_everybodys_own():
    outcomes = iter([OSError("disk"), None])

    def flush() -> None:
        if error := next(outcomes):
            raise error

    group = GroupFlush(flush)
    with pytest.raises(OSError, match="disk"):
        group.wait()
    group.wait()  # not told that it is safe: it was flushed again


def test_a_commit_is_flushed_after_the_lock_is_given_back(store, monkeypatch):
    """On PostgreSQL the database does it; on SQLite another one writes meanwhile."""
    lite = store.engine.dialect.name == "sqlite"
    flushed, committed = [], threading.Event()

    def while_the_disk_works(_) -> None:
        flushed.append(True)
        if len(flushed) == 1:
            other = threading.Thread(target=write, args=("b",))
            other.start()
            assert committed.wait(30)
            with store.read() as session:
                assert session.get(SiteFact, "b") is not None

    def write(key: str) -> None:
        store.bookkeep(lambda session, _: session.add(SiteFact(key=key, value={})))

    event.listen(store.engine, "checkin", lambda *_: flushed and committed.set())
    monkeypatch.setattr("os.fsync", while_the_disk_works)
    write("a")
    assert bool(flushed) is lite
