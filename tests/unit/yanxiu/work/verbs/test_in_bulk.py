"""All of a unit at once: one's own schools, through any crash, and each of them once."""

import pytest
from sqlalchemy import func, select
from yanxiu.errors import NotFound, Refused
from yanxiu.store.model import AuditEvent
from yanxiu.store.retry import Busy
from yanxiu.web.actor import Way
from yanxiu.work.model import Attempt, CreditEntry, GradingJob
from yanxiu.work.rules import State
from yanxiu.work.verbs import in_bulk
from yanxiu.work.verbs.in_bulk import REGRADE, RELEASE
from yanxiu.work.verbs.mark import mark
from yanxiu.work.verbs.release import release

from tests.support.county import County, make_county
from tests.support.crash import spawn, survive
from tests.support.every_task import EVERY_TASK
from tests.support.tasks import row as task_row
from tests.support.tasks import site_kinds, work_off
from tests.support.work import FULL, failed, graded

LEARNERS = ("alice", "bob", "charlie")


@pytest.fixture
def county(store) -> County:
    """A county whose unit has every type of task."""
    return make_county(store, EVERY_TASK)


def three_marked(county):
    """Alice and charlie pass; bob fails, and nobody wrote him a word."""
    ones = {who: graded(county, who) for who in LEARNERS}
    boss = county.actor("county")
    for who, one in ones.items():
        mark(county.store, boss, one, dict.fromkeys(FULL, (0.0, "")) if who == "bob" else FULL, "")
    return ones


def states(county, ones):
    with county.store.read() as session:
        return {who: session.get(Attempt, one).state for who, one in ones.items()}


def count(county, statement):
    with county.store.read() as session:
        return session.scalar(statement)


def ask(county, who, kind=RELEASE, **more):
    return in_bulk.ask(county.store, county.actor(who, **more), kind, county.assignment)


def test_ones_own_schools_are_released_and_what_lacks_a_comment_is_left(county):
    ones = three_marked(county)
    task_id = ask(county, "organizer1")
    work_off(county)
    assert task_row(county.store, task_id).result == {"done": 1, "refused": 1}
    assert states(county, ones) == {"alice": "released", "bob": "marked", "charlie": "marked"}


def test_an_organizer_of_another_school_releases_nothing_of_ours(county):
    ones = three_marked(county)
    task_id = ask(county, "organizer2")
    work_off(county)
    assert task_row(county.store, task_id).result == {"done": 1, "refused": 0}
    assert states(county, ones) == {"alice": "marked", "bob": "marked", "charlie": "released"}


@pytest.mark.parametrize("kind", [RELEASE, REGRADE])
@pytest.mark.parametrize(
    ("who", "way", "refused"),
    [
        ("county2", Way.SESSION, NotFound),  # another county's course
        ("charlie", Way.SESSION, Refused),
        ("organizer1", Way.LEARN_TOKEN, Refused),  # a notebook must not release
    ],
)
def test_who_may_not_asks_in_vain_and_it_is_audited(county, kind, who, way, refused):
    with pytest.raises(refused):
        ask(county, who, kind, way=way)
    assert work_off(county) == 0
    events = select(func.count()).where(
        AuditEvent.verb == f"{kind.name}_ask", AuditEvent.outcome.startswith("refused")
    )
    assert count(county, events) == 1


def test_asked_twice_it_is_one_task(county):
    assert ask(county, "organizer1") == ask(county, "organizer1") != ask(county, "county")


def test_a_release_survives_crashes_between_its_statements(county, clock):
    ones = three_marked(county)
    task_id = ask(county, "county")
    assert survive(county.store, site_kinds, clock=clock, stride=3) > 20
    task = task_row(county.store, task_id)
    assert (task.state, task.result) == ("done", {"done": 2, "refused": 1})
    assert states(county, ones) == {"alice": "released", "bob": "marked", "charlie": "released"}
    assert count(county, select(func.count()).select_from(CreditEntry)) == 2
    done = select(func.count()).where(
        AuditEvent.verb == "submission.release", AuditEvent.outcome == "done"
    )
    assert count(county, done) == 2


def test_a_regrade_survives_crashes_between_its_statements(county, clock):
    for who in LEARNERS:
        failed(county, who)
    task_id = ask(county, "county", REGRADE)
    assert survive(county.store, site_kinds, clock=clock, stride=3) > 15
    assert task_row(county.store, task_id).result == {"done": 3, "refused": 0}
    queued = select(func.count()).where(GradingJob.state == "queued")
    assert count(county, queued) == 3


@pytest.mark.parametrize("kind", [RELEASE, REGRADE])
def test_two_processes_at_once_do_each_once(county, kind):
    if kind is RELEASE:
        three_marked(county)
    else:
        for who in LEARNERS:
            failed(county, who)
    task_ids = [ask(county, who, kind) for who in ("county", "organizer1", "organizer2")]
    both = [spawn(county.store, site_kinds) for _ in range(2)]
    for one in both:
        one.join(120)
    assert [one.exitcode for one in both] == [0, 0]
    assert {task_row(county.store, task_id).state for task_id in task_ids} == {"done"}
    if kind is RELEASE:
        assert count(county, select(func.count()).select_from(CreditEntry)) == 2
    else:
        assert count(county, select(func.count()).where(GradingJob.state == "queued")) == 3


@pytest.mark.parametrize("trouble", ["busy", "full"])
def test_the_platforms_trouble_is_not_a_missing_comment(county, clock, monkeypatch, trouble):
    """A database that is busy, or full, says nothing of the submission that it met."""
    ones = three_marked(county)
    task_id = ask(county, "county")
    plain, asked = release, []

    def meets_trouble(store, actor, one):
        asked.append(one)
        if len(asked) == 2:
            raise Busy if trouble == "busy" else Refused("storage.full", "满了", status=507)
        plain(store, actor, one)

    monkeypatch.setitem(in_bulk._VERBS, RELEASE.name, (State.MARKED, meets_trouble))
    work_off(county)
    task = task_row(county.store, task_id)
    if trouble == "full":
        assert (task.state, task.refusal["code"]) == ("refused", "storage.full")
        return
    assert (task.state, task.result) == ("queued", None)  # it comes again by itself
    clock.advance(minutes=1)
    work_off(county)
    task = task_row(county.store, task_id)
    assert (task.state, task.result) == ("done", {"done": 2, "refused": 1})
    assert states(county, ones) == {"alice": "released", "bob": "marked", "charlie": "released"}
