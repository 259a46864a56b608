"""Items and reliability: the worked class, published data, missing marks and edges."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as strategy
from lessonkit import items, reliability
from lessonkit.errors import MarkError, ShapeError

from tests.support.attitude import ATTITUDE
from tests.support.golden_class import ROWS
from tests.support.quickly import quickly

CLASS = pd.DataFrame([[int(mark) for mark in row] for row in ROWS], columns=list("ABCDEFGH"))

#: Ten students, ten items: K. Wuensch, East Carolina University, StatHelp/KR20.txt. It prints
#: p·q by item, which sum to 2.18, and the totals' variance 5.84.
WUENSCH = [
    [int(mark) for mark in row]
    for row in [
        "1111110110", "1011011101", "1111011001", "0010001000", "0000010010",
        "1110111111", "1101110111", "1111111101", "0101111101", "1101101110",
    ]
]  # fmt: skip


def test_the_class_of_twelve():
    found = items.analyse(CLASS)
    assert found.p.round(4).tolist() == [0.8333, 0.75, 0.6667, 0.5833, 0.5, 0.25, 0.3333, 0.1667]
    assert found.d.round(4).tolist() == [0.3333, 0.6667, 0.6667, 1, 1, 0.6667, 0.3333, 0.3333]
    golden = [0.3216, 0.3397, 0.1680, 0.5980, 0.4673, 0.5331, 0.0, 0.2762]
    assert found.item_rest.round(4).tolist() == pytest.approx(golden, abs=1e-9)
    assert (round(found.kr20, 4), round(found.alpha, 4)) == (0.6347, 0.6347)
    assert round(found.sem, 4) == 1.1430
    assert items.discrimination(CLASS)[1] == 3


def test_kr20_of_wuenschs_ten_students():
    assert reliability.kr20(WUENSCH) == pytest.approx(10 / 9 * (1 - 2.18 / 5.84))
    totals = pd.DataFrame(WUENSCH).sum(axis=1)
    assert totals.var(ddof=0) == pytest.approx(5.84)


def test_alpha_of_the_attitude_data():
    """R's psych 2.5.3, alpha(attitude): raw_alpha, r.drop and raw.r; pingouin 0.7.0 has the same alpha."""
    found = items.analyse(ATTITUDE)
    assert found.alpha == pytest.approx(0.8431427695647599, abs=1e-12)
    assert found.kr20 is None
    assert found.item_rest.round(4).tolist() == [
        0.6713,
        0.7421,
        0.5607,
        0.7144,
        0.7863,
        0.2650,
        0.4608,
    ]
    assert found.item_total.round(4).tolist() == [
        0.7788,
        0.8368,
        0.6973,
        0.8067,
        0.8501,
        0.4207,
        0.5953,
    ]


def test_full_marks_by_item_and_guessed_from_the_best():
    quiz = pd.DataFrame({"Q1": [5, 10], "Q2": [1, 3]})
    full = pd.Series({"Q2": 4, "Q1": 10})
    assert items.analyse(quiz, full_marks=full).p.to_dict() == {"Q1": 0.75, "Q2": 0.5}
    assert items.analyse(quiz, full_marks=[10, 4]).p.to_dict() == {"Q1": 0.75, "Q2": 0.5}
    assert items.analyse(quiz).p.to_dict() == {"Q1": 0.75, "Q2": pytest.approx(2 / 3)}


@pytest.mark.parametrize(
    "missing, n, p",
    [
        ("omit", 2, 0.5),  # the blank is not seen
        ("wrong", 3, 1 / 3),  # the blank is a 0; the absent pupil still is nobody
    ],
)
def test_a_missing_mark_is_left_out_or_wrong_as_told(missing, n, p):
    quiz = pd.DataFrame({"Q1": [1, 0, 1, None], "Q2": [1, 0, None, None]})
    row = items.difficulty(quiz, missing=missing).loc["Q2"]
    assert (row["n"], row["p"]) == (n, pytest.approx(p))


def test_an_item_nobody_answered_and_one_without_spread():
    quiz = pd.DataFrame({"Q1": [1, 0, 1], "Q2": [None] * 3, "Q3": [1, 1, 1]})
    assert math.isnan(items.analyse(quiz).p["Q2"])
    found = items.analyse(quiz[["Q1", "Q3"]])
    assert math.isnan(found.item_rest["Q3"])
    assert math.isnan(found.item_total["Q3"])
    assert math.isnan(found.item_rest["Q1"]), "the rest of Q1 is Q3, which has no spread"
    assert found.item_total["Q1"] == pytest.approx(1)


@pytest.mark.parametrize(
    "matrix",
    [[], [[]], np.zeros((0, 2)), pd.DataFrame(), pd.DataFrame(columns=["Q1", "Q2"]), [[1, 1]], [[1, 1], [1, 1]],
     [[0.1, 0.2], [0.1, 0.2], [0.1, 0.2]], [[0], [1]]],
)  # fmt: skip
def test_reliability_of_nothing_is_none_not_zero(matrix):
    found = items.analyse(matrix)
    assert (found.alpha, found.kr20, found.sem) == (None, None, None)
    assert reliability.kr21([[1, 1]]) is None


@pytest.mark.parametrize(
    "pupils, size",
    [(0, 0), (1, 0), (2, 1), (12, 3), (50, 14)],  # 0.27 × 50 = 13.5 goes up
)
def test_size_of_the_discrimination_groups(pupils, size):
    d, found = items.discrimination(pd.DataFrame({"Q1": [1.0] * pupils}))
    assert found == size
    assert size > 0 or math.isnan(d["Q1"])


def test_kr21_is_never_above_kr20():
    assert reliability.kr21(CLASS) <= reliability.kr20(CLASS)


@pytest.mark.parametrize(
    "matrix, error, said",
    [
        ([[1, 0], [1, "缺"]], MarkError, "第 2 行（1）题目“1”的得分是“缺”"),
        ([[1, 0], [1, -1]], MarkError, "第 2 行（1）题目“1”的得分是“-1”"),
        ([[1, float("inf")]], MarkError, "题目“1”"),
        (pd.DataFrame({"Q1": [1, -2]}, index=["S01", "S02"]), MarkError, "第 2 行（S02）题目“Q1”"),
        ([[1, 2], [3]], ShapeError, "每行一样长"),
        ([1, 2], ShapeError, "一张表"),
        (pd.Series([1, 0]), ShapeError, "一张表"),
        ("1101", ShapeError, "一张表"),
    ],
)
def test_what_is_no_mark_is_named(matrix, error, said):
    with pytest.raises(error, match=said):
        items.analyse(matrix)


@pytest.mark.parametrize(
    "full, error, said",
    [(4, MarkError, "第 1 行（0）题目“a”的得分是“5”，应是0 到 4 的数"), (0, MarkError, "满分应大于 0"),
     ([1, 2, 3], ShapeError, "共 2 个"), (pd.Series({"a": 9}), MarkError, "题目“b”")],
)  # fmt: skip
def test_a_full_mark_that_cannot_be(full, error, said):
    with pytest.raises(error, match=said):
        items.analyse(pd.DataFrame({"a": [5], "b": [1]}), full_marks=full)


def test_kr20_refuses_other_marks_than_0_and_1():
    with pytest.raises(MarkError, match="0 或 1"):
        reliability.kr20([[0, 1], [2, 1]])


def test_two_pupils_and_two_items_of_one_name_stay_two():
    twice = pd.DataFrame(CLASS.to_numpy(), index=["张三"] * 12, columns=list("AABBCCDD"))
    found, single = items.analyse(twice), items.analyse(CLASS)
    assert found.p.tolist() == single.p.tolist()
    assert found.d.tolist() == single.d.tolist()
    assert found.item_rest.tolist() == single.item_rest.tolist()


marks = strategy.integers(2, 6).flatmap(
    lambda k: strategy.lists(
        strategy.lists(strategy.integers(0, 1), min_size=k, max_size=k), min_size=2, max_size=12
    )
)


@quickly
@given(marks, strategy.randoms())
def test_the_order_of_pupils_and_items_does_not_matter(rows, random):
    matrix = pd.DataFrame(rows)
    order = list(matrix.columns)
    random.shuffle(order)
    found, other = items.analyse(matrix), items.analyse(matrix[order].iloc[::-1])
    assert other.p.to_dict() == pytest.approx(found.p.to_dict())
    assert other.item_rest[matrix.columns].tolist() == pytest.approx(
        found.item_rest.tolist(), nan_ok=True
    )
    assert other.alpha == pytest.approx(found.alpha)
    assert found.alpha == pytest.approx(found.kr20)


@quickly
@given(marks, strategy.floats(0.5, 20))
def test_other_units_change_no_coefficient(rows, unit):
    matrix = np.array(rows)
    found, other = items.analyse(matrix), items.analyse(matrix * unit, full_marks=unit)
    assert other.alpha == pytest.approx(found.alpha)
    assert other.p.tolist() == pytest.approx(found.p.tolist())
    assert other.item_rest.tolist() == pytest.approx(
        found.item_rest.tolist(), nan_ok=True, abs=1e-9
    )
    if found.sem is not None:
        assert other.sem == pytest.approx(found.sem * unit, abs=1e-6)
