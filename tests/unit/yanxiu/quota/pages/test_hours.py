"""Hours of a month by school and day: on the page and in the workbook the same."""

import io
from datetime import UTC, datetime

import openpyxl
import pytest
from sqlalchemy import update
from yanxiu.people.model import Organization
from yanxiu.quota import homes
from yanxiu.quota.pages.hours import months

from tests.support.writing import writing


@pytest.fixture
def lived(pools, clock):
    """An evening over the edge of a month; the browsers log in afterwards."""
    clock.now = datetime(2026, 9, 30, 14, 30, tzinfo=UTC)  # half past ten in the evening
    pools.run("alice")
    clock.advance(minutes=30)
    pools.run("charlie")
    clock.advance(hours=2)
    pools.stop("alice")
    pools.stop("charlie")
    return pools


def sheets(answer):
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book]


def test_the_workbook_has_a_row_for_each_school_and_day(lived, browse):
    homes.report(lived.county.store, {lived.county.people["alice"]: 25 << 19})
    lived.limit("school1", "storage_mb", ceiling=100)
    days, sums, stored = sheets(browse("county").page("organize/hours.xlsx?month=2026-09"))
    assert days[0] == ["学校", "学校标识码", "日期", "机时（小时）", "启动次数"]
    assert days[1:] == [
        ["县三小", "2133000001", "2026-09-30", 1.5, 1],
        ["城关镇中心校", "2133000002", "2026-09-30", 1, 1],
    ] or sorted(days[1:]) == sorted(
        [
            ["县三小", "2133000001", "2026-09-30", 1.5, 1],
            ["城关镇中心校", "2133000002", "2026-09-30", 1, 1],
        ]
    )
    assert sums[1] == ["县三小", "2133000001", "2026-09", 1.5, 1]
    assert stored[0] == ["学校", "学校标识码", "日期", "已用（MB）", "上限（MB）"]
    assert [row[:2] + row[3:] for row in stored[1:]] == [
        ["县三小", "2133000001", 12.5, 100],
        ["城关镇中心校", "2133000002", 0, None],
    ]
    days, *_ = sheets(browse("county").page("organize/hours.xlsx?month=2026-10"))
    assert {(row[0], row[3]) for row in days[1:]} == {("县三小", 1), ("城关镇中心校", 1)}


def test_each_gets_the_hours_of_their_own_schools(lived, browse):
    days, _, stored = sheets(browse("organizer1").page("organize/hours.xlsx?month=2026-09"))
    assert {row[0] for row in days[1:]} == {row[0] for row in stored[1:]} == {"县三小"}
    other = lived.county.schools["school2"]
    days, *_ = sheets(
        browse("organizer1").page(f"organize/hours.xlsx?month=2026-09&school={other}")
    )
    assert days[1:] == []
    assert "城关镇中心校" not in browse("organizer1").page("organize/hours?month=2026-09").text
    assert browse("alice").page("organize/hours.xlsx").status_code == 403


def test_the_page_shows_sums_days_and_the_pool(lived, browse):
    lived.limit("school1", "server_hours", ceiling=500)
    page = browse("county").page("organize/hours?month=2026-09").text
    assert "合计 2.5 小时" in page
    assert "1.5 / 500" in page
    assert page.index("县三小</a>") < page.index("城关镇中心校</a>")  # the most hours first
    assert "hours.xlsx?month=2026-09" in page
    assert "这个月还没有人用过" in browse("county").page("organize/hours?month=2025-01").text


@pytest.mark.parametrize("month", ["", "2026-13", "nonsense", "2026-1", "9999999-01"])
def test_an_odd_month_is_this_one(lived, browse, month):
    page = browse("county").page(f"organize/hours?month={month}&school=x")
    assert page.status_code == 200
    assert 'value="2026-10" selected' in page.text


def test_a_name_that_looks_like_a_formula_is_text(lived, browse):
    with writing(lived.county.store) as session:
        session.execute(
            update(Organization)
            .where(Organization.code == "2133000001")
            .values(name='=HYPERLINK("http://example.org","x")')
        )
    answer = browse("county").page("organize/hours.xlsx?month=2026-09")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    [cell] = [
        cell for row in book.worksheets[0].iter_rows() for cell in row if "HYPER" in str(cell.value)
    ]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_the_months_that_are_offered(clock):
    found = months(datetime(2026, 1, 31, 17, tzinfo=UTC))  # February where the site is
    assert found[:3] == ["2026-02", "2026-01", "2025-12"]
    assert len(set(found)) == 13
