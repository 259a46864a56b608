"""What a monitor reads is what happened, and nobody's name, id or number is in it."""

import pytest
from starlette.testclient import TestClient
from yanxiu.errors import Refused
from yanxiu.login.accounts import verify_login
from yanxiu.metrics.process import app_of
from yanxiu.quota import counters
from yanxiu.quota.capacity import Capacity
from yanxiu.quota.engine import Ask
from yanxiu.quota.model import QuotaLimit
from yanxiu.quota.records_engine import RecordsEngine
from yanxiu.store import tasks
from yanxiu.store.audit import Event
from yanxiu.work.verbs import grade
from yanxiu.work.verbs.submit import submit_form
from yanxiu.work.verbs.withdraw import withdraw

from tests.support.county import County
from tests.support.units import ANSWERS
from tests.support.writing import writing

from .conftest import TOKEN

SAY = {"zh_CN": "已检查", "en": "checked"}


def send(county: County, who: str = "alice"):
    return submit_form(county.store, county.site, county.actor(who), county.assignment, ANSWERS)


def scored(county: County, clock, wait_s: float, run_s: float) -> None:
    clock.advance(seconds=wait_s)
    lease = grade.lease(county.store, county.site, "w1")
    clock.advance(seconds=run_s)
    scores = [{"task": task, "points": 1, "message": SAY} for task in ("mean", "pick")]
    grade.report(
        county.store,
        lease.job_id,
        {"lease": lease.lease, "answers": ANSWERS, "scores": scores},
        None,
    )


def test_the_queue_as_it_stands(lite, monitor, clock):
    assert monitor.read()("yanxiu_grading_jobs", state="queued") == 0
    send(lite)
    send(lite, "bob")
    grade.lease(lite.store, lite.site, "w1")
    clock.advance(seconds=50)
    read = monitor.read()
    assert [read("yanxiu_grading_jobs", state=one) for one in ("queued", "leased", "failed")] == [
        1,
        1,
        0,
    ]
    assert read("yanxiu_grading_oldest_job_age_seconds") == 50


def test_gradings_and_their_seconds(lite, monitor, clock):
    send(lite)
    scored(lite, clock, wait_s=40, run_s=2)
    send(lite, "bob")
    lease = grade.lease(lite.store, lite.site, "w1")
    grade.failed(lite.store, lite.site, lease.job_id, lease.lease, "run_a.memory", retry=True)
    grade.lease(lite.store, lite.site, "w1")
    clock.advance(hours=1)
    grade.lease(lite.store, lite.site, "w2")  # takes the lost one back first
    read = monitor.read()
    found = {one: read("yanxiu_gradings_total", outcome=one) for one in ("scored", "given_back")}
    assert found == {"scored": 1, "given_back": 1}
    assert read("yanxiu_gradings_total", outcome="lost") == 1
    assert read("yanxiu_grading_seconds_sum", phase="wait") == 40
    assert read("yanxiu_grading_seconds_sum", phase="run") == 2
    assert read("yanxiu_grading_seconds_bucket", phase="run", le="1.0") == 0
    assert read("yanxiu_grading_seconds_bucket", phase="run", le="3.0") == 1


def test_submissions_and_why_they_were_refused(lite, monitor, clock):
    one = send(lite)
    send(lite)  # the same again
    withdraw(lite.store, lite.actor("alice"), one.submission_id)
    clock.advance(days=400)
    with pytest.raises(Refused) as refused:
        send(lite, "bob")
    read = monitor.read()
    names = ("accepted", "withdrawn", "refused")
    assert [read("yanxiu_submissions_total", outcome=name) for name in names] == [1, 1, 1]
    assert read("yanxiu_submission_refusals_total", code=refused.value.code) == 1


def test_logins_by_outcome_however_they_are_bundled(lite, monitor):
    for _ in range(3):
        verify_login(lite.store, "nobody", "wrong")
    lite.store.count(Event("anonymous", "login.refuse", "person", outcome="too early"))
    lite.store.tally.flush()
    lite.store.note(Event(lite.people["alice"], "login", "person", lite.people["alice"]))
    read = monitor.read()
    assert read("yanxiu_logins_total", outcome="unknown") == 3
    assert read("yanxiu_logins_total", outcome="too_early") == 1
    assert read("yanxiu_logins_total", outcome="ok") == 1
    assert read("yanxiu_logins_total", outcome="wrong") == 0


def test_what_is_counted_once_is_not_counted_again(lite, monitor):
    send(lite)
    assert monitor.read()("yanxiu_submissions_total", outcome="accepted") == 1
    assert monitor.read()("yanxiu_submissions_total", outcome="accepted") == 1


def test_more_events_than_fit_in_one_look(lite, monitor, monkeypatch):
    monkeypatch.setattr("yanxiu.metrics.watch._BATCH", 2)
    for _ in range(5):
        lite.store.note(Event(lite.people["alice"], "login", "person", lite.people["alice"]))
    assert monitor.read()("yanxiu_logins_total", outcome="ok") == 5


def test_tasks_and_their_troubles(lite, monitor, clock):
    with writing(lite.store) as session:
        for kind, asked_by in (("roster.import", lite.people["county"]), ("late", tasks.SYSTEM)):
            tasks.add(session, kind, asked_by=asked_by, now=clock())
    clock.advance(hours=2)
    read = monitor.read()
    assert read("yanxiu_tasks", kind="roster.import", state="queued") == 1
    assert read("yanxiu_task_overdue_seconds", kind="roster.import") == 7200
    assert read("yanxiu_task_troubles", kind="late", what="late") == 1
    assert read("yanxiu_task_troubles", kind="roster.import", what="late") is None


def test_the_pools_by_the_codes_of_organizations(lite, monitor):
    engine = RecordsEngine(lite.store, lite.site, lambda: Capacity(servers=10))
    with writing(lite.store) as session:
        session.add(
            QuotaLimit(
                org_id=lite.schools["school1"],
                resource="servers",
                guarantee=1,
                ceiling=1,
                changed_at=lite.store.clock(),
                changed_by="system:test",
            )
        )
        counters.rebuild(session, lite.site)
    for who in ("alice", "bob"):
        engine.reserve(Ask(lite.people[who], "", 160, 0.02))
    read = monitor.read()
    for org, used in (("2133000001", 1), ("330199", 1), ("", 1)):
        assert read("yanxiu_quota_used", org=org, resource="servers") == used
    assert read("yanxiu_quota_used", org="", resource="memory_mb") == 160
    assert read("yanxiu_quota_ceiling", org="2133000001", resource="servers") == 1
    assert read("yanxiu_quota_guarantee", org="2133000001", resource="servers") == 1
    assert read("yanxiu_quota_ceiling", org="330199", resource="servers") is None
    assert read("yanxiu_quota_waiting", org="2133000001") == 1
    assert read("yanxiu_quota_waiting_everywhere") == 1


def test_what_is_down_is_said_and_has_no_old_numbers(lite, monitor):
    send(lite)
    assert monitor.read()("yanxiu_store_up") == 1
    with lite.store.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE grading_jobs RENAME TO elsewhere")
        connection.commit()
    read = monitor.read()
    assert read("yanxiu_store_up") == 0
    assert read("yanxiu_grading_jobs", state="queued") is None
    assert read("yanxiu_launcher_up") == 0  # nobody listens on its socket
    assert read("yanxiu_sandboxes", kind="server") is None
    assert read("yanxiu_disk_free_bytes") > 0


def test_no_label_tells_of_a_person(lite, monitor, clock):
    send(lite)
    verify_login(lite.store, "1001", "wrong")
    lite.store.tally.flush()
    scored(lite, clock, 1, 1)
    # Whatever a part of ours writes as an outcome, it is no label unless it has a code's shape.
    strange = f"refused {lite.people['alice']} 艾老师"
    lite.store.note(Event(lite.people["bob"], "submission.refuse", "assignment", outcome=strange))
    text = monitor.text()
    for who, person_id in lite.people.items():
        assert person_id not in text, who
    with lite.store.read() as session:
        rows = session.connection().exec_driver_sql("SELECT name, teacher_no, mobile FROM people")
        personal = [value for row in rows for value in row if value]
    assert [value for value in personal if f'"{value}"' in text or value in text.split()] == []
    assert monitor.read()("yanxiu_submission_refusals_total", code="other") == 1


def test_codes_beyond_the_first_hundred_are_one(lite, monitor):
    for number in range(120):
        lite.store.note(Event("u", "submission.refuse", "unit", outcome=f"refused a.code{number}"))
    text = monitor.text()
    lines = [one for one in text.splitlines() if "submission_refusals_total{" in one]
    assert len(lines) == 101
    assert monitor.read()("yanxiu_submission_refusals_total", code="other") == 20


@pytest.mark.parametrize("path", ["/metrics", "/metrics/hub"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": "Bearer é".encode()},
    ],
)
def test_without_the_token_there_is_nothing(monitor, path, headers):
    answer = monitor.http.get(path, headers=headers)
    assert answer.status_code == 401
    assert "yanxiu_" not in answer.text.replace("yanxiu metrics", "")


def test_a_hub_that_is_away_is_a_bad_gateway(monitor):
    answer = monitor.http.get("/metrics/hub", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 502


def read(app, path="/metrics"):
    return TestClient(app).get(path, headers={"Authorization": f"Bearer {TOKEN}"})


def test_beside_a_pod_of_records_only_requests_are_told(tmp_path):
    """Of three replicas each tells its own; the platform's numbers would be told three times."""
    app = app_of(None, {"YANXIU_METRICS_FILES": str(tmp_path)}, TOKEN)
    told = read(app)
    assert told.status_code == 200
    assert "process_start_time_seconds" in told.text and "yanxiu_" not in told.text
    assert read(app, "/metrics/hub").status_code == 404
    assert TestClient(app).get("/metrics").status_code == 401


def test_on_a_cluster_nobody_asks_for_a_launcher(lite):
    environ = {"JUPYTERHUB_API_URL": "http://127.0.0.1:9/hub/api", "JUPYTERHUB_API_TOKEN": "h"}
    told = read(app_of(lite.store, environ, TOKEN)).text
    assert "yanxiu_store_up 1.0" in told
    assert "yanxiu_launcher" not in told
