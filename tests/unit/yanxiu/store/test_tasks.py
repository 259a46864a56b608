"""Tasks are asked for once, carried out by one at a time, and end once, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from yanxiu.errors import Refused
from yanxiu.store import facts, health, leases, runner, tasks
from yanxiu.store.audit import Event
from yanxiu.store.leases import LeaseLost, Stopping
from yanxiu.store.model import AuditEvent, BackgroundTask

from tests.support.tasks import COUNT, ask, kinds, row, verbs
from tests.support.writing import writing


def test_a_task_is_there_with_its_cause_or_not_at_all(store):
    def fails() -> None:
        def work(session, now):
            tasks.add(session, COUNT, asked_by="u-alice", now=now)
            raise ZeroDivisionError

        store.transact(work, Event("u-alice", "test.ask", "task"))

    with pytest.raises(ZeroDivisionError):
        fails()
    assert runner.work_off(store, kinds()) == 0
    task_id = ask(store, params={"items": 3})
    assert runner.work_off(store, kinds()) == 1
    done = row(store, task_id)
    assert (done.state, done.done, done.total, done.result) == ("done", 3, 3, {"items": 3})
    assert verbs(store, task_id) == ["task.done"]


def test_the_same_key_is_one_task_until_it_has_ended(store):
    first = ask(store, key="one")
    assert ask(store, key="one") == first
    assert ask(store, key="other") != first
    runner.work_off(store, kinds())
    assert ask(store, key="one") != first


def test_asking_at_the_same_moment_is_asking_once(store):
    together = threading.Barrier(4)

    def go(_):
        together.wait(30)
        return ask(store, key="one")

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(go, range(4)))) == 1
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(BackgroundTask)) == 1


def test_one_person_cannot_fill_the_queue(store):
    for _ in range(tasks.MOST_OPEN):
        ask(store)
    with pytest.raises(Refused) as refusal:
        ask(store)
    assert refusal.value.code == "task.too_many"
    ask(store, by="u-bob")


def test_who_was_served_longest_ago_is_next(store, clock):
    order = []

    def note(run):
        order.append(run.asked_by)
        clock.advance(seconds=1)
        return {}

    for _ in range(3):
        ask(store, by="u-alice")
    clock.advance(seconds=1)
    ask(store, by="u-bob")
    runner.work_off(store, kinds(note))
    assert order == ["u-alice", "u-bob", "u-alice", "u-alice"]


def test_a_refusal_is_kept_as_code_and_parameters(store):
    def refuses(run):
        raise Refused("test.no", "没有 {n} 份。", n=3)

    task_id = ask(store)
    runner.work_off(store, kinds(refuses))
    task = row(store, task_id)
    assert task.state == "refused"
    assert task.refusal == {"code": "test.no", "message": "没有 {n} 份。", "params": {"n": 3}}
    assert verbs(store, task_id) == ["task.refused"]


def test_what_breaks_is_tried_again_later_and_then_has_failed(store, clock, caplog):
    def breaks(run):
        raise ValueError("秘密")

    task_id = ask(store)
    tried = 0
    pauses = []
    while row(store, task_id).state == "queued":
        before = clock()
        clock.now = max(before, row(store, task_id).run_after)
        pauses.append((clock() - before).total_seconds())
        tried += runner.work_off(store, kinds(breaks, tries=4))
    assert tried == 4
    assert pauses[0] == 0 and pauses[1] < pauses[2] < pauses[3]
    failed = row(store, task_id)
    assert (failed.state, failed.refusal["code"]) == ("failed", "task.broken")
    assert verbs(store, task_id) == ["task.failed"]
    assert "秘密" not in caplog.text  # what a handler touched is not for a log


def test_a_dead_process_loses_its_lease_and_nothing_else(store, clock):
    task_id = ask(store, params={"items": 3})
    dead = leases.lease(store, kinds(), "dead", lease_s=60)
    with writing(store) as session:
        facts.put(session, "counted", {"n": 1})
        dead.keep(session, upto=1)
    assert leases.lease(store, kinds(), "other") is None
    clock.advance(seconds=61)
    assert runner.work_off(store, kinds()) == 1
    with store.read() as session:
        assert facts.get(session, "counted") == {"n": 3}

    # It was not dead, only slow: what it goes on to write is not committed.
    def late():
        with writing(store) as session:
            facts.put(session, "counted", {"n": 99})
            dead.keep(session, upto=2)

    with pytest.raises(LeaseLost):
        late()
    with pytest.raises(LeaseLost):
        leases.end(dead, tasks.DONE, result={})
    with store.read() as session:
        assert facts.get(session, "counted") == {"n": 3}
    assert verbs(store, task_id) == ["task.done"]


def test_two_who_reach_for_the_same_task_do_not_both_get_it(store):
    many = 12
    for number in range(many):
        ask(store, by=f"u-{number}")
    together = threading.Barrier(4)

    def go(number):
        together.wait(30)
        got = []
        while run := leases.lease(store, kinds(), f"worker {number}"):
            got.append(run.id)
        return got

    with ThreadPoolExecutor(4) as pool:
        got = [task_id for part in pool.map(go, range(4)) for task_id in part]
    # Who lost every race of one look finds the rest at the next.
    while run := leases.lease(store, kinds(), "last"):
        got.append(run.id)
    assert len(got) == len(set(got)) == many


def test_a_task_that_takes_its_process_down_each_time_fails(store, clock):
    task_id = ask(store)
    for _ in range(3):
        assert leases.lease(store, kinds(tries=3), "dies", lease_s=60) is not None
        clock.advance(seconds=61)
    assert leases.lease(store, kinds(tries=3), "dies") is None
    assert row(store, task_id).refusal["code"] == "task.died"
    assert verbs(store, task_id) == ["task.failed"]


def test_asked_to_end_a_process_gives_its_task_back(store):
    stopping = threading.Event()

    def slow(run):
        stopping.set()
        run.step(1, 2)
        raise AssertionError("went on")

    task_id = ask(store)
    run = leases.lease(store, kinds(slow), "one", stopping=stopping.is_set)
    assert runner.carry_out(run) == "given_back"
    task = row(store, task_id)
    assert (task.state, task.tries) == ("queued", 0)
    with pytest.raises(Stopping):
        run.step(1, 2)


def test_what_comes_by_itself_is_one_row_and_comes_again(store, clock):
    seen = []

    def look(run):
        seen.append(clock())
        return {"found": 1}

    regular = kinds(look, every=timedelta(minutes=5))
    for _ in range(2):
        tasks.schedule(store, regular)
        assert runner.work_off(store, regular) == 1
        assert runner.work_off(store, regular) == 0
        clock.advance(minutes=5)
    assert len(seen) == 2
    with store.read() as session:
        rows = list(session.scalars(select(BackgroundTask)))
    assert [(one.state, one.result, one.tries) for one in rows] == [("queued", {"found": 1}, 0)]
    assert verbs(store, rows[0].id) == []  # nothing was asked for; what it did it audits itself


def test_what_comes_by_itself_and_breaks_comes_again(store, clock):
    def breaks(run):
        raise ValueError

    regular = kinds(breaks, every=timedelta(minutes=5), tries=2)
    tasks.schedule(store, regular)
    for _ in range(4):
        runner.work_off(store, regular)
        clock.advance(minutes=10)
    for _ in range(3):
        leases.lease(store, regular, "dies", lease_s=60)
        clock.advance(seconds=61)
    clock.advance(minutes=5)
    assert leases.lease(store, regular, "next") is not None


def told(store):
    """Return what the audit says of how tasks ended, in order."""
    with store.read() as session:
        rows = session.scalars(
            select(AuditEvent).where(AuditEvent.verb.startswith("task.")).order_by(AuditEvent.id)
        )
        return [(row.verb, row.outcome, row.details["kind"]) for row in rows]


def undone(store):
    return [(one.kind, one.what, one.code) for one in health.troubles(store)]


def test_operators_see_what_comes_by_itself_and_fails_and_when_it_is_over(store, clock):
    """Told when it begins and when it is over, not each time; and shown as long as it lasts."""
    answers = ["broken", "broken", "refused", "well", "well"]

    def look(run):
        if answers[0] == "broken":
            raise ValueError
        if answers[0] == "refused":
            raise Refused("roster.no_key", "没有密钥")
        return {"found": 1}

    regular = kinds(look, every=timedelta(minutes=5), tries=1)
    tasks.schedule(store, regular)
    seen = []
    while answers:
        assert runner.work_off(store, regular) == 1
        seen.append(undone(store))
        answers.pop(0)
        clock.advance(minutes=5)
    broken, refused = [(COUNT, "failed", "task.broken")], [(COUNT, "failed", "roster.no_key")]
    assert seen == [broken, broken, refused, [], []]
    assert told(store) == [
        ("task.failed", "refused task.broken", COUNT),
        ("task.refused", "refused roster.no_key", COUNT),
        ("task.done", "done", COUNT),
    ]


def test_a_regular_task_that_dies_begins_anew_and_says_so_once(store, clock):
    regular = kinds(every=timedelta(minutes=5), tries=1)
    tasks.schedule(store, regular)
    for _ in range(3):
        run = leases.lease(store, regular, "dies", lease_s=60)
        assert run.kept == {}, "of an earlier time"
        store.bookkeep(lambda session, _now, run=run: run.keep(session, seen=1))
        clock.advance(seconds=61)
        assert leases.lease(store, regular, "next") is None
        clock.advance(minutes=6)
    assert told(store) == [("task.failed", "refused task.died", COUNT)]
    with store.read() as session:
        left = session.scalar(select(BackgroundTask))
    assert (left.state, left.tries, left.kept, left.lease_until) == ("queued", 0, {}, None)


def test_operators_see_what_nobody_carries_out(store, clock):
    regular = kinds(every=timedelta(minutes=5))
    tasks.schedule(store, regular)
    ask(store)  # a person's task that waits is the person's page's to tell
    clock.advance(minutes=59)
    assert undone(store) == []
    clock.advance(minutes=2)
    assert undone(store) == [(COUNT, "late", "")]
    assert runner.work_off(store, regular) == 2
    assert undone(store) == []
    clock.advance(minutes=5)
    assert leases.lease(store, regular, "dies", lease_s=60) is not None
    clock.advance(minutes=62)
    assert undone(store) == [(COUNT, "late", "")]  # it died, and nobody came


def test_a_lease_is_extended_while_a_handler_works(store, clock):
    ask(store)
    seen = threading.Event()
    held = []

    def slow(run):
        clock.advance(seconds=50)
        assert seen.wait(30)
        clock.advance(seconds=50)
        held.append(leases.lease(store, kinds(), "other"))
        return {}

    run = leases.lease(store, kinds(slow), "one", lease_s=0.3)
    run.lease_s = 0.3
    beat = run.beat

    def beaten():
        run.lease_s = 60
        beat()
        seen.set()
        run.lease_s = 0.3

    run.beat = beaten
    assert runner.carry_out(run) == "done"
    assert held == [None]


def test_a_handler_that_hangs_is_cut_off(store):
    ask(store)
    cut = threading.Event()

    def hangs(run):
        assert cut.wait(30)
        return {}

    run = leases.lease(store, kinds(hangs, limit_s=0.1), "one")
    runner.carry_out(run, overrun=lambda _: cut.set())
    assert cut.is_set()


def test_the_loop_runs_until_it_is_asked_to_end(store):
    stopping = threading.Event()
    done = threading.Event()
    task_id = ask(store)

    def handler(run):
        done.set()
        return {}

    loop = threading.Thread(
        target=runner.work,
        args=(store, kinds(handler)),
        kwargs={"worker": "loop", "stopping": stopping, "idle_s": 0.05},
    )
    loop.start()
    assert done.wait(30)
    stopping.set()
    loop.join(30)
    assert not loop.is_alive()
    assert row(store, task_id).state == "done"


def test_files_go_before_their_tasks_and_open_ones_stay(store, clock):
    digest = store.blobs.put([b"file"])

    def gives(run):
        run.attach(digest, "course.zip")
        return {}

    done = ask(store)
    runner.work_off(store, kinds(gives))
    assert (row(store, done).file_blob, row(store, done).file_name) == (digest, "course.zip")
    waiting = ask(store)
    for days, expected in ((2, (None, "course.zip")), (31, None)):
        now = clock() + timedelta(days=days)
        with writing(store) as session:
            tasks.forget(
                session,
                ended_before=now - timedelta(days=30),
                files_before=now - timedelta(days=1),
            )
        found = row(store, done)
        assert (found and (found.file_blob, found.file_name)) == expected
    assert row(store, waiting) is not None


def test_a_task_is_its_askers_alone(store):
    """包老师 and 柴老师 learn nothing of what 艾老师 asked for."""
    task_id = ask(store, by="u-alice")
    with store.read() as session:
        assert tasks.one(session, task_id, "u-alice").id == task_id
        assert tasks.one(session, task_id, "u-charlie") is None
        assert tasks.own(session, "u-charlie", 10) == []
        assert [one.id for one in tasks.own(session, "u-alice", 10)] == [task_id]
