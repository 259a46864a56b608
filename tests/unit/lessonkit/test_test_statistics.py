"""Golden numbers of a class of 12 with 8 items, worked by hand in the domain's reference."""

import math

import lessonkit as lk
import pandas as pd
import pytest

from tests.support.golden_class import ROWS

CLASS = pd.DataFrame([[int(mark) for mark in row] for row in ROWS], columns=list("ABCDEFGH"))


def test_difficulty_of_the_class():
    p = lk.item_difficulty(CLASS)["p"].round(4).tolist()
    assert p == [0.8333, 0.75, 0.6667, 0.5833, 0.5, 0.25, 0.3333, 0.1667]


def test_discrimination_of_the_class():
    d, size = lk.discrimination(CLASS)
    assert size == 3
    assert d.round(4).tolist() == [0.3333, 0.6667, 0.6667, 1, 1, 0.6667, 0.3333, 0.3333]


def test_reliability_of_the_class():
    assert lk.kr20(CLASS) == pytest.approx(0.6347, abs=5e-5)
    assert lk.alpha(CLASS) == pytest.approx(lk.kr20(CLASS))
    assert lk.sem(CLASS) == pytest.approx(1.1430, abs=5e-5)
    assert lk.kr21(CLASS) <= lk.kr20(CLASS)


def test_item_rest_of_the_class():
    golden = [0.3216, 0.3397, 0.1680, 0.5980, 0.4673, 0.5331, 0.0, 0.2762]
    assert lk.item_rest(CLASS).round(4).tolist() == pytest.approx(golden, abs=1e-9)


@pytest.mark.parametrize(
    "missing, n, p",
    [
        ("omit", 2, 0.5),  # the blank is not seen
        ("wrong", 3, 1 / 3),  # the blank is a 0; the absent pupil still is nobody
    ],
)
def test_a_missing_mark_is_left_out_or_wrong_as_told(missing, n, p):
    quiz = pd.DataFrame({"Q1": [1, 0, 1, None], "Q2": [1, 0, None, None]})
    row = lk.item_difficulty(quiz, missing=missing).loc["Q2"]
    assert (row["n"], row["p"]) == (n, pytest.approx(p))


def test_an_item_nobody_answered_has_no_difficulty():
    quiz = pd.DataFrame({"Q1": [1.0, 0.0], "Q2": [None, None]}, dtype=float)
    assert math.isnan(lk.item_difficulty(quiz).loc["Q2", "p"])


def test_full_marks_may_differ_by_item():
    quiz = pd.DataFrame({"Q1": [5, 10], "Q2": [1, 3]})
    p = lk.item_difficulty(quiz, pd.Series({"Q1": 10, "Q2": 4}))["p"]
    assert p.to_dict() == {"Q1": 0.75, "Q2": 0.5}


@pytest.mark.parametrize("mark", [-1, 11, 2])
def test_a_mark_out_of_range_is_named(mark):
    quiz = pd.DataFrame({"Q1": [1, mark]}, index=["S01", "S02"])
    with pytest.raises(ValueError, match="S02, item Q1"):
        lk.item_difficulty(quiz)


@pytest.mark.parametrize(
    "pupils, size",
    [(0, 0), (1, 0), (2, 1), (12, 3), (50, 14)],  # 0.27 × 50 = 13.5 goes up
)
def test_size_of_the_discrimination_groups(pupils, size):
    quiz = pd.DataFrame({"Q1": [1.0] * pupils})
    d, found = lk.discrimination(quiz)
    assert found == size
    assert size > 0 or math.isnan(d["Q1"])


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [[1, 1]],
        [[1, 1], [1, 1]],  # nobody differs
    ],
)
def test_reliability_of_nothing_is_none_not_zero(rows):
    quiz = pd.DataFrame(rows, columns=["Q1", "Q2"], dtype=float)
    assert lk.kr20(quiz) is None
    assert lk.kr21(quiz) is None
    assert lk.alpha(quiz) is None
    assert lk.sem(quiz) is None


def test_one_item_has_no_reliability():
    assert lk.kr20(pd.DataFrame({"Q1": [0, 1]})) is None


def test_kr20_refuses_other_marks_than_0_and_1():
    with pytest.raises(ValueError, match="use alpha"):
        lk.kr20(pd.DataFrame({"Q1": [0, 2], "Q2": [1, 1]}))


SCORES = pd.Series([95, 88, 82, 82, 76, 70, 65, 58, 44, 40])


def test_standard_scores_of_ten_pupils():
    assert SCORES.std(ddof=0) == pytest.approx(17.3724, abs=5e-5)
    golden_t = [64.39, 60.36, 56.91, 56.91, 53.45, 50, 47.12, 43.09, 35.03, 32.73]
    assert lk.t_scores(SCORES).round(2).tolist() == golden_t
    assert lk.z_scores(SCORES, ddof=1).iloc[0] == pytest.approx(25 / 18.3121, abs=1e-4)
    assert lk.standard_500(SCORES).iloc[5] == 500
    assert lk.percentile_rank(SCORES).tolist() == [95, 85, 70, 70, 55, 45, 35, 25, 15, 5]
    assert lk.rank(SCORES).tolist() == [1, 2, 3, 3, 5, 6, 7, 8, 9, 10]


def test_three_rates_of_ten_pupils():
    rates = lk.three_rates(SCORES)
    assert (rates.excellent, rates.passed, rates.low) == (0.2, 0.7, 0)


def test_no_spread_gives_no_standard_score():
    assert lk.z_scores(pd.Series([60, 60])).isna().all()


def test_absent_pupils_are_not_in_the_rates():
    rates = lk.three_rates(pd.Series([90, None]))
    assert (rates.n, rates.excellent) == (1, 1.0)
    assert lk.three_rates(pd.Series([None, None], dtype=float)).passed is None
