"""Real processes that are killed, and two at once: nothing is lost and nothing done twice."""

from sqlalchemy import func, select
from yanxiu.store import facts
from yanxiu.store.model import AuditEvent, BackgroundTask

from tests.support.crash import spawn, survive
from tests.support.tasks import ask, counting, row, verbs


def test_a_process_killed_at_any_statement_costs_nothing_but_time(store, clock):
    task_id = ask(store, params={"items": 4})
    deaths = survive(store, counting, clock=clock)
    assert deaths > 8
    done = row(store, task_id)
    assert (done.state, done.result) == ("done", {"items": 4})
    assert verbs(store, task_id) == ["task.done"]
    with store.read() as session:
        assert facts.get(session, "counted") == {"n": 4}
        items = select(func.count()).where(AuditEvent.verb == "test.item")
        assert session.scalar(items) == 4


def test_two_processes_at_once_do_each_task_once(store):
    for number in range(20):
        ask(store, by=f"u-{number}", params={"items": 3, "fact": f"counted-{number}"})
    workers = [spawn(store, counting) for _ in range(2)]
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    with store.read() as session:
        counted = [facts.get(session, f"counted-{number}") for number in range(20)]
        states = set(session.scalars(select(BackgroundTask.state)))
        by_whom = set(session.scalars(select(BackgroundTask.worker)))
    assert counted == [{"n": 3}] * 20
    assert states == {"done"}
    assert len(by_whom) == 2, "one of them found nothing to do"
