"""Every page shows what it should to whom it should."""

import re

import pytest
from sqlalchemy import select
from yanxiu.portal.app import build_app
from yanxiu.work.model import Attempt, Draft

from tests.support.browser import HOST, Browser, log_in, make_portal
from tests.support.every_task import ANSWERS, FIELDS
from tests.support.work import marked, released


def test_my_units_with_their_next_step(browse):
    page = browse("alice").page("")
    assert page.status_code == 200
    for text in ("各种任务", "还有 29 天", "开始", "艾老师", "1.5 学时", "待完成"):
        assert text in page.text


def test_a_passed_unit_shows_its_hours(site, browse):
    released(site)
    page = browse("alice").page("")
    for text in ("已通过", "75 分", "已登记 1.5", "查看成绩"):
        assert text in page.text


def test_unit_page_shows_text_data_and_form(site, browse):
    page = browse("alice").page(f"units/{site.assignment}")
    assert page.status_code == 200
    assert "<strong>数据</strong>" in page.text
    assert "<td>S02</td>" in page.text
    assert f"/hub/user-redirect/yanxiu/open/{site.assignment}" in page.text
    for name in FIELDS:
        assert f'name="{name}"' in page.text
    assert page.text.count("<script") == 1  # keeps drafts; everything works without it
    assert 'href="javascript' not in page.text


def test_data_comes_as_csv_that_spreadsheets_read(site, browse):
    answer = browse("alice").page(f"units/{site.assignment}/data/quiz.csv")
    assert answer.content.startswith(b"\xef\xbb\xbfpupil,q1")
    assert "attachment" in answer.headers["content-disposition"]
    assert browse("alice").page(f"units/{site.assignment}/data/score.py").status_code == 404


@pytest.mark.parametrize(
    "agent, offered",
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0.0.0 Safari/537.36", True),
        ("Mozilla/5.0 (Windows NT 6.1) Chrome/86.0.4240.198 Safari/537.36", False),
        ("Mozilla/5.0 (Linux; Android 13) Chrome/120.0 Mobile Safari MicroMessenger", False),
    ],
)
def test_old_browsers_are_told_kindly_that_the_form_does(site, browse, agent, offered):
    browser = browse("alice")
    browser.headers["user-agent"] = agent
    page = browser.page(f"units/{site.assignment}").text
    assert ("下面的表单就能完成全部任务" not in page) is offered


def test_a_draft_is_shown_again_with_its_chart(site, browse):
    browser = browse("alice")
    path = f"units/{site.assignment}"
    answer = browser.submit(path, {**FIELDS, "do": "save"})
    assert answer.status_code == 303
    page = browser.page(path + "?saved=draft").text
    assert "草稿已保存" in page
    assert 'value="42"' in page
    assert "多数学生在第二题上出错。\n先补单位。" in page
    assert '<svg class="chart"' in page
    with site.store.read() as session:
        assert session.scalar(select(Draft)).answers == ANSWERS
    assert "已存草稿" in browser.page("").text


def test_a_wrong_number_keeps_what_was_typed_and_saves_the_rest(site, browse):
    fields = {**FIELDS, "a.rates.q1.p": ["四分之三"], "do": "save"}
    answer = browse("alice").submit(f"units/{site.assignment}", fields)
    assert answer.status_code == 422
    assert "“第1题·通过率”里的“四分之三”不是数字" in answer.text
    assert 'value="四分之三"' in answer.text
    with site.store.read() as session:
        kept = session.scalar(select(Draft)).answers
    assert kept["rates"] == {"q1": {"n": 42, "p": None}, "q2": {"n": 40, "p": 0.5}}


def test_handing_in_says_what_is_missing_and_keeps_the_draft(site, browse):
    answer = browse("alice").submit(
        f"units/{site.assignment}", {"a.present": "42", "a.report": "太短", "do": "submit"}
    )
    assert answer.status_code == 422
    assert "至少 10 字，现在 2 字" in answer.text
    assert "表格里还有 4 格没有填" in answer.text
    with site.store.read() as session:
        assert session.scalar(select(Draft)).answers["present"] == 42
        assert session.scalar(select(Attempt)) is None


def test_handing_in_gives_a_receipt(site, browse):
    browser = browse("alice")
    answer = browser.submit(f"units/{site.assignment}", {**FIELDS, "do": "submit"})
    assert answer.status_code == 303
    with site.store.read() as session:
        row = session.scalar(select(Attempt))
    assert answer.headers["location"] == f"/services/records/receipts/{row.id}?new=1"
    page = browser.page(f"receipts/{row.id}?new=1").text
    for text in (row.receipt_no, row.digest, "2026-09-02 09:00", "各种任务"):
        assert text in page
    assert "县三小" not in page
    unit = browser.page(f"units/{site.assignment}").text
    assert row.receipt_no in unit
    assert "已提交，等待批改" in unit
    assert 'value="42"' in unit, "what was handed in is there to be improved"


def test_a_second_click_is_the_same_attempt(site, browse):
    browser = browse("alice")
    fields = {**FIELDS, "do": "submit", "client_key": "abc"}
    first = browser.submit(f"units/{site.assignment}", fields)
    second = browser.submit(f"units/{site.assignment}", fields)
    assert first.headers["location"] == second.headers["location"]
    changed = browser.submit(f"units/{site.assignment}", {**fields, "a.present": "43"})
    assert changed.headers["location"] != first.headers["location"]


def test_points_are_not_shown_before_release(site, browse):
    one = marked(site)
    browser = browse("alice")
    for path in ("", f"units/{site.assignment}", f"submissions/{one}", f"receipts/{one}"):
        page = browser.page(path)
        assert page.status_code == 200
        for secret in ("说得清楚", "写得好", "平均分不对", "4 / 5", "75 分", ">75<"):
            assert secret not in re.sub(r"<code.*?</code>|2026\d+-\w+-\w+", "", page.text), (
                path,
                secret,
            )


def test_released_feedback_by_task(site, browse):
    one = released(site)
    for path in (f"units/{site.assignment}", f"submissions/{one}"):
        page = browse("alice").page(path).text
        for text in ("说得清楚", "写得好，注意分母", "平均分不对，再看看分母", "75", "15 / 20"):
            assert text in page, (path, text)


def test_a_notebook_can_be_uploaded(site, browse):
    browser = browse("alice")
    path = f"units/{site.assignment}"
    wrong = browser.submit(
        f"{path}/upload", {}, form_of=path, files={"notebook": ("成绩.xlsx", b"PK")}
    )
    assert wrong.status_code == 422
    assert "选的文件里有别的" in wrong.text
    none = browser.submit(f"{path}/upload", {}, form_of=path, files={"notebook": ("", b"")})
    assert "没有选择文件" in none.text
    big = browser.submit(
        f"{path}/upload", {}, form_of=path, files={"notebook": ("a.ipynb", b"x" * 3_000_000)}
    )
    assert big.status_code == 413
    assert "超过 1 MB" in big.text


def test_english_is_a_switch_away(browse):
    browser = browse("alice")
    assert "My training" in browser.page("?lang=en").text
    page = browser.page("").text
    assert "My training" in page
    assert 'lang="en"' in page
    assert "我的研修" in browser.page("?lang=zh_CN").text


def test_every_page_says_that_there_is_no_isolation(site, hub):
    with Browser(build_app(make_portal(site, hub, isolation=False)), base_url=HOST) as browser:
        log_in(browser, hub, site.people["alice"])
        for path in ("", f"units/{site.assignment}", "nowhere", "account/password"):
            assert "未启用沙箱隔离" in browser.page(path).text
