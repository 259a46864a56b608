"""The whole way on the real platform: nbgrader in the terminal of a teacher's sandboxed server."""

import time

import pytest
from yanxiu.courses.reads import courses
from yanxiu.people.reads import people
from yanxiu.people.reads.actors import load_actor
from yanxiu.store.engine import open_store
from yanxiu.work.reads import attempts
from yanxiu.work.verbs.mark import mark
from yanxiu.work.verbs.release import release

from benchmarks.support.visitor import Visitor
from tests.support import terminal
from tests.support.site import platform

GRADED_S = 180


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with platform(tmp_path_factory.mktemp("nbgrader") / "data") as running:
        yield running


@pytest.fixture
def at_work(site):
    """Give people of the demo site whose server runs."""
    opened = []

    def make(name: str) -> Visitor:
        account = site.accounts()[name]
        visitor = Visitor(site.url, site.servers).login(account["username"], account["password"])
        visitor.start_server()
        visitor.enter_server()
        opened.append(visitor)
        return visitor

    yield make
    for visitor in opened:
        visitor.stop_server()


def person(store, site, name):
    with store.read() as session:
        return people.by_login_name(session, site.accounts()[name]["username"])


def wait_until_graded(store, submission_id):
    deadline = time.monotonic() + GRADED_S
    while True:
        with store.read() as session:
            row = attempts.attempt(session, submission_id)
        if row.state not in ("queued", "grading"):
            return row
        assert time.monotonic() < deadline, row.state
        time.sleep(0.2)


def test_list_fetch_submit_grade_and_feedback(site, at_work):
    alice, charlie = at_work("艾老师"), at_work("柴老师")
    store = open_store(f"sqlite:///{site.data}/db/yanxiu.sqlite", site.data / "blobs")

    shown = terminal.run(alice, "cd ~", "nbgrader list")
    assert "xinxi2 a1" in shown
    shown = terminal.run(
        alice,
        "cd ~",
        "nbgrader fetch_assignment a1 --course xinxi2",
        "ls a1",
        "nbgrader submit a1 --course xinxi2",
    )
    assert "a1.ipynb" in shown
    assert "第 1 次提交" in shown
    who = person(store, site, "艾老师")
    with store.read() as session:
        assignment = next(
            one
            for one, unit in courses.enrolled_assignments(session, who.id)
            if one.unit_key == "a1"
        )
        [row] = attempts.attempts(session, assignment.id, who.id)
    assert row.receipt_no in shown

    graded = wait_until_graded(store, row.id)
    assert graded.state == "waiting", graded.state
    organizer = load_actor(store, person(store, site, "县管理员").id)
    with store.read() as session:
        unit = courses.unit(session, graded.release_id, "a1").definition
    points = {
        (task.id, one.id): (0.0, "")
        for task in unit.tasks
        if task.kind == "rubric"
        for one in task.criteria
    }
    mark(store, organizer, row.id, points, "请先做完再交，注意分母。")
    release(store, organizer, row.id)

    shown = terminal.run(
        alice,
        "cd ~",
        "nbgrader fetch_feedback a1 --course xinxi2",
        "grep -c 注意分母 a1/feedback/*/feedback.html",
    )
    assert "评语已放到" in shown
    home = site.data / "homes" / who.id
    [page] = (home / "a1/feedback").glob("*/feedback.html")
    assert "请先做完再交，注意分母。" in page.read_text(encoding="utf-8")

    shown = terminal.run(
        charlie,
        "cd ~",
        "nbgrader list --inbound",
        "nbgrader fetch_feedback a1 --course xinxi2",
    )
    assert row.receipt_no not in shown
    assert "还没有可以取的评语" in shown
    store.close()
