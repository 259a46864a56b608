"""The API for teaching: a token of its own, one's own subtree, and a trace of everything."""

import io
import tarfile
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from yanxiu.courses import bundles
from yanxiu.courses.model import ReleaseUnit
from yanxiu.errors import Refused
from yanxiu.login import tokens
from yanxiu.people.model import Organization, Person
from yanxiu.people.permissions import check_can_import_roster, check_can_reset_password
from yanxiu.settings.model import Retention
from yanxiu.store.model import AuditEvent
from yanxiu.web.actor import Way
from yanxiu.work.model import Attempt
from yanxiu.work.reads import attempts, old_contents
from yanxiu.work.verbs import assign_grader, expire_contents
from yanxiu_formats.bundle import pack

from tests.support import nbgrader_course
from tests.support.ageing import age
from tests.support.browser import HOST, PREFIX, Browser
from tests.support.work import graded, handed_in, marked, released
from tests.support.writing import writing

API = f"{PREFIX}api/v1"
PAGE = b"<!DOCTYPE html><script>alert(1)</script><p>made with nbgrader</p>"
FEEDBACK = pack({"every.html": PAGE})


@pytest.fixture
def program(app, site):
    """Give programs of the cast, with tokens that the operator issued."""

    def open_for(who: str, *scopes: str) -> Browser:
        token = tokens.issue(
            site.store, site.people[who], scopes or ("teach",), 1, actor="system:test"
        )
        return Browser(app, base_url=HOST, headers={"authorization": f"token {token}"})

    return open_for


def routes(site, one):
    """Return every address for teaching, with a body."""
    return [
        ("GET", f"{API}/teach/assignments", None),
        ("GET", f"{API}/teach/assignments/{site.assignment}/submissions", None),
        ("GET", f"{API}/teach/submissions/{one}/bundle", None),
        ("POST", f"{API}/teach/submissions/{one}/feedback", FEEDBACK),
        ("POST", f"{API}/teach/courses/c1/assignments/u9", pack({"source/a.ipynb": b"{}"})),
    ]


def row(site, one):
    with site.store.read() as session:
        return session.get_one(Attempt, one)


def given(site, one):
    with site.store.read() as session:
        return attempts.given_feedback(session, one)


def events(site, verb):
    with site.store.read() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.verb == verb)))


def test_no_other_token_and_no_cookie_opens_it(site, app, hub, browse, program, clock):
    one = marked(site)
    person = site.people["county"]
    askers = {
        "nobody": Browser(app, base_url=HOST),
        "a browser": browse("county"),
        "a server": Browser(
            app, base_url=HOST, headers=_header(hub.token(person, "custom:records:learn"))
        ),
        # Even if the hub came to give the scope: only the operator's own tokens count.
        "the hub": Browser(
            app, base_url=HOST, headers=_header(hub.token(person, "custom:records:teach"))
        ),
        "for learning": program("county", "learn"),
    }
    for name, asker in askers.items():
        for method, path, body in routes(site, one):
            answer = asker.request(method, path, content=body)
            assert answer.status_code in (401, 403), (name, path)
            assert answer.json()["code"].startswith("token.teach"), (name, path)
    expired = program("county")
    clock.advance(hours=2)
    assert expired.get(f"{API}/teach/assignments").status_code == 401
    assert given(site, one) is None


def _header(token):
    return {"authorization": f"token {token}"}


def test_it_opens_neither_ones_own_units_nor_the_portal(site, program):
    teacher = program("county")
    assert teacher.get(f"{API}/units").json()["code"] == "token.scope"
    assert teacher.get(f"{PREFIX}organize/", follow_redirects=False).status_code == 302


@pytest.mark.parametrize("check", [check_can_import_roster, check_can_reset_password])
def test_it_is_for_teaching_and_not_for_people(site, check):
    actor = site.actor("county", Way.TEACH_TOKEN)
    known = (
        {"person_id": "x", "school_path": actor.school_path}
        if check is check_can_reset_password
        else {}
    )
    with pytest.raises(Refused) as caught:
        check(actor, **known)
    assert caught.value.code == "way.session_only"
    check(site.actor("county"), **known)


@pytest.mark.parametrize(
    "who, sees",
    [
        ("county", {"alice", "charlie"}),
        ("organizer1", {"alice"}),
        ("organizer2", {"charlie"}),
        ("county2", set()),
    ],
)
def test_an_organizer_collects_from_their_own_subtree(site, program, who, sees):
    works = {name: handed_in(site, name) for name in ("alice", "charlie")}
    teacher = program(who)
    listed = teacher.get(f"{API}/teach/assignments/{site.assignment}/submissions").json()
    assert {one["student"] for one in listed} == {site.people[name] for name in sees}
    for name, one in works.items():
        answer = teacher.get(f"{API}/teach/submissions/{one}/bundle")
        if name in sees:
            with tarfile.open(fileobj=io.BytesIO(answer.content)) as tar:
                assert tar.getnames() == ["answers.json"]
        else:
            assert (answer.status_code, answer.json()["code"]) == (404, "submission.not_found")
            sent = teacher.post(f"{API}/teach/submissions/{one}/feedback", content=FEEDBACK)
            assert sent.status_code == 404
            assert given(site, one) is None
    assert [one["name"] for one in teacher.get(f"{API}/teach/assignments").json()] == (
        ["every"] if sees else []
    )


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_teachers_without_a_role_get_nothing(site, program, who):
    one = marked(site)
    for method, path, body in routes(site, one):
        answer = program(who).request(method, path, content=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "organizer.only"), path


def test_a_grader_collects_what_they_were_given_and_releases_nothing(site, program):
    site.add("grader", "评分员", "school2", ("grader", "school1"))
    one, other = marked(site), handed_in(site, "charlie")
    where = (site.people["grader"], site.assignment, site.schools["school1"])
    assign_grader.assign(site.store, site.actor("county"), *where)
    grader = program("grader")
    [listed] = grader.get(f"{API}/teach/assignments/{site.assignment}/submissions").json()
    assert listed["submission"] == str(one)
    assert grader.get(f"{API}/teach/submissions/{one}/bundle").status_code == 200
    assert grader.get(f"{API}/teach/submissions/{other}/bundle").status_code == 404
    sent = grader.post(f"{API}/teach/submissions/{one}/feedback", content=FEEDBACK)
    assert (sent.status_code, sent.json()["code"]) == (403, "release.organizer")


def test_a_list_says_nothing_of_a_person_but_their_number(site, program):
    handed_in(site)
    answer = program("county").get(f"{API}/teach/assignments/{site.assignment}/submissions")
    assert set(answer.json()[0]) == {
        "submission",
        "student",
        "attempt",
        "received_at",
        "late",
        "state",
        "digest",
        "receipt",
        "deleted",
    }
    assert "艾老师" not in answer.text


def test_a_list_goes_on_after_its_last_row(site, program, monkeypatch, clock):
    monkeypatch.setattr("yanxiu.work.verbs.teach.PAGE", 2)
    works = []
    for number, who in enumerate(("alice", "bob", "charlie", "alice")):
        works.append(str(handed_in(site, who, present=number)))
        clock.advance(seconds=1)
    teacher = program("county")
    path = f"{API}/teach/assignments/{site.assignment}/submissions"
    first = [one["submission"] for one in teacher.get(path).json()]
    second = [one["submission"] for one in teacher.get(f"{path}?after={first[-1]}").json()]
    assert [*first, *second] == works
    assert teacher.get(f"{path}?after={second[-1]}").json() == []


def test_feedback_goes_to_its_author_as_a_file_and_releases_what_is_marked(site, program, hub, app):
    one = marked(site)
    answer = program("organizer1").post(f"{API}/teach/submissions/{one}/feedback", content=FEEDBACK)
    assert answer.json() == {"released": True}
    assert (row(site, one).state, row(site, one).passed) == ("released", True)
    number = row(site, one).receipt_no
    path = f"{API}/units/{site.assignment}/submissions/{number}/feedback"
    token = hub.token(site.people["alice"], "custom:records:learn")
    got = Browser(app, base_url=HOST, headers=_header(token)).get(path)
    # Never a page of the hub's origin: a tar, whatever a browser makes of it.
    assert got.headers["content-type"] == "application/x-tar"
    assert got.headers["x-content-type-options"] == "nosniff"
    with tarfile.open(fileobj=io.BytesIO(got.content)) as tar:
        assert sorted(tar.getnames()) == ["every.html", "feedback.html"]
        assert tar.extractfile("every.html").read() == PAGE
    charlie = Browser(
        app,
        base_url=HOST,
        headers=_header(hub.token(site.people["charlie"], "custom:records:learn")),
    )
    assert charlie.get(path).status_code == 404


def test_feedback_of_what_is_not_marked_waits_and_says_why(site, program, hub, app):
    one = graded(site)
    teacher = program("county")
    answer = teacher.post(f"{API}/teach/submissions/{one}/feedback", content=FEEDBACK).json()
    assert (answer["released"], answer["code"]) == (False, "release.not_now")
    assert "还有没评的项目" in answer["message"]
    assert given(site, one)
    number = row(site, one).receipt_no
    token = hub.token(site.people["alice"], "custom:records:learn")
    path = f"{API}/units/{site.assignment}/submissions/{number}/feedback"
    answer = Browser(app, base_url=HOST, headers=_header(token)).get(path)
    assert answer.json()["code"] == "feedback.not_released"


def test_feedback_may_be_given_again_after_the_release(site, program):
    one = released(site)
    for _ in range(2):
        answer = program("county").post(f"{API}/teach/submissions/{one}/feedback", content=FEEDBACK)
        assert answer.json() == {"released": True}


def test_no_feedback_is_taken_for_what_is_deleted(site, program):
    one = released(site)
    days = Retention().submissions_days
    age(site.store, days + 1)
    with site.store.read() as session:
        whose = old_contents.works(session, site.store.clock() - timedelta(days=days), 100)
    expire_contents.expire(site.store, "system:test", whose, timedelta(days=days))
    listed = f"{API}/teach/assignments/{site.assignment}/submissions"
    assert [found["deleted"] for found in program("county").get(listed).json()] == [True]
    answer = program("county").post(f"{API}/teach/submissions/{one}/feedback", content=FEEDBACK)
    assert (answer.status_code, answer.json()["code"]) == (410, "submission.contents_deleted")
    assert given(site, one) is None


def test_who_may_not_any_more_when_the_files_are_there_gives_nothing(site, program, monkeypatch):
    """The school was moved to another county while the files came."""
    one = marked(site)
    read_files = bundles.read_files

    def slowly(chunks, limits):
        found = read_files(chunks, limits)
        with writing(site.store) as session:
            moved = update(Organization).where(Organization.id == row(site, one).school_id)
            session.execute(moved.values(path="/elsewhere/"))
        return found

    monkeypatch.setattr(bundles, "read_files", slowly)
    answer = program("organizer1").post(f"{API}/teach/submissions/{one}/feedback", content=FEEDBACK)
    assert answer.status_code == 404
    assert given(site, one) is None


@pytest.mark.parametrize(
    "files, code",
    [
        ({}, "feedback.not_html"),
        ({"every.html": b"x", "run.sh": b"x"}, "feedback.not_html"),
        ({"a/every.html": b"x"}, "feedback.not_html"),
        ({"../every.html": b"x"}, "bundle.bad_name"),
        ({"every.html": b"x" * 1_100_000}, "bundle.too_large"),
        ({f"{n}.html": b"x" for n in range(6)}, "bundle.too_many"),
    ],
)
def test_what_is_no_feedback_is_refused(site, program, files, code):
    one = marked(site)
    answer = program("county").post(f"{API}/teach/submissions/{one}/feedback", content=pack(files))
    assert answer.json()["code"] == code
    assert given(site, one) is None
    assert row(site, one).state == "marked"


def test_ones_own_work_is_not_released_by_oneself(site, program):
    with writing(site.store) as session:
        site.give("alice", "school_organizer", "school1", session)
    one = marked(site)
    answer = program("alice").post(f"{API}/teach/submissions/{one}/feedback", content=FEEDBACK)
    assert answer.json()["code"] == "mark.own_work"


def test_everything_leaves_a_trace(site, program):
    one = marked(site)
    teacher = program("organizer1")
    for method, path, body in routes(site, one):
        teacher.request(method, path, content=body)
    for verb in ("teach.courses", "teach.list", "teach.collect", "teach.feedback", "course.import"):
        [event] = events(site, verb)
        assert event.actor == site.people["organizer1"], verb
    stranger = program("organizer2")
    for method, path, body in routes(site, one)[2:]:
        stranger.request(method, path, content=body)
    refused = [event for event in events(site, "teach.collect") if event.outcome != "done"]
    assert [event.outcome for event in refused] == ["refused submission.not_found"]


SOURCE = nbgrader_course.notebook(
    nbgrader_course.solution("x", "x = 42"),
    nbgrader_course.test_cell("test_x", "assert x == 42", 2),
)


def test_an_assignment_of_a_plain_course_is_released(site, program):
    tar = pack({"source/ps1.ipynb": SOURCE, "settings.json": b"{}"})
    path = f"{API}/teach/courses/plain-course/assignments/ps1"
    answer = program("county").post(path, content=tar)
    assert answer.status_code == 201, answer.text
    assert answer.json()["units"] == ["ps1"]
    with site.store.read() as session:
        [unit] = session.scalars(select(ReleaseUnit).where(ReleaseUnit.unit_key == "ps1"))
    assert b"x = 42" not in site.store.blobs.read(unit.learner_blob)


@pytest.mark.parametrize("course", ["C1", "..", "a", "a" * 41, "a_b"])
def test_a_strange_course_is_none(site, program, course):
    path = f"{API}/teach/courses/{course}/assignments/ps1"
    answer = program("county").post(path, content=pack({"source/a.ipynb": b"{}"}))
    assert answer.status_code in (404, 405, 422)


def test_a_release_without_its_settings_is_refused(site, program):
    """Who may not release is told so first; who may, what to do."""
    tar, path = (
        pack({"source/ps1.ipynb": SOURCE}),
        f"{API}/teach/courses/plain-course/assignments/ps1",
    )
    answer = program("county").post(path, content=tar)
    assert (answer.status_code, answer.json()["code"]) == (422, "course.no_settings")
    assert program("charlie").post(path, content=tar).json()["code"] == "organizer.only"


def test_a_course_of_others_is_not_to_be_added_to(site, program):
    tar = pack({"source/ps1.ipynb": SOURCE, "settings.json": b"{}"})
    for who in ("county2", "organizer1"):
        answer = program(who).post(f"{API}/teach/courses/c1/assignments/ps1", content=tar)
        assert (answer.status_code, answer.json()["code"]) == (404, "course.not_yours")
    # c1 is held by the county, and is a course of ours: no place for a plain assignment.
    answer = program("county").post(f"{API}/teach/courses/c1/assignments/ps1", content=tar)
    assert answer.json()["code"] == "course.other_kind"


def test_a_token_ends_with_its_owners_account(site, program):
    teacher = program("county")
    assert teacher.get(f"{API}/teach/assignments").status_code == 200
    with writing(site.store) as session:
        session.execute(
            update(Person).where(Person.id == site.people["county"]).values(active=False)
        )
    assert teacher.get(f"{API}/teach/assignments").json()["code"] == "account.inactive"
