"""柴老师 must never see 艾老师's work, nor must organizers elsewhere; nor learn that it exists."""

import uuid

import pytest
from sqlalchemy import select
from yanxiu.names import new_id, new_person_id
from yanxiu.people.model import Credential
from yanxiu.scopes import LEARN as LEARN_SCOPE
from yanxiu.store import tally
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Attempt, Standing

from tests.support.browser import HOST, PREFIX
from tests.support.every_task import FIELDS
from tests.support.tasks import work_off
from tests.support.work import failed, graded, marked, released

NEVER = uuid.UUID(int=7)


def audits(site, verb):
    site.store.tally.flush()
    with site.store.read() as session:
        return session.scalars(
            select(AuditEvent).where(AuditEvent.verb == verb).order_by(AuditEvent.id)
        ).all()


def same_words(one, other):
    """The two answers must not differ, apart from the id that was asked for and form tokens."""
    return one.status_code == other.status_code and len(one.text) == len(other.text)


READS = [
    ("charlie", "receipts/{}"),
    ("charlie", "submissions/{}"),
    ("charlie", "submissions/{}/executed"),
    ("charlie", "submissions/{}/executed.ipynb"),
    ("bob", "receipts/{}"),
    ("bob", "submissions/{}"),
    ("bob", "submissions/{}/executed"),
    ("bob", "submissions/{}/executed.ipynb"),
    ("organizer2", "receipts/{}"),
    ("organizer2", "submissions/{}"),
    ("organizer2", "submissions/{}/executed"),
    ("organizer2", "submissions/{}/executed.ipynb"),
    ("organizer2", "organize/submissions/{}"),
    ("county2", "receipts/{}"),
    ("county2", "submissions/{}/executed"),
    ("county2", "submissions/{}/executed.ipynb"),
    ("county2", "organize/submissions/{}"),
]


@pytest.mark.parametrize("who, path", READS)
def test_somebody_elses_submission_does_not_exist(site, browse, who, path):
    one = released(site, executed=b"{}")
    browser = browse(who)
    theirs, never = browser.page(path.format(one)), browser.page(path.format(NEVER))
    assert theirs.status_code == 404
    assert same_words(theirs, never)
    assert "没有找到这份提交" in theirs.text
    assert [event.object_id for event in audits(site, "page.get")] == [str(one), str(NEVER)]


@pytest.mark.parametrize("bounded", [False, True])
def test_asking_for_many_things_of_others_fills_no_log(site, browse, monkeypatch, bounded):
    """Somebody who is logged in, and goes on and on: a row each was the attack."""
    browser = browse("charlie")
    if not bounded:
        monkeypatch.setattr(site.store, "count", site.store.note)
    for _ in range(2):
        for number in range(80):
            assert browser.page(f"submissions/{uuid.UUID(int=number)}").status_code == 404
    rows = audits(site, "page.get")
    if not bounded:
        assert len(rows) == 160
        return
    # The first of each is written at once, what follows with its number.
    assert len(rows) <= 2 * (tally.MOST_OF_ONE + 1)
    assert sum(row.details["times"] for row in rows) == 160
    assert {row.actor for row in rows} == {site.people["charlie"]}


@pytest.mark.parametrize("path", ["units/{}", "units/{}/data/quiz.csv", "api/v1/units/{}/release"])
@pytest.mark.parametrize("who", ["organizer1", "county", "county2"])
def test_a_unit_is_for_those_who_take_the_course(site, browse, who, path):
    browser = browse(who)
    theirs, never = browser.page(path.format(site.assignment)), browser.page(path.format(NEVER))
    assert theirs.status_code == 404
    assert same_words(theirs, never)
    assert "没有找到这个单元" in theirs.text


def test_nobody_sees_anybody_elses_draft_or_attempts(site, browse):
    browse("alice").submit(f"units/{site.assignment}", {**FIELDS, "do": "save"})
    one = released(site)
    page = browse("charlie").page(f"units/{site.assignment}").text
    for text in ("多数学生", 'value="42"', str(one), "写得好"):
        assert text not in page
    assert "多数学生" not in browse("bob").page("").text
    assert browse("charlie").get(f"{PREFIX}api/v1/units/{site.assignment}/submissions").json() == []


WRITES = [
    ("organize/submissions/{}/mark", {"m.report.follow": "40", "do": "save"}),
    ("organize/submissions/{}/mark", {"m.report.follow": "40", "do": "release"}),
    ("organize/submissions/{}/mark", {"m.report.follow": "40", "do": "next"}),
    ("organize/submissions/{}/release", {}),
    ("organize/submissions/{}/regrade", {}),
]


@pytest.mark.parametrize("who", ["organizer2", "county2"])
@pytest.mark.parametrize("path, form", WRITES)
def test_organizers_elsewhere_can_do_nothing_with_it(site, browse, who, path, form):
    one = marked(site)
    before = row(site, one)
    browser = browse(who)
    theirs = browser.submit(path.format(one), form, form_of="account/password")
    never = browser.submit(path.format(NEVER), form, form_of="account/password")
    assert theirs.status_code == 404
    assert never.status_code == 404
    assert row(site, one) == before


@pytest.mark.parametrize("path, form", WRITES)
def test_teachers_can_do_nothing_with_it_either(site, browse, path, form):
    one = marked(site)
    before = row(site, one)
    for who in ("alice", "bob", "charlie"):
        answer = browse(who).submit(path.format(one), form, form_of="account/password")
        assert answer.status_code in (403, 404)
        assert row(site, one) == before


def row(site, one):
    with site.store.read() as session:
        found = session.get_one(Attempt, one)
        return {
            name: value
            for kept in (found, found.standing)
            for name, value in vars(kept).items()
            if name[0] != "_" and name != "standing"
        }


@pytest.mark.parametrize(
    "who, seen", [("organizer1", 2), ("organizer2", 1), ("county", 3), ("county2", 0)]
)
def test_a_list_holds_the_own_subtree_and_nothing_else(site, browse, who, seen):
    for one in ("alice", "bob", "charlie"):
        graded(site, one)
    page = browse(who).page("organize/?state=all").text
    assert page.count('scope="row"') == seen
    other = browse(who).page(f"organize/?state=all&school={site.schools['school1']}").text
    assert other.count('scope="row"') == {"organizer1": 2, "county": 2}.get(who, 0)
    if who in ("organizer2", "county2"):
        assert "县三小" not in page + other
        assert "艾老师" not in page + other


@pytest.mark.parametrize(
    "who, names", [("organizer1", 3), ("organizer2", 2), ("county", 6), ("county2", 1)]
)
def test_people_are_those_of_the_own_subtree(browse, who, names):
    browser = browse(who)
    assert browser.page("organize/people").text.count('scope="row"') == names
    found = browser.page("organize/people?q=艾").text
    assert ("艾老师" in found) is (who in ("organizer1", "county"))


@pytest.mark.parametrize("path", ["organize/", "organize/people", "organize/submissions/{}"])
def test_teachers_are_told_that_a_page_is_for_organizers(site, browse, path):
    answer = browse("alice").page(path.format(graded(site)))
    assert answer.status_code == 403
    assert "这个页面是给学校和县级管理员用的" in answer.text
    assert audits(site, "page.get")[-1].outcome == "refused organizer.only"


@pytest.mark.parametrize("who", ["organizer2", "county2", "alice"])
def test_passwords_are_reset_only_from_above(site, browse, who):
    browser = browse(who)
    theirs = browser.submit(
        f"organize/people/{site.people['bob']}/reset", {}, form_of="account/password"
    )
    never = browser.submit(
        f"organize/people/{new_person_id()}/reset", {}, form_of="account/password"
    )
    assert theirs.status_code == never.status_code == 404
    with site.store.read() as session:
        assert session.get_one(Credential, site.people["bob"]).activation_sha256 is None


def test_release_of_all_stays_in_the_own_subtree(site, browse):
    mine, other = marked(site, "alice"), marked(site, "charlie")
    answer = browse("organizer1").submit(
        f"organize/units/{site.assignment}/release", {}, form_of="account/password"
    )
    assert work_off(site) == 1
    assert "已发布 1 份成绩" in browse("organizer1").get(answer.headers["location"]).text
    assert (row(site, mine)["state"], row(site, other)["state"]) == ("released", "marked")


# ---- forms that are not ours ---------------------------------------------------------------

FORMS = [
    ("alice", "units/{assignment}", {**FIELDS, "do": "submit"}),
    ("alice", "units/{assignment}/upload", {}),
    ("alice", "account/password", {"old": "x", "new": "y"}),
    ("organizer1", "organize/submissions/{marked}/mark", {"m.report.follow": "0"}),
    ("organizer1", "organize/submissions/{marked}/release", {}),
    ("organizer1", "organize/submissions/{failed}/regrade", {}),
    ("organizer1", "organize/units/{assignment}/release", {}),
    ("organizer1", "organize/units/{assignment}/regrade", {}),
    ("organizer1", "organize/people/{bob}/reset", {}),
]


@pytest.fixture
def made(site):
    return {
        "assignment": site.assignment,
        "marked": marked(site, "bob"),
        "failed": failed(site, "charlie"),
        "bob": site.people["bob"],
    }


def state_of_all(site):
    with site.store.read() as session:
        rows = session.execute(
            select(Attempt.id, Standing.state, Standing.rubric_points)
            .join(Standing, Standing.attempt_id == Attempt.id)
            .order_by(Attempt.id)
        ).all()
        codes = session.scalars(select(Credential.activation_sha256)).all()
    return rows, codes


@pytest.mark.parametrize("who, path, form", FORMS)
def test_no_form_works_without_its_token(site, browse, made, who, path, form):
    before = state_of_all(site)
    for token in ({}, {"_csrf": "x"}, {"_csrf": "0" * 16 + "." + "0" * 64}):
        answer = browse(who).post(
            PREFIX + path.format(**made), data={**form, **token}, follow_redirects=False
        )
        assert answer.status_code == 409
        assert "这一步还没有执行" in answer.text
    assert state_of_all(site) == before
    assert audits(site, "page.post")[-1].outcome == "refused form.token"


@pytest.mark.parametrize("who, path, form", FORMS)
def test_somebody_elses_token_does_not_fit(site, browse, made, who, path, form):
    token = browse("charlie").token_of("account/password")
    before = state_of_all(site)
    answer = browse(who).post(
        PREFIX + path.format(**made), data={**form, "_csrf": token}, follow_redirects=False
    )
    assert answer.status_code == 409
    assert state_of_all(site) == before


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "", "http://testserver.elsewhere.example"]
)
@pytest.mark.parametrize("who, path, form", FORMS)
def test_no_form_works_from_elsewhere_even_with_its_token(
    site, browse, made, who, path, form, origin
):
    browser = browse(who)
    token = browser.token_of("account/password")
    before = state_of_all(site)
    answer = browser.post(
        PREFIX + path.format(**made),
        data={**form, "_csrf": token},
        headers={"origin": origin},
        follow_redirects=False,
    )
    assert answer.status_code == 403
    assert "不是从本平台的页面发出的" in answer.text
    assert "多数学生" not in answer.text, "a foreign page's words are not shown as one's own"
    assert state_of_all(site) == before
    assert audits(site, "page.post")[-1].outcome == "refused form.origin"


def test_the_same_form_works_from_here(site, browse, made):
    """So that the refusals above are the defence's and nothing else's."""
    browser = browse("organizer1")
    token = browser.token_of("account/password")
    answer = browser.post(
        f"{PREFIX}organize/submissions/{made['marked']}/release",
        data={"_csrf": token},
        headers={"origin": HOST},
        follow_redirects=False,
    )
    assert answer.status_code == 303
    assert row(site, made["marked"])["state"] == "released"


@pytest.mark.parametrize("who, path, form", FORMS)
def test_no_form_works_after_the_session(site, browse, made, who, path, form):
    browser = browse(who)
    token = browser.token_of("account/password")
    before = state_of_all(site)
    browser.end_session()
    answer = browser.post(
        PREFIX + path.format(**made), data={**form, "_csrf": token}, follow_redirects=False
    )
    assert answer.status_code == 401
    assert state_of_all(site) == before
    event = audits(site, "page.post")[-1]
    assert (event.actor, event.outcome) == ("anonymous", "refused form.session_ended")


@pytest.mark.parametrize("who, path, form", FORMS)
def test_a_servers_token_sends_no_form(site, hub, anonymous, made, who, path, form):
    token = hub.token(site.people[who], LEARN_SCOPE)
    before = state_of_all(site)
    answer = anonymous.post(
        PREFIX + path.format(**made), data=form, headers={"authorization": f"token {token}"}
    )
    assert answer.status_code == 401
    assert state_of_all(site) == before


def test_the_audit_of_reading_says_who_and_what_and_no_name(site, browse):
    one = released(site)
    browse("charlie").page(f"submissions/{one}")
    event = audits(site, "page.get")[-1]
    assert event.actor == site.people["charlie"]
    assert event.outcome == "refused submission.not_found"
    assert event.details == {"times": 1}


def test_ids_of_any_shape_are_just_not_found(browse):
    browser = browse("organizer1")
    for path in (
        "units/1",
        "units/../etc",
        "receipts/%00",
        "organize/submissions/x",
        f"submissions/{new_id()}x",
    ):
        assert browser.page(path).status_code == 404
    assert browser.page("organize/?unit=x&school='&state=y&page=-1").status_code == 200
    assert browser.page("organize/people?school=%00&page=99999999999999999999").status_code == 200
