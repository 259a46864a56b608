"""The page for roles, and what a grader sees: what was assigned, and nothing else."""

import re

import pytest
from sqlalchemy import select
from yanxiu.work.model import Attempt, Marking
from yanxiu.work.verbs import assign_grader

from tests.support.work import graded
from tests.support.writing import writing

PAGE = "organize/roles"


@pytest.fixture
def grader(site, browse):
    """Somebody of school 2 who marks the unit for school 1."""
    site.add("dai", "戴老师", "school2", ("teacher", "school2"), ("grader", "school1"))
    assign_grader.assign(
        site.store,
        site.actor("county"),
        site.people["dai"],
        site.assignment,
        site.schools["school1"],
    )
    return browse("dai")


def test_find_give_and_take(site, browse):
    browser = browse("organizer1")
    assert "校管理员" in browser.page(PAGE).text
    assert "艾老师" not in browser.page(PAGE).text  # teachers are not listed until looked for
    found = browser.page(f"{PAGE}?q=艾").text
    path = re.search(rf"{PAGE}/u\w+", found)[0]
    given = browser.submit(
        f"{path}/grants", {"role": "grader", "org": str(site.schools["school1"])}, form_of=path
    )
    page = browser.page(f"{path}?{given.headers['location'].partition('?')[2]}").text
    assert "角色已给出，马上生效" in page
    assert "还没有分配" in page
    assert "评分员" in browser.page(PAGE).text
    assigned = {"unit": str(site.assignment), "school": str(site.schools["school1"])}
    browser.submit(f"{path}/assigned", assigned, form_of=path)
    assert "取消分配" in browser.page(path).text
    end = re.search(rf"{path}/assigned/[\w-]+/end", browser.page(path).text)[0]
    assert browser.submit(end, {}, form_of=path).status_code == 303
    taken = re.search(rf"{path}/grants/[\w-]+/withdraw", browser.page(path).text)[0]
    assert browser.submit(taken, {}, form_of=path).status_code == 303
    assert "艾老师" not in browser.page(PAGE).text


@pytest.mark.parametrize(
    "form, sentence",
    [
        ({"role": "grader"}, "请把每一项都选上"),
        ({"role": "king", "org": "x"}, "请选择一个角色"),
        ({"role": "county_organizer", "org": "{school1}"}, "请上级管理员来做"),
        ({"role": "operator", "org": "{school1}"}, "请上级管理员来做"),
    ],
)
def test_what_cannot_be_given_is_said_on_the_page(site, browse, form, sentence):
    path = f"{PAGE}/{site.people['alice']}"
    places = {key: str(value) for key, value in site.schools.items()}
    form = {key: value.format(**places) for key, value in form.items()}
    answer = browse("organizer1").submit(f"{path}/grants", form, form_of=path)
    assert answer.status_code in (403, 422)
    assert sentence in answer.text


def test_buttons_and_verbs_agree(site, browse):
    own = browse("organizer1").page(f"{PAGE}/{site.people['organizer1']}").text
    assert "withdraw" not in own
    assert "由另一位管理员收回" in own
    page = browse("organizer1").page(f"{PAGE}/{site.people['alice']}").text
    assert 'value="county_organizer"' not in page
    assert 'value="operator"' not in page
    assert (
        'value="county_organizer"' in browse("county").page(f"{PAGE}/{site.people['alice']}").text
    )


@pytest.mark.parametrize("who, other", [("organizer1", "charlie"), ("county2", "alice")])
def test_people_elsewhere_do_not_exist(site, browse, who, other):
    browser = browse(who)
    theirs = browser.page(f"{PAGE}/{site.people[other]}")
    never = browser.page(f"{PAGE}/u{'a' * 16}")
    assert theirs.status_code == never.status_code == 404
    assert len(theirs.text) == len(never.text)
    assert "没有找到" in browser.page(f"{PAGE}?q={'柴' if other == 'charlie' else '艾'}").text


def test_a_grader_finds_and_marks_what_is_assigned(site, grader):
    one = graded(site, "alice", executed=b"{}")
    listed = grader.page("organize/?state=all")
    assert listed.status_code == 200
    assert "艾老师" in listed.text
    for link in ("organize/people", "organize/roles", "organize/slips", "发布全部"):
        assert link not in listed.text
    page = grader.page(f"organize/submissions/{one}").text
    assert "保存并看下一份" in page
    assert "保存并发布成绩" not in page
    form = {"m.report.follow": "40", "m.report.clear": "15", "do": "save"}
    path = f"organize/submissions/{one}"
    assert grader.submit(f"{path}/mark", form, form_of=path).status_code == 303
    with site.store.read() as session:
        assert {mark.marker_id for mark in session.scalars(select(Marking))} == {site.people["dai"]}
    refused = grader.submit(f"{path}/mark", {**form, "do": "release"}, form_of=path)
    assert refused.status_code == 403
    assert "发布成绩和重新批改由管理员来做" in refused.text
    with site.store.read() as session:
        assert session.get_one(Attempt, one).state == "marked"


def test_a_grader_sees_nothing_of_other_schools_and_nothing_unassigned(site, grader, browse):
    theirs, ours = graded(site, "charlie"), graded(site, "alice")
    assert "柴老师" not in grader.page("organize/?state=all").text
    assert grader.page(f"organize/submissions/{theirs}").status_code == 404
    assert grader.page(f"receipts/{theirs}").status_code == 404
    site.add("idle", "闲老师", "school1", ("grader", "county"))
    idle = browse("idle")
    assert idle.page("organize/").status_code == 403
    assert idle.page(f"organize/submissions/{ours}").status_code == 403
    assert "提交与评分" not in idle.page("").text


def test_a_grader_never_marks_their_own_work(site, browse):
    with writing(site.store) as session:
        site.give("alice", "grader", "school1", session)
    assign_grader.assign(
        site.store,
        site.actor("county"),
        site.people["alice"],
        site.assignment,
        site.schools["school1"],
    )
    one = graded(site, "alice")
    path = f"organize/submissions/{one}"
    page = browse("alice").page(path).text
    assert "保存并看下一份" not in page
    answer = browse("alice").submit(
        f"{path}/mark", {"m.report.follow": "40"}, form_of="account/password"
    )
    assert answer.status_code == 403
    assert "不能给自己的作业评分" in answer.text
