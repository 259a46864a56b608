"""Exporting courses of both kinds: nbgrader finds our points, and nobody's name unless asked."""

import json

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import update
from yanxiu.courses.model import Enrolment, Offering, ReleaseUnit
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Attempt
from yanxiu.work.verbs import grade
from yanxiu.work.verbs.export_course import export_course
from yanxiu.work.verbs.mark import mark
from yanxiu.work.verbs.submit import submit_form
from yanxiu_formats.bundle import pack

from tests.support.county import DUE
from tests.support.units import notebook
from tests.support.work import SAY
from tests.support.writing import writing

ACTOR = "system:cli"
ANSWERS = {"mean": 6.5, "pick": ["a", "b"], "report": "多数学生在第三题出错。"}


@pytest.fixture
def ours(lite):
    """A county whose own course has a real notebook; alice is marked, bob waits."""
    learner = pack({"u1.ipynb": json.dumps(notebook()).encode(), "data/quiz.csv": b"pupil\n"})
    blob = lite.store.blobs.put(iter([learner]))
    with writing(lite.store) as session:
        session.execute(update(ReleaseUnit).values(learner_blob=blob))
    for who in ("alice", "bob"):
        one = submit_form(
            lite.store, lite.site, lite.actor(who), lite.assignment, ANSWERS
        ).submission_id
        lease = grade.lease(lite.store, lite.site, "w")
        scores = [
            {"task": "mean", "points": 7.25, "message": SAY},
            {"task": "pick", "points": 30, "message": SAY},
        ]
        report = {"lease": lease.lease, "answers": ANSWERS, "scores": scores}
        grade.report(lite.store, lease.job_id, report, None)
        if who == "alice":
            given = {("report", "follow"): (25.0, "说清楚"), ("report", "use"): (12.0, "")}
            mark(lite.store, lite.actor("county"), one, given, "再想想")
    return lite


def scores_of(folder, county):
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        return {
            who: book.find_submission("u1", county.people[who]).score for who in ("alice", "bob")
        }


def test_a_course_of_ours_has_its_points_as_manual_grades(ours, tmp_path):
    done = export_course(ours.store, "c1", tmp_path / "out", ACTOR)
    assert (done.people, done.submissions, done.unfinished, done.by_hand) == (2, 2, 1, True)
    assert scores_of(tmp_path / "out", ours) == {"alice": 74.25, "bob": 37.25}
    with Gradebook(f"sqlite:///{tmp_path}/out/gradebook.db") as book:
        alice, bob = ours.people["alice"], ours.people["bob"]
        report = book.find_grade("report", "u1", "u1", alice)
        assert (report.auto_score, report.manual_score) == (None, 37)
        assert book.find_comment("report", "u1", "u1", alice).manual_comment == "说清楚"
        assert not book.find_submission("u1", alice).needs_manual_grade
        assert book.find_submission("u1", bob).needs_manual_grade
        assert book.find_assignment("u1").max_score == 100
        assert book.find_assignment("u1").duedate == DUE.replace(tzinfo=None)
        assert {(one.first_name, one.last_name) for one in book.students} == {(None, None)}


def test_a_forms_answers_stand_beside_their_tasks(ours, tmp_path):
    export_course(ours.store, "c1", tmp_path / "out", ACTOR)
    path = tmp_path / "out/autograded" / ours.people["alice"] / "u1/u1.ipynb"
    assert (
        "多数学生在第三题出错"
        in json.loads(path.read_text())["cells"][2]["outputs"][0]["data"]["text/plain"]
    )
    page = tmp_path / "out/feedback" / ours.people["alice"] / "u1/u1.html"
    assert "说清楚" in page.read_text()
    assert not (tmp_path / "out/feedback" / ours.people["bob"]).exists()


def test_names_are_for_those_who_ask_and_never_a_formula(ours, tmp_path):
    ours.add("mallory", '=HYPERLINK("x")', "school1", ("teacher", "school1"))
    with writing(ours.store) as session:
        offering = session.query(Offering).one().id
        now = ours.store.clock()
        session.add(
            Enrolment(offering_id=offering, person_id=ours.people["mallory"], enrolled_at=now)
        )
    submit_form(ours.store, ours.site, ours.actor("mallory"), ours.assignment, ANSWERS)
    export_course(ours.store, "c1", tmp_path / "out", ACTOR, names=True)
    with Gradebook(f"sqlite:///{tmp_path}/out/gradebook.db") as book:
        assert {one.last_name for one in book.students} == {"艾老师", "包老师", '\'=HYPERLINK("x")'}
    with ours.store.read() as session:
        (event,) = session.query(AuditEvent).filter_by(verb="course.export").all()
    assert event.details == {"offering": offering, "people": 3, "submissions": 3, "names": True}


def test_several_offerings_must_be_told_apart(ours, tmp_path):
    with writing(ours.store) as session:
        one = session.query(Offering).one()
        session.add(
            Offering(
                id="second",
                course_id=one.course_id,
                release_id=one.release_id,
                org_id=one.org_id,
                term="t",
                opens_at=one.opens_at,
                closes_at=one.closes_at,
            )
        )
    with pytest.raises(Exception, match=r"offering\.which"):
        export_course(ours.store, "c1", tmp_path / "out", ACTOR)
    assert not list(tmp_path.glob("*out*"))
    done = export_course(ours.store, "c1", tmp_path / "out", ACTOR, offering_id="second")
    assert (done.people, done.submissions) == (0, 0)


def test_an_export_that_fails_leaves_nothing(ours, tmp_path):
    ours.store.blobs.remove(next(iter(_bundles(ours))))
    with pytest.raises(FileNotFoundError):
        export_course(ours.store, "c1", tmp_path / "out", ACTOR)
    assert not list(tmp_path.glob("*out*"))


def _bundles(county):
    with county.store.read() as session:
        return {row.bundle_blob for row in session.query(Attempt)}
