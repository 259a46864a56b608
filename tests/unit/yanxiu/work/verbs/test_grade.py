"""The queue: a job is graded once, whatever dies on the way, and only by who holds its lease."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from yanxiu.errors import Invalid, NotFound, Refused
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Attempt, CreditEntry, GradingJob, TaskScore
from yanxiu.work.reads import attempts
from yanxiu.work.verbs import grade
from yanxiu.work.verbs.submit import submit, submit_form
from yanxiu_formats.bundle import pack
from yanxiu_formats.units import unit_of

from tests.support.county import County
from tests.support.units import ANSWERS, UNIT, notebook

SAY = {"zh_CN": "已检查", "en": "checked"}
BOTH = [{"task": task, "points": 1, "message": SAY} for task in ("mean", "pick")]


def send(county: County, who: str = "alice", answers=ANSWERS):
    return submit_form(county.store, county.site, county.actor(who), county.assignment, answers)


def lend(county: County, worker: str = "w1"):
    return grade.lease(county.store, county.site, worker)


def report(lease: grade.Lease, mean: float = 10, pick: float = 30, **more) -> dict:
    return {
        "lease": lease.lease,
        "run_a": None,
        "run_b": {"outcome": "ok"},
        "answers": ANSWERS,
        "scores": [
            {"task": "mean", "points": mean, "message": SAY},
            {"task": "pick", "points": pick, "message": SAY},
        ],
        **more,
    }


def row(county: County, receipt) -> Attempt:
    with county.store.read() as session:
        return attempts.attempt(session, receipt.submission_id)


def events(county: County, verb: str) -> list[AuditEvent]:
    with county.store.read() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.verb == verb)))


def test_oldest_first_and_none_when_empty(county, clock):
    first = send(county)
    clock.advance(seconds=1)
    second = send(county, "bob")
    order = [lend(county), lend(county)]
    with county.store.read() as session:
        found = [session.get_one(GradingJob, one.job_id).attempt_id for one in order]
    assert found == [first.submission_id, second.submission_id]
    assert lend(county) is None
    assert row(county, first).state == "grading"


def test_a_report_is_kept_with_its_scores_and_instants(county, clock):
    receipt = send(county)
    lease = lend(county)
    clock.advance(seconds=2)
    grade.started(county.store, lease.job_id, lease.lease)
    clock.advance(seconds=3)
    grade.report(county.store, lease.job_id, report(lease), b"{}")
    got = row(county, receipt)
    assert (got.state, got.auto_points, got.total_points) == ("waiting", 40.0, None)
    assert county.store.blobs.read(got.executed_blob) == b"{}"
    with county.store.read() as session:
        job = session.get_one(GradingJob, lease.job_id)
        points = {s.task_id: s.points for s in session.scalars(select(TaskScore))}
    assert points == {"mean": 10.0, "pick": 30.0}
    assert [job.started_at - job.leased_at, job.finished_at - job.started_at] == [
        timedelta(seconds=2),
        timedelta(seconds=3),
    ]
    grade.report(county.store, lease.job_id, report(lease), b"{}")  # sent twice: no harm


def test_a_dead_workers_job_is_graded_once_by_another(county, clock):
    receipt = send(county)
    dead = lend(county, "dead")
    clock.advance(seconds=county.site.grading.lease_s - 1)
    assert lend(county, "other") is None
    clock.advance(seconds=2)
    other = lend(county, "other")
    assert other.job_id == dead.job_id
    with pytest.raises(NotFound):
        grade.report(county.store, dead.job_id, report(dead), None)
    grade.report(county.store, other.job_id, report(other, mean=0), None)
    assert row(county, receipt).auto_points == 30.0


def test_a_heartbeat_keeps_the_lease(county, clock):
    send(county)
    lease = lend(county)
    for _ in range(5):
        clock.advance(seconds=county.site.grading.lease_s - 1)
        grade.heartbeat(county.store, county.site, lease.job_id, lease.lease)
    assert lend(county, "other") is None


def test_a_job_that_kills_its_workers_goes_to_a_person(county, clock):
    receipt = send(county)
    for _ in range(county.site.grading.max_tries):
        assert lend(county) is not None
        clock.advance(seconds=county.site.grading.lease_s + 1)
    assert lend(county) is None
    assert row(county, receipt).state == "failed"


def test_a_failure_that_is_nobodys_fault_is_tried_again(county):
    receipt = send(county)
    lease = lend(county)
    grade.failed(county.store, county.site, lease.job_id, lease.lease, "launcher.away", retry=True)
    assert row(county, receipt).state == "queued"
    lease = lend(county)
    grade.failed(county.store, county.site, lease.job_id, lease.lease, "scoring", retry=False)
    assert row(county, receipt).state == "failed"


@pytest.mark.parametrize(
    "change",
    [
        {"scores": []},
        {"scores": [{"task": "mean", "points": 10, "message": SAY}]},
        {"scores": [{"task": "pick", "points": 1, "message": SAY}] * 2},
        {"scores": "full marks"},
        {"scores": None},
        {"scores": ["mean", "pick"]},
        {"scores": [None, 3]},
        {"scores": [*BOTH, {"task": ["mean"], "points": 1, "message": SAY}]},
        {"scores": [*BOTH, {"task": {}, "points": 1, "message": SAY}]},
        {"answers": "full marks"},
        {"answers": ["mean"]},
        {"run_a": "ok"},
        {"run_b": [1]},
    ],
)
def test_a_report_that_does_not_fit_the_release_is_refused_whole(county, change):
    receipt = send(county)
    lease = lend(county)
    with pytest.raises(Invalid, match=r"report\.scores"):
        grade.report(county.store, lease.job_id, report(lease) | change, None)
    assert row(county, receipt).state == "grading"
    with county.store.read() as session:
        assert session.scalars(select(TaskScore)).all() == []


@pytest.mark.parametrize("points", [-1, 10.01, float("nan"), float("inf"), "10", None])
def test_points_outside_the_tasks_are_refused(county, points):
    send(county)
    lease = lend(county)
    with pytest.raises(Invalid):
        grade.report(county.store, lease.job_id, report(lease, mean=points), None)


def test_inputs_and_reports_need_the_lease(county):
    send(county)
    lease = lend(county)
    with grade.open_input(county.store, lease.job_id, lease.lease, "scoring") as tar:
        assert b"score.py" in tar.read()
    for secret in ("", "guess", lease.lease + "x", "\ud800"):
        with pytest.raises(NotFound):
            grade.open_input(county.store, lease.job_id, secret, "scoring")
        with pytest.raises(NotFound):
            grade.report(county.store, lease.job_id, report(lease) | {"lease": secret}, None)
    with county.store.read() as session:  # reading the table does not give the lease away
        assert lease.lease not in str(vars(session.get_one(GradingJob, lease.job_id)))


def test_a_newer_attempt_ends_the_older_ones_lease(county):
    send(county)
    lease = lend(county)
    send(county, answers={**ANSWERS, "mean": 1.0})
    with pytest.raises(Refused) as refused:
        grade.report(county.store, lease.job_id, report(lease), None)
    assert refused.value.status == 410


def test_a_submission_is_graded_by_the_release_it_pinned(county):
    data = json.dumps(notebook()).encode()
    submit(
        county.store,
        county.site,
        county.actor("alice"),
        county.assignment,
        iter([pack({"u1.ipynb": data})]),
        via="jupyter",
    )
    lease = lend(county)
    assert (lease.has_notebook, lease.unit) == (True, unit_of(UNIT))


def test_a_unit_without_rubric_is_released_by_the_machine(store):
    from tests.support.county import make_county

    tasks = [{**UNIT["tasks"][0], "points": 40}, {**UNIT["tasks"][1], "points": 60}]
    county = make_county(store, {**UNIT, "tasks": tasks})
    receipt = send(county, answers={"mean": 6.5, "pick": ["a", "b"]})
    lease = lend(county)
    grade.report(store, lease.job_id, report(lease, mean=40, pick=60), None)
    got = row(county, receipt)
    assert (got.state, got.passed, got.total_points) == ("released", True, 100.0)
    with store.read() as session:
        assert session.scalars(select(CreditEntry)).one().hours_x100 == 200
    [event] = events(county, "job.report")
    assert event.details == {
        "submission": str(receipt.submission_id),
        "released": True,
        "credited": True,
    }


def test_every_event_of_a_job_says_whose_school_and_which_submission(county, clock):
    receipt = send(county)
    lease = lend(county)
    grade.started(county.store, lease.job_id, lease.lease)
    grade.failed(county.store, county.site, lease.job_id, lease.lease, "launcher.away", retry=True)
    lend(county)
    clock.advance(seconds=county.site.grading.lease_s + 1)
    lease = lend(county)
    grade.report(county.store, lease.job_id, report(lease), None)
    grade.report(county.store, lease.job_id, report(lease), None)
    verbs = ("start", "fail", "expire", "lease", "report", "report_repeat")
    for verb in verbs:
        for event in events(county, f"job.{verb}"):
            assert event.school_id == county.schools["school1"], verb
            assert event.details["submission"] == str(receipt.submission_id), verb
            assert "released" not in event.details, "a person is to mark the rest"
    assert {len(events(county, f"job.{verb}")) for verb in verbs} == {1, 3}
