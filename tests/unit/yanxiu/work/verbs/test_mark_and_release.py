"""Marks, release and hours: who may, when, and that hours come once from an accepted product."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from yanxiu.errors import Invalid, NotFound, Refused
from yanxiu.store.model import AuditEvent
from yanxiu.web.actor import Way
from yanxiu.work.model import Attempt, CreditEntry, GradingJob
from yanxiu.work.reads import attempts
from yanxiu.work.verbs import grade
from yanxiu.work.verbs.mark import mark
from yanxiu.work.verbs.regrade import regrade
from yanxiu.work.verbs.release import release
from yanxiu.work.verbs.submit import submit_form

from tests.support.county import County
from tests.support.units import ANSWERS

SAY = {"zh_CN": "已检查", "en": "checked"}
FULL = {("report", "follow"): (40.0, "好"), ("report", "use"): (20.0, "")}


def graded(county: County, who: str = "alice", points: float = 30, **left):
    receipt = submit_form(county.store, county.site, county.actor(who), county.assignment, ANSWERS)
    report(county, points, **left)
    return receipt.submission_id


def report(
    county: County,
    points: float = 30,
    executed: bytes | None = None,
    rendered: bytes | None = None,
    run_a: dict | None = None,
) -> None:
    lease = grade.lease(county.store, county.site, "w")
    scores = [
        {"task": "mean", "points": 0, "message": SAY},
        {"task": "pick", "points": points, "message": SAY},
    ]
    content = {"lease": lease.lease, "answers": ANSWERS, "scores": scores, "run_a": run_a}
    grade.report(county.store, lease.job_id, content, executed, rendered)


def row(county: County, submission_id) -> Attempt:
    with county.store.read() as session:
        return attempts.attempt(session, submission_id)


def entries(county: County) -> list[CreditEntry]:
    with county.store.read() as session:
        return list(session.scalars(select(CreditEntry)))


def test_marked_once_every_criterion_has_points(county):
    one, organizer = graded(county), county.actor("organizer1")
    mark(county.store, organizer, one, {("report", "follow"): (40.0, "")}, "")
    assert (row(county, one).state, row(county, one).total_points) == ("waiting", None)
    mark(county.store, organizer, one, {("report", "use"): (12.0, "")}, "请补充课堂做法")
    got = row(county, one)
    assert (got.state, got.rubric_points, got.total_points) == ("marked", 52.0, 82.0)
    mark(county.store, organizer, one, {("report", "use"): (None, "")}, "")
    assert (row(county, one).state, row(county, one).total_points) == ("waiting", None)


def failed(county: County, who: str = "alice"):
    receipt = submit_form(county.store, county.site, county.actor(who), county.assignment, ANSWERS)
    lease = grade.lease(county.store, county.site, "w")
    grade.failed(county.store, county.site, lease.job_id, lease.lease, "score_failed", retry=False)
    return receipt.submission_id


BY_HAND = {("mean", "by_hand"): (8.0, "差一位小数"), ("pick", "by_hand"): (30.0, "")}


def test_what_the_machine_cannot_grade_a_person_can(county):
    one, organizer = failed(county), county.actor("organizer1")
    mark(county.store, organizer, one, FULL, "")
    assert (row(county, one).state, row(county, one).total_points) == ("failed", None)
    mark(county.store, organizer, one, BY_HAND, "很好")
    assert (row(county, one).state, row(county, one).total_points) == ("marked", 98.0)
    release(county.store, organizer, one)
    assert (row(county, one).passed, len(entries(county))) == (True, 1)


def test_points_by_hand_stay_within_the_tasks_and_do_not_count_beside_the_machines(county):
    one, organizer = failed(county), county.actor("organizer1")
    with pytest.raises(Invalid, match=r"mark\.range"):
        mark(county.store, organizer, one, {("mean", "by_hand"): (10.5, "")}, "")
    mark(county.store, organizer, one, BY_HAND, "")
    regrade(county.store, organizer, one)
    lease = grade.lease(county.store, county.site, "w")
    scores = [{"task": task, "points": 5, "message": SAY} for task in ("mean", "pick")]
    content = {"lease": lease.lease, "answers": ANSWERS, "scores": scores}
    grade.report(county.store, lease.job_id, content, None)
    mark(county.store, organizer, one, FULL, "")
    assert row(county, one).total_points == 70.0
    with pytest.raises(Invalid, match=r"mark\.unknown"):
        mark(county.store, organizer, one, BY_HAND, "")


def test_release_enters_the_units_hours_once(county):
    one = graded(county)
    mark(county.store, county.actor("organizer1"), one, FULL, "很好")
    assert entries(county) == []
    release(county.store, county.actor("organizer1"), one)
    [entry] = entries(county)
    assert (entry.person_id, entry.hours_x100, entry.kind) == (
        county.people["alice"],
        200,
        "online",
    )
    with pytest.raises(Refused, match=r"release\.not_now"):
        release(county.store, county.actor("county"), one)
    assert len(entries(county)) == 1


def test_who_did_not_pass_is_owed_a_sentence_and_gets_no_hours(county):
    one, organizer = graded(county, points=0), county.actor("organizer1")
    low = {("report", "follow"): (25.0, ""), ("report", "use"): (12.0, "")}
    mark(county.store, organizer, one, low, "")
    with pytest.raises(Refused, match=r"release\.no_comment"):
        release(county.store, organizer, one)
    assert row(county, one).state == "marked"
    mark(county.store, organizer, one, {}, "结论还要有数据支持")
    release(county.store, organizer, one)
    assert (row(county, one).passed, entries(county)) == (False, [])
    again = submit_form(
        county.store,
        county.site,
        county.actor("alice"),
        county.assignment,
        {**ANSWERS, "mean": 1.0},
    )
    assert again.attempt == 2  # not passed: may try again; what was released stays
    assert row(county, one).state == "released"


def test_who_passed_need_not_submit_again(county):
    one = graded(county)
    mark(county.store, county.actor("organizer1"), one, FULL, "")
    release(county.store, county.actor("organizer1"), one)
    with pytest.raises(Refused, match=r"submit\.passed"):
        submit_form(
            county.store, county.site, county.actor("alice"), county.assignment, {"mean": 2.0}
        )


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("organizer1", True),  # alice's school
        ("county", True),  # above it
        ("organizer2", False),  # beside it
        ("county2", False),  # another county
        ("alice", False),
        ("bob", False),
        ("charlie", False),
    ],
)
def test_only_organizers_above_the_author_mark_release_and_regrade(county, who, allowed):
    one, actor = graded(county), county.actor(who)
    if allowed:
        mark(county.store, actor, one, FULL, "")
        release(county.store, actor, one)
        return
    for attempt in (
        lambda: mark(county.store, actor, one, FULL, ""),
        lambda: release(county.store, actor, one),
        lambda: regrade(county.store, actor, one),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert row(county, one).state == "waiting"


def test_a_servers_token_cannot_grade_even_an_organizers(county):
    one, actor = graded(county), county.actor("organizer1", Way.LEARN_TOKEN)
    for attempt in (
        lambda: mark(county.store, actor, one, FULL, ""),
        lambda: release(county.store, actor, one),
    ):
        with pytest.raises(Refused, match=r"way\.session_only"):
            attempt()
    with county.store.read() as session:
        outcomes = session.scalars(
            select(AuditEvent.outcome).where(AuditEvent.verb == "submission.mark")
        ).all()
    assert outcomes == ["refused way.session_only"]


@pytest.mark.parametrize(
    ("marks", "code"),
    [
        ({("report", "follow"): (40.5, "")}, "mark.range"),
        ({("report", "follow"): (-1.0, "")}, "mark.range"),
        ({("report", "other"): (1.0, "")}, "mark.unknown"),
        ({("mean", "follow"): (1.0, "")}, "mark.unknown"),
        ({("report", "follow"): (1.0, "长" * 2001)}, "mark.comment_long"),
        ({("report", "follow"): (None, "请补充")}, "mark.comment_alone"),
    ],
)
def test_a_mark_that_does_not_fit_changes_nothing(county, marks, code):
    one = graded(county)
    with pytest.raises(Invalid) as refused:
        mark(county.store, county.actor("organizer1"), one, {**FULL, **marks}, "")
    assert refused.value.code == code
    assert row(county, one).rubric_points is None


def test_nothing_is_marked_before_the_machine_is_done(county):
    receipt = submit_form(
        county.store, county.site, county.actor("alice"), county.assignment, ANSWERS
    )
    with pytest.raises(Refused, match=r"mark\.not_now"):
        mark(county.store, county.actor("organizer1"), receipt.submission_id, FULL, "")


def test_regrade_gives_a_failed_submission_a_new_job(county):
    receipt = submit_form(
        county.store, county.site, county.actor("alice"), county.assignment, ANSWERS
    )
    lease = grade.lease(county.store, county.site, "w")
    grade.failed(county.store, county.site, lease.job_id, lease.lease, "scoring", retry=False)
    regrade(county.store, county.actor("organizer1"), receipt.submission_id)
    with county.store.read() as session:
        states = session.scalars(select(GradingJob.state)).all()
    assert sorted(states) == ["failed", "queued"]
    with pytest.raises(Refused, match=r"regrade\.not_now"):
        regrade(county.store, county.actor("organizer1"), receipt.submission_id)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_itself_keeps_the_ledger_as_it_was(county, change):
    one = graded(county)
    mark(county.store, county.actor("organizer1"), one, FULL, "")
    release(county.store, county.actor("organizer1"), one)
    from sqlalchemy import text

    words = (
        "UPDATE credit_entries SET hours_x100 = 9900"
        if change == "update"
        else "DELETE FROM credit_entries"
    )
    with pytest.raises(DBAPIError, match="append-only"), county.store.engine.begin() as connection:
        connection.execute(text(words))
    assert [entry.hours_x100 for entry in entries(county)] == [200]


def test_a_notebook_that_could_not_be_shown_is_graded_again_and_keeps_its_marks(county):
    organizer = county.actor("organizer1")
    one = graded(county, executed=b"{}")
    mark(county.store, organizer, one, FULL, "")
    regrade(county.store, organizer, one)
    assert row(county, one).state == "queued"
    report(county, executed=b"{}", rendered=b"<section>1</section>")
    got = row(county, one)
    assert (got.state, got.rubric_points) == ("marked", 60.0)
    assert county.store.blobs.read(got.rendered_blob) == b"<section>1</section>"
    with pytest.raises(Refused, match=r"regrade\.not_now"):
        regrade(county.store, organizer, one)


def test_of_which_nothing_was_left_to_show_is_graded_again_too(county):
    """The run that makes the page was cut off before it wrote any file."""
    organizer = county.actor("organizer1")
    one = graded(county, run_a={"outcome": "ok", "shown": "memory"})
    regrade(county.store, organizer, one)
    report(county, executed=b"{}", rendered=b"<p>", run_a={"outcome": "ok", "shown": "ok"})
    with pytest.raises(Refused, match=r"regrade\.not_now"):
        regrade(county.store, organizer, one)


def test_a_released_result_is_not_shown_again_and_the_sentence_is_of_that_button(county):
    organizer = county.actor("organizer1")
    one = graded(county, executed=b"{}")
    mark(county.store, organizer, one, FULL, "")
    release(county.store, organizer, one)
    with pytest.raises(Refused, match=r"show_again\.not_now") as refusal:
        regrade(county.store, organizer, one)
    assert "再显示一次" in refusal.value.text()


def test_a_form_without_a_notebook_is_not_graded_again_for_lack_of_a_page(county):
    one = graded(county)
    with pytest.raises(Refused, match=r"regrade\.not_now"):
        regrade(county.store, county.actor("organizer1"), one)
