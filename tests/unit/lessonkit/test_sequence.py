"""Lag-sequential analysis: O'Connor's published example, another implementation, invariants."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as strategy
from lessonkit import sequence
from lessonkit.errors import CodeError, MarkError, ShapeError

from tests.support.quickly import quickly

#: O'Connor 1999, Behavior Research Methods 31: 122 codes of a couple's talk, 121 transitions.
OCONNOR = [
    [0, 0, 0, 0, 0, 3], [0, 0, 1, 1, 2, 17], [0, 0, 8, 8, 7, 13],
    [1, 4, 3, 2, 0, 1], [0, 0, 9, 0, 0, 0], [3, 17, 14, 0, 0, 7],
]  # fmt: skip
#: The codes themselves, as R's LagSequential 0.1.1 has them (data_sequential).
CODES = (
    "3534463441636616243434266363634353425342634253626263363536633"
    "6262633636336626262633536266335353353366262626623626261626261"
)
# What LagSequential::sequential prints for them; its adjusted residuals are those below, to 2 digits.
R_YULES_Q = [
    [-1.00, -1.00, -1.00, -1.00, -1.00, 1.00],
    [-1.00, -1.00, -0.82, -0.38, 0.17, 0.86],
    [-1.00, -1.00, -0.24, 0.77, 0.82, 0.07],
    [0.56, 0.52, -0.04, 0.43, -1.00, -0.70],
    [-1.00, -1.00, 1.00, -1.00, -1.00, -1.00],
    [0.72, 0.86, 0.19, -1.00, -1.00, -0.56],
]
# statsmodels 0.15.0, contingency_tables.Table(x, shift_zeros=False).standardized_resids
STATSMODELS_Z = [
    [-0.3243, -0.8038, -1.1189, -0.5546, -0.4972, 2.45],
    [-0.9321, -2.31, -2.6864, -0.7591, 0.4007, 5.0128],
    [-1.3236, -3.2805, -1.0584, 3.2699, 3.2757, 0.3368],
    [1.1256, 1.7459, -0.1268, 1.1, -0.9861, -1.8221],
    [-0.5766, -1.4289, 4.8879, -0.9861, -0.8839, -2.2323],
    [1.7668, 5.0128, 0.9067, -2.4902, -2.2323, -2.797],
]


def transitions(matrix):
    """Return a lesson of two codes for each transition: they must not run into each other."""
    return [
        [str(row + 1), str(column + 1)]
        for (row, column), count in np.ndenumerate(np.array(matrix))
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def oconnor():
    return sequence.lag([int(code) for code in CODES])


def test_counts_and_expectations_of_oconnor(oconnor):
    assert oconnor.codes == [1, 2, 3, 4, 5, 6]
    assert oconnor.counts.to_numpy().tolist() == OCONNOR
    assert (oconnor.n, oconnor.sparse) == (121, True)
    assert oconnor.expected.loc[2, 6].round(4) == 7.1157
    assert oconnor.expected.loc[3, 3].round(4) == 10.4132
    assert oconnor.yule_q.loc[3, 6].round(4) == 0.0700


@pytest.mark.parametrize(
    "given, target, z",
    [(2, 6, 5.0128), (6, 2, 5.0128), (5, 3, 4.8879), (3, 5, 3.2757), (3, 4, 3.2699), (1, 6, 2.45),
     (3, 2, -3.2805)],
)  # fmt: skip
def test_residuals_of_oconnor(oconnor, given, target, z):
    assert oconnor.z.loc[given, target].round(4) == z


def test_transitions_one_by_one_are_the_same_as_the_sequence(oconnor):
    apart = sequence.lag(transitions(OCONNOR))
    assert apart.codes == ["1", "2", "3", "4", "5", "6"]
    assert apart.z.to_numpy().tolist() == oconnor.z.to_numpy().tolist()


def test_a_second_and_a_third_implementation(oconnor):
    np.testing.assert_allclose(oconnor.yule_q, R_YULES_Q, atol=0.005)
    assert oconnor.z.round(4).to_numpy().tolist() == STATSMODELS_Z


def test_lessons_are_not_joined():
    found = sequence.lag([list("AB"), list("AB")])
    assert found.counts.loc["B", "A"] == 0
    assert sequence.lag([list("ABAB")]).counts.loc["B", "A"] == 1


def test_lag_two_skips_one():
    found = sequence.lag(["ABCAB"], lag=2)
    assert found.counts.loc["A", "C"] == 1
    assert found.n == 3


@pytest.mark.parametrize(
    "sequences",
    [[["T", "S", "T"]], ["TST"], "TST", "T S T", list("TST"), pd.Series(list("TST")),
     np.array([["T", "S", "T"]]), {"第一课": list("TST")}, iter([list("TST")])],
)  # fmt: skip
def test_one_lesson_may_be_given_as_it_is(sequences):
    found = sequence.lag(sequences)
    assert (found.codes, found.counts.to_numpy().tolist()) == (["S", "T"], [[0, 1], [1, 0]])


@pytest.mark.parametrize("sequences", [[], [[]], [["T"]], [["T", "S"]] * 0])
def test_without_a_transition_nothing_is_expected(sequences):
    found = sequence.lag(sequences)
    assert found.n == 0
    assert found.expected.isna().all(axis=None)
    assert found.z.isna().all(axis=None)


def test_a_lesson_of_one_code_leaves_nothing_to_chance():
    found = sequence.lag([[5] * 10])
    assert found.counts.loc[5, 5] == 9
    assert np.isnan(found.z.loc[5, 5])
    assert np.isnan(found.yule_q.loc[5, 5])


def test_a_lag_longer_than_a_lesson_finds_nothing():
    assert sequence.lag(["TS"], lag=5).n == 0


@pytest.mark.parametrize("lag", [0, -1, 1.5, True, "1"])
def test_a_lag_is_a_step_forward(lag):
    with pytest.raises(MarkError, match="1、2、3"):
        sequence.lag(["TS"], lag=lag)


@pytest.mark.parametrize(
    "sequences, error, said",
    [
        ([["T", None]], CodeError, "第 2 个编码（第 1 节课）"),
        ([["T"], ["S", float("nan")]], CodeError, "第 2 个编码（第 2 节课）"),
        (["5", "10", "8"], ShapeError, "“10”是一个编码还是一节课"),
        (["讲授", "提问"], ShapeError, "一个编码还是一节课"),
        ([["T"], 5], ShapeError, "单个编码"),
        (pd.DataFrame({"a": ["T"]}), ShapeError, "列表"),
        (5, ShapeError, "列表"),
    ],
)
def test_what_is_no_lesson_is_refused(sequences, error, said):
    with pytest.raises(error, match=said):
        sequence.lag(sequences)


corpus = strategy.lists(strategy.lists(strategy.integers(1, 4), max_size=15), max_size=4)


@quickly
@given(corpus, strategy.integers(1, 3))
def test_counts_are_sums_and_expectations_keep_the_margins(lessons, lag):
    found = sequence.lag(lessons, lag)
    assert found.n == sum(max(0, len(lesson) - lag) for lesson in lessons)
    if found.n:
        for axis in (0, 1):
            assert found.expected.sum(axis=axis).tolist() == pytest.approx(
                found.counts.sum(axis=axis).tolist()
            )
    q = found.yule_q.to_numpy()
    assert (np.abs(q[~np.isnan(q)]) <= 1).all()


@quickly
@given(corpus)
def test_backwards_transposes_everything(lessons):
    found = sequence.lag(lessons)
    back = sequence.lag([lesson[::-1] for lesson in lessons])
    for name in ("counts", "z", "yule_q"):
        one, other = getattr(found, name).to_numpy(), getattr(back, name).to_numpy().T
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@quickly
@given(corpus)
def test_renaming_the_codes_moves_the_cells_only(lessons):
    found = sequence.lag(lessons)
    renamed = sequence.lag([["DCBA"[code - 1] for code in lesson] for lesson in lessons])
    for code in found.codes:
        for other in found.codes:
            a = found.z.loc[code, other]
            b = renamed.z.loc["DCBA"[code - 1], "DCBA"[other - 1]]
            assert a == pytest.approx(b, nan_ok=True)
