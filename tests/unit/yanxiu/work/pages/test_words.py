"""What a unit is called at every moment of its life, and what its button says."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from yanxiu.i18n import translator
from yanxiu.web.browsers import lab_problem
from yanxiu.web.listing import Pager, page_number
from yanxiu.work.pages import words
from yanxiu.work.reads.my_units import MyAttempt, Unit
from yanxiu.work.rules import State

ZH = translator("zh_CN")
OPENS = datetime(2026, 8, 31, 16, 0, tzinfo=UTC)  # 1 September, 00:00 in Shanghai
DUE = datetime(2026, 9, 30, 15, 59, tzinfo=UTC)  # 30 September, 23:59
LATE = DUE + timedelta(days=7)


def unit(*attempts: MyAttempt, draft: bool = False, most: int | None = None) -> Unit:
    return Unit(
        assignment_id=uuid.UUID(int=1), offering_id="o", course_title={}, term="", opens_at=OPENS,
        due_at=DUE, late_until=LATE, max_attempts=most, definition={}, attempts=attempts,
        draft_at=OPENS if draft else None,
    )  # fmt: skip


def attempt(state: str, passed: bool | None = None, number: int = 1) -> MyAttempt:
    released = OPENS if state == "released" else None
    return MyAttempt(uuid.UUID(int=2), number, state, False, OPENS, "R", None, passed, released)


PASSED, FAILED = attempt("released", True), attempt("released", False)


@pytest.mark.parametrize(
    "now, text",
    [
        (OPENS - timedelta(seconds=1), "09-01 00:00 开始"),
        (OPENS, "还有 29 天"),
        (DUE - timedelta(days=1), "还有 1 天"),
        (datetime(2026, 9, 29, 16, 0, tzinfo=UTC), "还有 23 小时"),  # the last day begins
        (DUE - timedelta(hours=1), "还有 1 小时"),
        (DUE - timedelta(minutes=59), "还有 59 分钟"),
        (DUE - timedelta(seconds=1), "还有 1 分钟"),
        (DUE + timedelta(seconds=59), "还有 1 分钟"),
        (DUE + timedelta(seconds=60), "已过截止时间，可补交到 10-07 23:59"),
        (LATE + timedelta(seconds=59), "已过截止时间，可补交到 10-07 23:59"),
        (LATE + timedelta(seconds=60), "已截止"),
    ],
)
def test_deadlines_count_days_of_the_sites_calendar(now, text):
    assert words.deadline(unit(), now, ZH).text == text


def test_a_deadline_does_not_matter_once_passed():
    assert words.deadline(unit(PASSED), DUE, ZH) is None


@pytest.mark.parametrize(
    "found, now, badge, step",
    [
        (unit(), OPENS - timedelta(1), "未开始", ("查看", False)),
        (unit(), OPENS, "待完成", ("开始", True)),
        (unit(draft=True), OPENS, "已存草稿", ("继续", True)),
        (unit(), LATE + timedelta(1), "已截止", ("查看", False)),
        (unit(attempt("queued")), OPENS, "已提交，等待批改", ("查看进度", False)),
        (unit(attempt("failed")), OPENS, "已提交，等待评分", ("查看进度", False)),
        (unit(attempt("marked")), OPENS, "已提交，等待发布成绩", ("查看进度", False)),
        (unit(PASSED), OPENS, "已通过", ("查看成绩", False)),
        (unit(attempt("queued", number=2), PASSED), OPENS, "已通过", ("查看成绩", False)),
        (unit(FAILED), OPENS, "未通过", ("看评语，再交一次", True)),
        (unit(FAILED, most=1), OPENS, "未通过", ("查看成绩", False)),
        (unit(FAILED), LATE + timedelta(1), "未通过", ("查看", False)),
    ],
)
def test_badge_and_next_step(found, now, badge, step):
    assert words.unit_badge(found, now, ZH).text == badge
    assert words.next_step(found, now, ZH) == step


#: Nobody marks these: they are only among all.
NOBODYS_TURN = {State.SUPERSEDED, State.WITHDRAWN, State.RETURNED}


def test_every_state_has_its_words_and_is_in_a_view():
    assert set(words.STATES) == set(State)
    in_views = {state for _, _, states in words.VIEWS for state in states}
    assert in_views == set(State) - NOBODYS_TURN, "which is only among all"


@pytest.mark.parametrize(
    "code, text",
    [
        ("run_a.memory", "内存超限"),
        ("timeout", "运行超时"),
        ("something.new", "批改失败（something.new）"),
        (None, "批改失败（?）"),
    ],
)
def test_failures_are_named_for_organizers(code, text):
    assert words.failure(code, ZH) == text


@pytest.mark.parametrize(
    "text, number",
    [
        ("", 1),
        ("0", 1),
        ("-3", 1),
        ("2", 2),
        ("٣", 1),
        ("1e3", 1),
        ("9" * 30, 100_000),
        ("9" * 5000, 100_000),
    ],
)
def test_page_numbers(text, number):
    assert page_number(text) == number


@pytest.mark.parametrize(
    "page, total, shown",
    [(1, 0, (0, 0, 1)), (1, 50, (1, 50, 1)), (2, 51, (51, 51, 2)), (1, 49, (1, 49, 1))],
)
def test_pagers(page, total, shown):
    pager = Pager(page, 50, total)
    assert (pager.first, pager.last, pager.pages) == shown


@pytest.mark.parametrize(
    "agent, fine",
    [
        ("Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 Chrome/108.0 Safari/537.36", False),
        ("Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 Chrome/109.0 Safari/537.36", True),
        ("Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/130.0", True),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_0) Safari MicroMessenger/8", False),
        ("", True),
    ],
)
def test_browsers_that_run_lab(agent, fine):
    assert (lab_problem(agent) is None) is fine


def test_a_browser_of_a_version_that_python_cannot_read_is_no_error():
    assert lab_problem(f"Chrome/{'1' * 5000}") is None
