"""A whole list marks people as having left: never by accident of a file."""

import pytest
from yanxiu.errors import Refused

from tests.support.rosters import SCHOOL1, SCHOOL2, csv_text, imported, plan_of, xlsx

STAFF = [(f"甄{chr(0x4E00 + n)}", f"E{n:03}", "", "", SCHOOL2, "", "", "") for n in range(30)]
HERE = ("柴老师", "2001", "", "", SCHOOL2, "", "", "")


@pytest.fixture
def school(lite):
    imported(lite.store, xlsx([*STAFF, HERE]))
    return lite.store


def leave(store, rows, **how):
    return imported(store, xlsx(rows), whole=True, **how)


@pytest.mark.parametrize(
    ("gone", "leaving", "done"),
    [
        (1, None, True),
        (3, None, True),  # of 32 with the organizer: under a tenth
        (4, None, False),
        (4, 3, False),
        (4, 4, True),
        (29, None, False),
        (29, 29, True),
    ],
)
def test_more_than_a_tenth_of_a_school_is_asked_twice(school, gone, leaving, done):
    rows = [*STAFF[gone:], HERE]
    if done:
        assert leave(school, rows, leaving=leaving)["left"] == gone
    else:
        with pytest.raises(Refused, match="leave_many"):
            leave(school, rows, leaving=leaving)
        assert len(plan_of(school, xlsx(rows)).missing) == gone


def test_each_school_is_looked_at_by_itself(school):
    """One of 33 people leaves: few of the county, half of the small school."""
    rows = [*STAFF, HERE, ("艾老师", "1001", "", "", SCHOOL1, "", "", "")]
    [one] = plan_of(school, xlsx(rows)).large_leaves
    assert (one.school.code, one.leaving, one.staff) == (SCHOOL1, 1, 3)


def test_a_row_that_may_be_anybody_makes_no_whole_list(school):
    rows = [*STAFF[1:], ("甄?", "", "13900000000", "", SCHOOL2, "", "", ""), HERE]
    plan = plan_of(school, xlsx(rows))
    assert [problem.text() for problem in plan.left_over] == [
        "第 31 行看不出是哪位老师。请先改正姓名。"
    ]
    with pytest.raises(Refused, match="not_whole"):
        leave(school, rows, leaving=1)
    # With her number she is known, and nobody is in doubt.
    rows[29] = ("甄?", "E000", "", "", SCHOOL2, "", "", "")
    assert plan_of(school, xlsx(rows)).left_over == []
    assert plan_of(school, xlsx(rows)).missing == []


def test_a_quotation_mark_that_swallows_teachers_locks_nobody_out(school):
    """Before, 29 of 31 were read without a word, and the other two could not log in."""
    broken = csv_text([*STAFF, HERE]).replace(STAFF[3][0], '"' + STAFF[3][0], 1)
    with pytest.raises(Refused, match="quote"):
        imported(school, broken.encode(), whole=True, leaving=2)
