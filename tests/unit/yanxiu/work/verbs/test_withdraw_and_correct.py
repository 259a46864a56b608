"""What was handed in can be taken back until it is shown; what was shown, with a reason."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from yanxiu.errors import NotFound, Refused
from yanxiu.store.model import AuditEvent
from yanxiu.web.actor import Way
from yanxiu.work.model import Attempt, CreditEntry, Decision, GradingJob
from yanxiu.work.reads import attempts, credits
from yanxiu.work.reads.my_units import my_unit
from yanxiu.work.verbs import grade
from yanxiu.work.verbs.correct import correct
from yanxiu.work.verbs.mark import mark
from yanxiu.work.verbs.release import release
from yanxiu.work.verbs.submit import submit_form
from yanxiu.work.verbs.withdraw import withdraw

from tests.support.county import County
from tests.support.units import ANSWERS
from tests.support.work import SMALL_FULL, marked_with_75


def hand_in(county: County, who: str = "alice", **answers):
    given = {**ANSWERS, **answers}
    return submit_form(county.store, county.site, county.actor(who), county.assignment, given)


def released(county: County, who: str = "alice"):
    one = hand_in(county, who).submission_id
    marked_with_75(county, one, "很好")
    release(county.store, county.actor("county"), one)
    return one


def state(county: County, one) -> str:
    with county.store.read() as session:
        return attempts.attempt(session, one).state


def hours(county: County, who: str = "alice") -> list[int]:
    with county.store.read() as session:
        found = credits.entries(session, county.people[who], county.assignment)
    return [one.hours_x100 for one in found]


def test_what_is_withdrawn_is_not_graded_and_does_not_count(county):
    first = hand_in(county)
    withdraw(county.store, county.actor("alice"), first.submission_id)
    assert state(county, first.submission_id) == "withdrawn"
    assert grade.lease(county.store, county.site, "w") is None
    for n in range(3):  # three attempts are allowed, and there are three
        again = hand_in(county, mean=float(n))
    assert again.attempt == 4
    with pytest.raises(Refused, match=r"submit\.no_attempts"):
        hand_in(county, mean=9.0)


def test_the_same_work_may_be_handed_in_again_after_it_was_withdrawn(county):
    first = hand_in(county)
    withdraw(county.store, county.actor("alice"), first.submission_id)
    second = hand_in(county)
    assert (second.attempt, second.digest) == (2, first.digest)
    assert second.number != first.number


def test_a_worker_that_has_it_is_told_to_stop(county):
    one = hand_in(county).submission_id
    lease = grade.lease(county.store, county.site, "w")
    withdraw(county.store, county.actor("alice"), one)
    with pytest.raises(Refused, match=r"job\.lease_lost"):
        grade.heartbeat(county.store, county.site, lease.job_id, lease.lease)
    with pytest.raises(Refused, match=r"job\.lease_lost"):
        grade.report(county.store, lease.job_id, {"lease": lease.lease}, None)


def test_what_made_way_for_a_withdrawn_attempt_is_queued_again(county, clock):
    first = hand_in(county)
    clock.advance(minutes=5)
    second = hand_in(county, mean=1.0)
    assert state(county, first.submission_id) == "superseded"
    withdraw(county.store, county.actor("alice"), second.submission_id)
    assert state(county, first.submission_id) == "queued"
    lease = grade.lease(county.store, county.site, "w")
    with county.store.read() as session:
        job = session.get_one(GradingJob, lease.job_id)
        # Its place in the queue is by the receipt that it has.
        assert (job.attempt_id, job.received_at) == (first.submission_id, first.received_at)
    assert grade.lease(county.store, county.site, "w") is None
    assert hand_in(county) == first  # the same work as what counts now: the same receipt


def test_it_comes_back_as_it_was_marked(county):
    first = hand_in(county).submission_id
    marked_with_75(county, first, "很好")
    second = hand_in(county, mean=1.0).submission_id
    with pytest.raises(Refused, match=r"release\.not_now"):
        release(county.store, county.actor("county"), first)
    withdraw(county.store, county.actor("alice"), second)
    assert state(county, first) == "marked"
    release(county.store, county.actor("county"), first)
    assert (state(county, first), hours(county)) == ("released", [200])
    assert grade.lease(county.store, county.site, "w") is None


def test_only_the_attempt_before_the_withdrawn_one_comes_back(county):
    one, two, three = (hand_in(county, mean=float(n)).submission_id for n in range(3))
    withdraw(county.store, county.actor("alice"), three)
    assert [state(county, it) for it in (one, two)] == ["superseded", "queued"]
    withdraw(county.store, county.actor("alice"), two)
    assert [state(county, it) for it in (one, two)] == ["queued", "withdrawn"]
    withdraw(county.store, county.actor("alice"), one)
    assert grade.lease(county.store, county.site, "w") is None


def test_what_counts_is_shown_and_exported_also_when_a_later_one_was_withdrawn(county):
    first = hand_in(county).submission_id
    withdraw(county.store, county.actor("alice"), hand_in(county, mean=1.0).submission_id)
    with county.store.read() as session:
        alice = county.people["alice"]
        assert attempts.latest_states(session, alice) == {county.assignment: "queued"}
        assert [one.id for one in attempts.counted(session, county.assignment)] == [first]
        assert my_unit(session, alice, county.assignment).latest.id == first


@pytest.mark.parametrize("who", ["bob", "charlie", "organizer1", "county"])
def test_nobody_withdraws_anothers_work(county, who):
    one = hand_in(county).submission_id
    with pytest.raises(NotFound, match=r"submission\.not_found"):
        withdraw(county.store, county.actor(who), one)
    assert state(county, one) == "queued"
    with county.store.read() as session:
        verb = AuditEvent.verb == "submission.withdraw"
        [event] = session.scalars(select(AuditEvent).where(verb)).all()
    assert event.outcome == "refused submission.not_found"


@pytest.mark.parametrize("twice", [True, False])
def test_what_is_shown_or_gone_cannot_be_withdrawn(county, twice):
    one = hand_in(county).submission_id if twice else released(county)
    if twice:
        withdraw(county.store, county.actor("alice"), one)
    with pytest.raises(Refused, match=r"withdraw\.not_now") as refused:
        withdraw(county.store, county.actor("alice"), one)
    assert "撤回" in refused.value.text()


def test_the_fourth_withdrawal_is_refused(county):
    for n in range(3):
        one = hand_in(county, mean=float(n)).submission_id
        withdraw(county.store, county.actor("alice", Way.LEARN_TOKEN), one)
    last = hand_in(county, mean=9.0).submission_id
    with pytest.raises(Refused, match=r"withdraw\.too_often") as refused:
        withdraw(county.store, county.actor("alice"), last)
    assert "3 次" in refused.value.text()
    assert state(county, last) == "queued"


def test_a_correction_takes_back_hours_by_an_entry_and_keeps_what_was_shown(county, clock):
    one = released(county)
    assert hours(county) == [200]
    correct(county.store, county.actor("organizer1"), one, "评分时看错了人")
    assert state(county, one) == "marked"
    assert hours(county) == [200, -200]
    mark(county.store, county.actor("organizer1"), one, SMALL_FULL, "重新看过，很好")
    clock.advance(days=3)
    release(county.store, county.actor("organizer1"), one)
    assert hours(county) == [200, -200, 200]
    with county.store.read() as session:
        # The page says since when she sees this mark, not the one that was taken back.
        assert attempts.attempt(session, one).released_at == clock()
        found = session.scalars(select(Decision).order_by(Decision.version)).all()
        assert credits.totals(session, county.people["alice"]) == {"online": 2.0}
    assert [(row.kind, row.total_points) for row in found] == [
        ("release", 75.0),
        ("correction", None),
        ("release", 75.0),
    ]
    assert found[1].reason == "评分时看错了人"


def test_after_a_correction_the_unit_can_be_handed_in_again(county):
    one = released(county)
    with pytest.raises(Refused, match=r"submit\.passed"):
        hand_in(county, mean=1.0)
    correct(county.store, county.actor("organizer1"), one, "评分时看错了人")
    hand_in(county, mean=1.0)
    assert state(county, one) == "superseded"


def not_passed(county: County):
    """Release alice's first attempt as not passed, by a slip of the marker."""
    one = hand_in(county).submission_id
    marked_with_75(county, one, "再想想")
    nothing = dict.fromkeys(SMALL_FULL, (0.0, ""))
    mark(county.store, county.actor("organizer1"), one, nothing, "再想想")
    release(county.store, county.actor("organizer1"), one)
    return one


def marked_anew(county: County, one) -> None:
    correct(county.store, county.actor("organizer1"), one, "评分时看错了人")
    assert state(county, one) == "marked"
    mark(county.store, county.actor("organizer1"), one, SMALL_FULL, "重新看过，很好")
    release(county.store, county.actor("organizer1"), one)
    assert (state(county, one), hours(county)) == ("released", [200])


def test_a_result_is_mended_also_when_a_later_attempt_was_withdrawn(county):
    one = not_passed(county)
    withdraw(county.store, county.actor("alice"), hand_in(county, mean=1.0).submission_id)
    marked_anew(county, one)


def test_a_result_is_mended_also_when_a_later_one_is_shown(county):
    one = not_passed(county)
    two = hand_in(county, mean=1.0).submission_id
    marked_with_75(county, two)
    mark(county.store, county.actor("organizer1"), two, dict.fromkeys(SMALL_FULL, (0.0, "")), "难")
    release(county.store, county.actor("organizer1"), two)
    marked_anew(county, one)
    assert state(county, two) == "released"


@pytest.mark.parametrize("graded", [False, True])
def test_nothing_is_taken_back_while_another_attempt_is_under_way(county, graded):
    """Two attempts would be open, and whoever marked one of them would bury the other."""
    one = not_passed(county)
    two = hand_in(county, mean=1.0).submission_id
    if graded:
        marked_with_75(county, two)
    with pytest.raises(Refused, match=r"correct\.another_open") as refused:
        correct(county.store, county.actor("organizer1"), one, "评分时看错了人")
    assert "第 2 次" in refused.value.text()
    assert state(county, one) == "released"
    withdraw(county.store, county.actor("alice"), two)
    marked_anew(county, one)


def test_of_two_shown_results_one_at_a_time_is_taken_back(county):
    one = not_passed(county)
    two = hand_in(county, mean=1.0).submission_id
    marked_with_75(county, two)
    release(county.store, county.actor("organizer1"), two)
    correct(county.store, county.actor("organizer1"), one, "评分时看错了人")
    with pytest.raises(Refused, match=r"correct\.another_open"):
        correct(county.store, county.actor("organizer1"), two, "评分时看错了人")
    assert (state(county, one), state(county, two)) == ("marked", "released")


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("organizer2", "submission.not_found"),
        ("county2", "submission.not_found"),
        ("alice", "submission.not_found"),
        ("charlie", "submission.not_found"),
    ],
)
def test_only_organizers_above_the_author_correct(county, who, code):
    one = released(county)
    with pytest.raises(Refused) as refused:
        correct(county.store, county.actor(who), one, "算错了")
    assert refused.value.code == code
    assert (state(county, one), hours(county)) == ("released", [200])


@pytest.mark.parametrize(
    ("reason", "code"), [("  ", "correct.no_reason"), ("长" * 2001, "mark.comment_long")]
)
def test_a_correction_needs_a_reason(county, reason, code):
    one = released(county)
    with pytest.raises(Refused) as refused:
        correct(county.store, county.actor("organizer1"), one, reason)
    assert refused.value.code == code
    assert state(county, one) == "released"


def test_what_is_not_released_cannot_be_corrected(county):
    one = hand_in(county).submission_id
    with pytest.raises(Refused, match=r"correct\.not_now"):
        correct(county.store, county.actor("organizer1"), one, "算错了")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("attempts", "number"),
        ("gradings", "version"),
        ("task_scores", "points"),
        ("markings", "points"),
        ("decisions", "version"),
    ],
)
def test_the_database_itself_keeps_the_facts_as_they_were(county, table, column):
    released(county)
    change = text(f"UPDATE {table} SET {column} = 0")
    with pytest.raises(DBAPIError, match="append-only"), county.store.engine.begin() as connection:
        connection.execute(change)


def test_two_markers_stay_on_record(county):
    one = hand_in(county).submission_id
    marked_with_75(county, one)
    mark(county.store, county.actor("organizer1"), one, {("report", "use"): (12.0, "")}, "")
    with county.store.read() as session:
        row = attempts.attempt(session, one)
        assert (row.rubric_points, row.total_points) == (52.0, 67.0)
        rows = session.execute(text("SELECT count(DISTINCT marker_id), count(*) FROM markings"))
        assert rows.one() == (2, 3)
        assert session.scalars(select(GradingJob.state)).all() == ["done"]
        assert len(session.scalars(select(Attempt)).all()) == 1
        assert session.scalars(select(CreditEntry)).all() == []
