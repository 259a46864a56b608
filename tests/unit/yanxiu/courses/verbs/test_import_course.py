"""Importing nbgrader courses: one transaction, one release for one content, and who may."""

from datetime import timedelta
from functools import partial

import pytest
from yanxiu.courses.model import Enrolment, Release
from yanxiu.courses.nbgrader.config import Settings
from yanxiu.courses.nbgrader.problems import BadCourse
from yanxiu.courses.reads import courses
from yanxiu.courses.verbs import import_course as verbs
from yanxiu.courses.verbs.import_course import plan
from yanxiu.courses.verbs.offering import WantedOffering
from yanxiu.errors import Invalid, NotFound, Refused
from yanxiu.store.model import AuditEvent
from yanxiu.web.actor import at_the_command_line
from yanxiu.work.reads.attempts import any_for

from tests.support import nbgrader_course as make
from tests.support.county import DUE, START

import_course = partial(verbs.import_course, handed_in=any_for)
import_assignment = partial(verbs.import_assignment, handed_in=any_for, settings=Settings())

ACTOR = at_the_command_line()
BOOK = make.notebook(make.solution("s", "x = 1"), make.test_cell("t", "assert x == 1"))


def held(**more):
    return WantedOffering("py-a", "330199", "2026 秋", START, DUE, **more)


@pytest.fixture
def planned(tmp_path):
    return plan(make.quickstart(tmp_path))


def assignment(county, actor, name, book=BOOK, course="course101", **more):
    return import_assignment(
        county.store, county.site, county.actor(actor), course, name, {"a.ipynb": book}, **more
    )


def of_py_a(rows):
    return [row for row, _ in rows if row.offering_id == "py-a"]


def events(county, verb="course.import"):
    with county.store.read() as session:
        return session.query(AuditEvent).filter_by(verb=verb).order_by(AuditEvent.at).all()


def test_a_course_becomes_a_release_and_an_offering_for_the_county(county, planned):
    done = import_course(county.store, planned, ACTOR, held())
    assert done.new and done.held.new
    assert done.held.added == ("ps1",)
    assert done.held.enrolled == 3
    with county.store.read() as session:
        rows = courses.enrolled_assignments(session, county.people["charlie"])
        assert [(row.unit_key, row.due_at) for row in of_py_a(rows)] == [("ps1", DUE)]
        # The release of the county's own course is there as well.
        assert session.query(Release).count() == 2
    (event,) = events(county)
    assert event.details["digest"] == planned.digest
    assert (event.actor, event.details["offering"]) == (ACTOR.person_id, "py-a")


def test_another_countys_teachers_do_not_take_it(lite, planned):
    lite.add("far", "远老师", "school9", ("teacher", "school9"))
    import_course(lite.store, planned, ACTOR, held())
    with lite.store.read() as session:
        assert session.get(Enrolment, ("py-a", lite.people["far"])) is None


def test_the_same_import_twice_changes_nothing_but_takes_newcomers(county, planned):
    first = import_course(county.store, planned, ACTOR, held())
    again = import_course(county.store, planned, ACTOR, held())
    assert again.release_id == first.release_id
    assert not again.new and not again.held.changed
    county.add("dora", "新老师", "school1", ("teacher", "school1"))
    assert import_course(county.store, planned, ACTOR, WantedOffering("py-a")).held.enrolled == 1


@pytest.mark.parametrize(
    ("holding", "said"),
    [
        (WantedOffering("py-a"), "要给出 --org、--opens、--closes"),
        (WantedOffering("py-a", "nowhere", "t", START, DUE), "没有代码是 nowhere"),
        (WantedOffering("py-a", "330199", "t", DUE, START), "开课时间要早于结课时间"),
    ],
)
def test_an_offering_that_cannot_be_leaves_no_release_either(county, planned, holding, said):
    with pytest.raises((Invalid, NotFound)) as caught:
        import_course(county.store, planned, ACTOR, holding)
    assert said in caught.value.text()
    with county.store.read() as session:
        assert courses.course(session, "course101") is None
    assert events(county)[0].outcome.startswith("refused offering.")


def test_another_courses_id_and_offering_are_not_taken_over(county, tmp_path):
    own = county.store
    with own.read() as session:
        theirs = courses.assignment(session, county.assignment).offering
        course_id, offering_id = theirs.course_id, theirs.id
    make.write(tmp_path, ps1={"a.ipynb": BOOK})
    with pytest.raises(Refused) as caught:
        import_course(own, plan(tmp_path, course_id=course_id), ACTOR)
    assert caught.value.code == "course.other_kind"
    with pytest.raises(Refused) as caught:
        import_course(own, plan(tmp_path, course_id="mine"), ACTOR, WantedOffering(offering_id))
    assert caught.value.code == "offering.other_course"


def test_deadlines_come_from_the_gradebook_and_nothing_is_written_to_it(lite, tmp_path):
    from nbgrader.api import Gradebook
    from yanxiu.courses.nbgrader.tools import commands_found

    make.quickstart(tmp_path)
    due = (START + timedelta(days=9)).replace(tzinfo=None)
    with commands_found(), Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        book.add_assignment("ps1", duedate=due)
        book.add_student("a")
    before = (tmp_path / "gradebook.db").read_bytes()
    planned = plan(tmp_path)
    assert (tmp_path / "gradebook.db").read_bytes() == before
    assert "1 名学生的成绩没有导入" in planned.notes[0].text()
    import_course(lite.store, planned, ACTOR, held())
    with lite.store.read() as session:
        assert courses.assignments(session, "py-a")["ps1"].due_at == START + timedelta(days=9)
    (tmp_path / "gradebook.db").write_bytes(b"not a database")
    assert "打不开" in plan(tmp_path).notes[0].text()


def test_a_teacher_releases_one_more_assignment(county, planned):
    import_course(county.store, planned, ACTOR, held())
    done = assignment(county, "county", "ps2", due_at=DUE)
    assert done.new and done.units == ("ps1", "ps2")
    assert done.held.moved and done.held.added == ("ps2",)
    again = assignment(county, "county", "ps2", due_at=DUE)
    assert (again.release_id, again.new, again.held.changed) == (done.release_id, False, False)
    with county.store.read() as session:
        rows = courses.enrolled_assignments(session, county.people["alice"])
        assert [row.unit_key for row in of_py_a(rows)] == ["ps1", "ps2"]


@pytest.mark.parametrize("who", ["alice", "organizer1", "county2"])
def test_only_those_who_run_the_course_release_its_assignments(county, planned, who):
    import_course(county.store, planned, ACTOR, held())
    for more in ({}, {"offering_id": "py-a"}, {"offering_id": "no-such"}):
        with pytest.raises(Refused):
            assignment(county, who, "ps2", **more)
    assert "refused" in events(county)[-1].outcome
    with county.store.read() as session:
        assert courses.assignments(session, "py-a").keys() == {"ps1"}


def test_several_offerings_must_be_told_apart_and_closed_ones_do_not_count(lite, planned, clock):
    import_course(lite.store, planned, ACTOR, held())
    late = WantedOffering("py-b", "330199", "t", START, DUE + timedelta(days=9))
    import_course(lite.store, planned, ACTOR, late)
    with pytest.raises(Refused) as caught:
        assignment(lite, "county", "ps2")
    assert caught.value.code == "offering.several"
    clock.advance(days=31)
    assert assignment(lite, "county", "ps2").held.offering == "py-b"


def test_a_bad_assignment_and_a_large_one_are_refused_with_a_reason(lite, planned):
    import_course(lite.store, planned, ACTOR, held())
    with pytest.raises(BadCourse, match=r"course\.problems"):
        assignment(lite, "county", "ps2", b"{")
    with pytest.raises(Invalid) as caught:
        assignment(lite, "county", "ps2", b" " * 1_000_001)
    assert caught.value.code == "course.too_large"


def test_two_assignments_that_are_released_at_once_are_both_there(county, planned, monkeypatch):
    """The other one's release is made while this one's files are being judged."""
    import_course(county.store, planned, ACTOR, held())
    judge, names = verbs.check_release, iter(["ps3"])

    def meanwhile(*args):
        judge(*args)
        if (name := next(names, None)) is not None:
            assignment(county, "county", name)

    monkeypatch.setattr(verbs, "check_release", meanwhile)
    done = assignment(county, "county", "ps2")
    assert set(done.units) == {"ps1", "ps2", "ps3"}
    with county.store.read() as session:
        rows = courses.enrolled_assignments(session, county.people["alice"])
        assert {row.unit_key for row in of_py_a(rows)} == {"ps1", "ps2", "ps3"}
        latest = courses.latest_release(session, "course101")
        assert set(courses.units_of(session, latest.id)) == {"ps1", "ps2", "ps3"}


FINE = {"a.ipynb": BOOK}
WORSE = {"a.ipynb": make.notebook(make.test_cell("t", "1"), make.test_cell("t", "2"))}


def units_of(county, course="few"):
    with county.store.read() as session:
        latest = courses.latest_release(session, course)
        return courses.units_of(session, latest.id)


def test_assignments_come_one_after_the_other_and_none_goes_away(county, tmp_path):
    folder = make.write(tmp_path / "few", one=FINE, two=FINE, three=WORSE)
    first = import_course(county.store, plan(folder, only=["one"]), ACTOR, held())
    assert set(units_of(county)) == {"one"}
    second = import_course(county.store, plan(folder, only=["two"]), ACTOR, held())
    assert set(units_of(county)) == {"one", "two"}
    assert second.held.moved and second.held.added == ("two",)
    again = import_course(county.store, plan(folder, only=["one"]), ACTOR, held())
    assert (again.release_id, again.new) == (second.release_id, False)
    assert first.release_id != second.release_id
    whole = import_course(county.store, plan(folder), ACTOR, held())
    assert (whole.release_id, whole.new) == (second.release_id, False)


def test_an_assignment_that_became_bad_stays_as_it_was(county, tmp_path):
    folder = make.write(tmp_path / "few", one=FINE, two=FINE)
    import_course(county.store, plan(folder), ACTOR, held())
    before = units_of(county)["two"].scoring_blob
    more = make.notebook(make.solution("s", "x = 1"), make.test_cell("t", "assert x", 5))
    make.write(folder, one={"a.ipynb": more}, two=WORSE)
    planned = plan(folder)
    assert list(planned.refused) == ["two"]
    done = import_course(county.store, planned, ACTOR, held())
    assert done.held.moved
    assert units_of(county)["two"].scoring_blob == before
    assert units_of(county)["one"].definition.max_total == 5


def test_what_is_given_out_does_not_go_with_its_folder(county, tmp_path):
    import shutil

    folder = make.write(tmp_path / "few", one=FINE, two=FINE)
    import_course(county.store, plan(folder), ACTOR, held())
    shutil.rmtree(folder / "source/two")
    make.write(folder, three=FINE)
    import_course(county.store, plan(folder), ACTOR, held())
    with county.store.read() as session:
        rows = courses.enrolled_assignments(session, county.people["alice"])
        assert [row.unit_key for row in of_py_a(rows)] == ["one", "two", "three"]


def test_what_nobody_takes_goes_with_its_folder(county, tmp_path):
    import shutil

    folder = make.write(tmp_path / "few", one=FINE, two=FINE)
    import_course(county.store, plan(folder), ACTOR)
    shutil.rmtree(folder / "source/two")
    import_course(county.store, plan(folder), ACTOR)
    assert set(units_of(county)) == {"one"}


def test_the_preview_names_the_release_that_comes_of_it(county, tmp_path):
    folder = make.write(tmp_path / "few", one=FINE, two=FINE)
    import_course(county.store, plan(folder, only=["one"]), ACTOR)
    planned = plan(folder, only=["two"])
    with county.store.read() as session:
        digest = planned.digest_after(session)
    done = import_course(county.store, planned, ACTOR)
    with county.store.read() as session:
        assert session.get(Release, done.release_id).digest == digest != planned.digest
