"""Every page of the portal in both languages: no word of the other one but names and data."""

import pytest
from yanxiu.people.verbs import name_request
from yanxiu.work.verbs import assign_grader

from tests.support.every_task import ANSWERS, EVERY_TASK, INTRO, QUIZ
from tests.support.languages import chinese_words, latin_words
from tests.support.work import SAY, failed, graded, released
from tests.support.writing import writing

#: What people and counties are called, and what learners and markers wrote.
NAMES = {
    *("艾老师", "包老师", "柴老师", "戴老师", "校管理员", "中心校管理员", "县管理员", "邻县管理员"),
    *("县三小", "城关镇中心校", "云溪县教师研修中心", "云溪县"),
    *("艾老师甲", "写错了", "写得好，注意分母", "说得清楚", "请完成"),
    *("先看", "数据", "再动手", "得分"),  # parts of the introduction, cut up by its markup
    # Columns of the roster file are Chinese whoever fills it in.
    *("姓名", "教师编号", "手机号"),
}


def texts_of(value):
    """Return every text of a unit or of answers: course content has its own translations."""
    if isinstance(value, str):
        yield value
        yield from value.splitlines()
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts_of(one)
            yield str(key)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_of(one)


CONTENT = {
    text.strip()
    for one in (EVERY_TASK, ANSWERS, SAY, INTRO, QUIZ.replace(",", "\n"))
    for text in texts_of(one)
    if len(text.strip()) > 1 or not text.isascii()
}


@pytest.fixture
def busy(site):
    """Something on every page."""
    released(site, "alice")
    failed(site, "bob")
    graded(site, "charlie", executed=b"{}")
    name_request.ask(site.store, site.actor("alice"), "艾老师甲", "写错了")
    with writing(site.store) as session:
        site.give("bob", "grader", "school1", session)
    where = (site.people["bob"], site.assignment, site.schools["school1"])
    assign_grader.assign(site.store, site.actor("county"), *where)
    return site


def pages(site):
    unit, person = site.assignment, site.people["bob"]
    with site.store.read() as session:
        from sqlalchemy import select
        from yanxiu.work.model import Attempt

        works = {one.person_id: one.id for one in session.scalars(select(Attempt))}
    alice, bob, charlie = (works[site.people[who]] for who in ("alice", "bob", "charlie"))
    return {
        "alice": [
            "",
            f"units/{unit}",
            f"receipts/{alice}",
            f"submissions/{alice}",
            "account/password",
            "account/profile",
            "account/consent",
            "privacy",
            "nowhere",
            f"receipts/{bob}",
        ],
        "county": [
            "organize/",
            "organize/?state=all",
            f"organize/submissions/{alice}",
            f"organize/submissions/{bob}",
            f"organize/submissions/{charlie}",
            "organize/people",
            "organize/names",
            "organize/roles",
            f"organize/roles/{person}",
            "organize/roster",
            "organize/slips",
        ],
    }


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_no_page_mixes_languages(busy, browse, lang):
    wrong = {}
    for who, paths in pages(busy).items():
        browser = browse(who)
        browser.page(f"?lang={lang}")
        for path in paths:
            answer = browser.page(path)
            assert answer.status_code in (200, 404), (path, answer.status_code)
            data = [*NAMES, *CONTENT]
            find = chinese_words if lang == "en" else latin_words
            found = find(answer.text, data)
            if found:
                wrong[path] = found
    assert wrong == {}
