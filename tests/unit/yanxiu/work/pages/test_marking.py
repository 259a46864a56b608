"""An organizer finds what is to be done, marks it, goes on to the next, and releases."""

import re

import pytest
from sqlalchemy import select
from yanxiu.courses.model import Enrolment
from yanxiu.people.model import Credential, Person
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Attempt, GradingJob, Marking

from tests.support.browser import PREFIX
from tests.support.every_task import EVERY_TASK
from tests.support.tasks import work_off
from tests.support.work import failed, graded, handed_in, marked, released
from tests.support.writing import writing

LIST = "organize/"


def page_of(one, query=""):
    return f"organize/submissions/{one}{query}"


def rows_of(text):
    return re.findall(r"organize/submissions/([0-9a-f-]{36})", text.split("<tbody>")[-1])


def row(site, one):
    with site.store.read() as session:
        return session.get_one(Attempt, one)


@pytest.fixture
def three(site, clock):
    """Alice, bob and charlie in turn, an hour apart."""
    made = []
    for who in ("alice", "bob", "charlie"):
        made.append(graded(site, who))
        clock.advance(hours=1)
    return made


def test_the_list_shows_the_longest_waiting_first(browse, three):
    page = browse("county").page(LIST).text
    assert rows_of(page) == [str(one) for one in three]
    for text in ("艾老师", "县三小", "各种任务", "待评分", "2026-09-02 09:00", "20"):
        assert text in page


def test_the_list_is_narrowed_by_unit_school_and_state(site, browse, clock):
    one, two, three = graded(site, "alice"), marked(site, "bob"), failed(site, "charlie")
    browser = browse("county")

    def listed(query):
        return rows_of(browser.page(LIST + "?" + query).text)

    assert listed("state=waiting") == [str(one)]
    assert listed("state=marked") == [str(two)]
    assert listed("state=failed") == [str(three)]
    assert listed("state=machine") == listed("state=released") == []
    assert len(listed("")) == 3
    assert listed(f"school={site.schools['school2']}") == [str(three)]
    assert len(listed(f"unit={site.assignment}")) == 3
    assert listed(f"unit={site.schools['school2']}") == []
    page = browser.page(LIST).text
    assert "内存超限" in page
    counts = dict(re.findall(r">([^<>]+) <span class=\"number\">(\d+)</span>", page))
    assert counts == {
        "待处理": "3",
        "待评分": "1",
        "已评，待发布": "1",
        "批改失败": "1",
        "批改中": "0",
        "已发布": "0",
        "全部": "3",
    }


def test_pages_of_the_list_hold_everything_once(site, browse):
    from yanxiu.names import new_person_id

    people = [new_person_id() for _ in range(23)]
    with writing(site.store) as session:
        for number, key in enumerate(people):
            session.add(
                Person(
                    id=key,
                    name=f"教师{number:02}",
                    teacher_no=f"77{number:02}",
                    school_id=site.schools["school1"],
                    created_at=site.store.clock(),
                )
            )
            session.flush()
            session.add(Credential(person_id=key, must_change=False))
            session.add(
                Enrolment(offering_id="c1-demo", person_id=key, enrolled_at=site.store.clock())
            )
    for number, key in enumerate(people):
        site.people[f"t{number}"] = key
        handed_in(site, f"t{number}")
    small = site.site.model_copy(update={"page_size": 10})
    browser = browse("organizer1")
    object.__setattr__(browser.app.state.service, "site", small)
    seen = []
    for number in (1, 2, 3):
        page = browser.page(f"{LIST}?state=all&page={number}").text
        assert f"第 {number} / 3 页" in page
        seen += rows_of(page)
    assert len(seen) == len(set(seen)) == 23
    assert "第 21–23 条，共 23 条" in browser.page(f"{LIST}?state=all&page=99").text


def test_marks_are_saved_and_shown_again(site, browse, three):
    browser = browse("organizer1")
    page = browser.page(page_of(three[0])).text
    for text in ("多数学生在第二题上出错", "平均分不对，再看看分母", "4 / 5", "结论有依据"):
        assert text in page
    form = {
        "m.report.follow": "25",
        "c.report.follow": "补上人数",
        "m.report.clear": "１５.5",
        "comment": "方向对了",
        "do": "save",
    }
    answer = browser.submit(page_of(three[0]) + "/mark", form, form_of=page_of(three[0]))
    assert answer.headers["location"] == f"{PREFIX}organize/submissions/{three[0]}?done=saved"
    page = browser.page(page_of(three[0], "?done=saved")).text
    assert "评分已保存" in page
    assert re.search(r'name="m.report.follow" value="25" checked', page)
    assert 'name="m.report.clear" value="15.5"' in page
    for text in ("补上人数", "方向对了", "60.5"):
        assert text in page
    with site.store.read() as session:
        marks = {m.criterion_id: m.points for m in session.scalars(select(Marking)) if m.task_id}
    assert marks == {"follow": 25.0, "clear": 15.5}


@pytest.mark.parametrize(
    "form, sentence",
    [
        ({"m.report.clear": "很好"}, "“很好”不是分数"),
        ({"m.report.clear": "21"}, "分数应在 0 到 20 之间"),
        ({"m.report.clear": "-1"}, "分数应在 0 到 20 之间"),
        ({"m.report.nothing": "1"}, "没有这个评分项"),
        ({"m.present.x": "1"}, "没有这个评分项"),
        ({"c.report.clear": "好", "m.report.clear": ""}, "有一条评语还没有选分数"),
        ({"c.report.follow": "好"}, "有一条评语还没有选分数"),
    ],
)
def test_marks_that_cannot_be_are_refused_and_what_was_typed_stays(
    site, browse, three, form, sentence
):
    answer = browse("organizer1").submit(
        page_of(three[0]) + "/mark",
        {**form, "comment": "写了很久的总评", "do": "save"},
        form_of=page_of(three[0]),
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "写了很久的总评" in answer.text
    with site.store.read() as session:
        assert session.scalars(select(Marking)).all() == []


def test_a_number_that_is_none_is_in_the_audit_and_what_was_typed_is_not(site, browse, three):
    form = {"m.report.clear": "二十分", "do": "save"}
    answer = browse("organizer1").submit(
        page_of(three[0]) + "/mark", form, form_of=page_of(three[0])
    )
    assert answer.status_code == 422
    with site.store.read() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.outcome == "refused mark.number")
        ).all()
    assert [(event.actor, event.object_id) for event in events] == [
        (site.people["organizer1"], str(three[0]))
    ]
    assert "二十" not in str(events[0].details)


def test_a_refused_correction_keeps_its_reason_and_is_noted_once(site, browse):
    one = released(site, "alice")
    browser = browse("organizer1")
    reason = "  很长的原因" + "改" * 2001
    answer = browser.submit(page_of(one) + "/correct", {"reason": reason}, form_of=page_of(one))
    assert answer.status_code == 422
    assert "很长的原因改" in answer.text
    assert row(site, one).state == "released"
    with site.store.read() as session:
        refused = session.scalars(
            select(AuditEvent.outcome).where(AuditEvent.outcome.startswith("refused"))
        ).all()
    assert len(refused) == 1


FULL = {"m.report.follow": "40", "m.report.clear": "20"}


def test_next_follows_the_list_that_one_came_from(site, browse, three):
    browser = browse("county")
    query = "?state=waiting"
    assert str(three[1]) in browser.page(page_of(three[0], query)).text
    assert "上一份</a>" not in browser.page(page_of(three[0], query)).text

    def go(one, do):
        answer = browser.submit(
            f"{page_of(one)}/mark{query}", {**FULL, "do": do}, form_of=page_of(one)
        )
        return answer.headers["location"].removeprefix(PREFIX)

    # The first leaves "waiting" by being marked; the next is still the next.
    assert go(three[0], "next") == page_of(three[1], query)
    assert go(three[1], "next") == page_of(three[2], query)
    assert go(three[2], "next") == page_of(three[2], f"{query}&done=last")
    assert "最后一份" in browser.page(page_of(three[2], f"{query}&done=last")).text
    query = "?state=marked"
    assert go(three[2], "previous") == page_of(three[1], query)


def test_release_shows_it_to_the_teacher(site, browse, three):
    answer = browse("organizer1").submit(
        page_of(three[0]) + "/mark", {**FULL, "do": "release"}, form_of=page_of(three[0])
    )
    assert answer.headers["location"].endswith("?done=released")
    assert row(site, three[0]).state == "released"
    page = browse("organizer1").page(page_of(three[0])).text
    assert "保存并发布成绩" not in page
    assert "已发布" in page


def test_a_fail_without_a_word_is_not_released(site, browse, three):
    answer = browse("organizer1").submit(
        page_of(three[0]) + "/mark",
        {"m.report.follow": "0", "m.report.clear": "0", "do": "release"},
        form_of=page_of(three[0]),
    )
    assert answer.status_code == 409
    assert "没有通过的提交要写一句评语" in answer.text
    assert row(site, three[0]).state == "marked", "the marks themselves are kept"


def test_release_all_of_a_unit(site, browse):
    for who in ("alice", "bob"):
        marked(site, who)
    graded(site, "charlie")
    browser = browse("county")
    query = f"?unit={site.assignment}"
    assert "有 2 份已评、还没有发布" in browser.page(LIST + query).text
    assert "发布全部已评" not in browser.page(LIST).text, "only once a unit is chosen"
    answer = browser.submit(f"organize/units/{site.assignment}/release", {}, form_of=LIST + query)
    work_off(site)
    page = browser.get(answer.headers["location"]).text
    assert "已发布 2 份成绩" in page
    assert len(rows_of(browser.page(f"{LIST}?state=released").text)) == 2


def test_regrade_all_of_a_unit_that_failed(site, browse):
    for who in ("alice", "bob"):
        failed(site, who)
    browser = browse("county")
    query = f"?unit={site.assignment}"
    assert "有 2 份批改失败" in browser.page(LIST + query).text
    assert "重新批改全部" not in browser.page(LIST).text, "only once a unit is chosen"
    answer = browser.submit(f"organize/units/{site.assignment}/regrade", {}, form_of=LIST + query)
    work_off(site)
    assert "已把 2 份提交重新排队批改" in browser.get(answer.headers["location"]).text
    with site.store.read() as session:
        states = session.scalars(select(GradingJob.state).order_by(GradingJob.queued_at)).all()
    assert sorted(states) == ["failed", "failed", "queued", "queued"]


def test_a_failed_job_says_why_and_can_be_queued_again(site, browse):
    one = failed(site, code="run_a.timeout")
    browser = browse("organizer1")
    page = browser.page(page_of(one)).text
    assert "运行超时" in page
    assert "重新批改" in page
    answer = browser.submit(page_of(one) + "/regrade", {}, form_of=page_of(one))
    assert answer.headers["location"].endswith("?done=queued")
    with site.store.read() as session:
        states = session.scalars(select(GradingJob.state).order_by(GradingJob.queued_at)).all()
    assert states == ["failed", "queued"]
    assert "正在自动批改" in browser.page(page_of(one)).text
    again = browser.submit(page_of(one) + "/regrade", {}, form_of=page_of(one))
    assert (again.status_code, row(site, one).state) == (409, "queued")


def test_a_failed_job_can_be_marked_by_hand_and_its_author_sees_the_points(site, browse):
    one = failed(site, code="score_failed")
    browser = browse("organizer1")
    page = browser.page(page_of(one)).text
    fields = re.findall(r'type="text" [^>]*name="(m\.[^"]+\.by_hand)"', page)
    assert len(fields) == len([task for task in EVERY_TASK["tasks"] if task["kind"] == "auto"])
    marks = dict.fromkeys(fields, "3") | {"m.report.follow": "40", "m.report.clear": "15"}
    marks |= {f"c{fields[0][1:]}": "差一位小数", "do": "release", "comment": "按过程给分"}
    answer = browser.submit(page_of(one) + "/mark", marks, form_of=page_of(one))
    assert answer.headers["location"].endswith("?done=released")
    assert row(site, one).total_points == 55 + 3 * len(fields)
    for path in (f"units/{site.assignment}", f"submissions/{one}"):
        assert "差一位小数" in browse("alice").page(path).text
    told = browse("alice").page(f"api/v1/units/{site.assignment}/feedback").json()
    assert sum(task["points"] for task in told["tasks"]) == told["total_points"]


@pytest.mark.parametrize("state", ["queued", "superseded", "released"])
def test_what_cannot_be_marked_has_no_buttons_and_no_verb(site, browse, clock, state):
    one = {"queued": handed_in, "superseded": handed_in, "released": released}[state](site)
    if state == "superseded":
        handed_in(site, present=41)
    browser = browse("organizer1")
    page = browser.page(page_of(one)).text
    assert 'name="do"' not in page
    answer = browser.submit(page_of(one) + "/mark", {**FULL, "do": "save"}, form_of=page_of(one))
    assert answer.status_code == 409
    assert "这份提交现在不能评分" in answer.text


def test_people_are_found_and_a_password_is_shown_once(site, browse):
    browser = browse("organizer1")
    page = browser.page("organize/people?q=1002").text
    assert "包老师" in page
    assert "艾老师" not in page
    path = f"organize/people/{site.people['bob']}/reset"
    answer = browser.submit(path, {}, form_of="organize/people")
    code = re.search(r"<code>([^<]+)</code>", answer.text)[1]
    assert answer.headers["cache-control"] == "no-store"
    for where in ("organize/people", "organize/people?q=1002", ""):
        assert code not in browser.page(where).text
    with site.store.read() as session:
        assert session.get_one(Credential, site.people["bob"]).must_change is True
    own = browser.page("organize/people?q=1900").text
    assert "校管理员" in own
    assert "重置密码" not in own


def test_search_words_are_not_a_pattern(browse):
    browser = browse("county")
    for words in ("%", "_", "\\", "'", '"<script>'):
        page = browser.page("organize/people?q=" + words.replace("%", "%25"))
        assert page.status_code == 200
        assert "没有找到" in page.text
        assert "<script>" not in page.text


def test_work_stays_with_the_school_that_it_was_handed_in_at(site, browse):
    """Who moves leaves it behind: the page asks about the same school as the list and the verbs."""
    one = graded(site, "alice")
    with writing(site.store) as session:
        session.get_one(Person, site.people["alice"]).school_id = site.schools["school2"]
    path = page_of(one)
    assert browse("organizer1").page(path).status_code == 200
    assert browse("organizer2").page(path).status_code == 404
    assert browse("county").page(path).status_code == 200
