"""FIAS: the worked example of 44 codes, padding, and what holds for any lesson.

No complete published matrix with all of Flanders' ratios was found; the example is worked
by hand in the domain's reference.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as strategy
from lessonkit import fias
from lessonkit.errors import CodeError

from tests.support.quickly import quickly

TEXT = "5 5 5 4 8 3 5 5 4 8 2 5 6 10 8 8 3 4 9 9 3 2 5 5 4 8 4 8 5 5 7 6 10 8 8 2 4 9 9 9 3 5 5 5"
CODES = [int(code) for code in TEXT.split()]
GOLDEN = {
    "n": 45, "tt": 64.44, "pt": 28.89, "sc": 6.67, "i_d": 0.8125, "i_d_revised": 2.3333,
    "trr": 70.0, "tqr": 31.58, "pir": 38.46, "trr89": 100.0, "tqr89": 50.0, "ccr": 62.22,
    "ssr": 26.67, "pssr": 38.46, "positive_cells": 1, "defect_cells": 1,
}  # fmt: skip
RATIOS = [name for name in GOLDEN if name not in ("n", "positive_cells", "defect_cells")]


@pytest.mark.parametrize("name, value", GOLDEN.items())
def test_ratios_of_44_codes(name, value):
    assert round(getattr(fias.analyse(CODES), name), 4 if "i_d" in name else 2) == value


def test_matrix_of_44_codes():
    lesson = fias.analyse(CODES)
    assert lesson.columns.tolist() == [0, 3, 4, 6, 13, 2, 1, 8, 5, 3]
    assert lesson.matrix.sum(axis=1).tolist() == lesson.columns.tolist()
    assert lesson.matrix.loc[8].tolist() == [0, 2, 2, 1, 1, 0, 0, 2, 0, 0]
    assert list(lesson.matrix.index) == list(lesson.matrix.columns) == list(range(1, 11))


def test_without_padding_the_first_code_is_in_no_column():
    lesson = fias.analyse(CODES, pad=False)
    assert lesson.n == 43
    assert lesson.columns.tolist() == [0, 3, 4, 6, 12, 2, 1, 8, 5, 2]
    assert (lesson.columns - lesson.matrix.sum(axis=1)).abs().sum() == 0  # begins and ends with 5


@pytest.mark.parametrize(
    "codes, pad, n", [([], True, 0), ([], False, 0), ([5], True, 2), ([5], False, 0)]
)
def test_of_nothing_the_ratios_are_none_not_zero(codes, pad, n):
    lesson = fias.analyse(codes, pad=pad)
    assert lesson.n == n
    if n == 0:
        assert [getattr(lesson, name) for name in RATIOS] == [None] * len(RATIOS)


def test_a_lesson_of_one_code():
    lesson = fias.analyse([5] * 800, pad=False)
    assert (lesson.tt, lesson.ssr, lesson.ccr, lesson.i_d, lesson.tqr) == (100, 100, 100, 0, 0)
    assert (lesson.i_d_revised, lesson.trr, lesson.pir, lesson.pssr) == (None,) * 4


@pytest.mark.parametrize(
    "codes",
    [
        TEXT,
        TEXT.replace(" ", "，"),
        [str(code) for code in CODES],
        [float(code) for code in CODES],
        np.array(CODES),
        pd.Series(CODES, dtype="Int64"),
        pd.Series(CODES).astype("category"),
        [f" {chr(0xFF10 + code)}" if code < 10 else "１０" for code in CODES],
    ],
)
def test_the_spelling_and_the_container_do_not_matter(codes):
    assert fias.analyse(codes).matrix.equals(fias.analyse(CODES).matrix)


@pytest.mark.parametrize("code", [0, 11, 4.5, "五", None, float("nan"), True, "", [5]])
def test_a_code_outside_the_table_is_named(code):
    with pytest.raises(CodeError, match="第 2 个编码"):
        fias.analyse([5, code, 5])


lessons = strategy.lists(strategy.integers(1, 10), max_size=80)


@quickly
@given(lessons)
def test_talk_and_silence_are_everything(codes):
    lesson = fias.analyse(codes)
    if codes:
        assert lesson.tt + lesson.pt + lesson.sc == pytest.approx(100)
        assert lesson.n == len(codes) + 1 == lesson.columns.sum()
        assert lesson.matrix.sum(axis=1).tolist() == lesson.columns.tolist()


@quickly
@given(lessons)
def test_backwards_transposes_the_matrix(codes):
    lesson, back = fias.analyse(codes), fias.analyse(codes[::-1])
    assert lesson.matrix.to_numpy().tolist() == back.matrix.to_numpy().T.tolist()
    assert (lesson.tt, lesson.ccr, lesson.ssr, lesson.pssr) == (
        back.tt, back.ccr, back.ssr, back.pssr,
    )  # fmt: skip


@quickly
@given(lessons, lessons)
def test_unpadded_parts_joined_have_one_pair_more(a, b):
    one, two, both = (fias.analyse(codes, pad=False).matrix for codes in (a, b, a + b))
    more = both - one - two
    assert more.to_numpy().sum() == bool(a and b)
    if a and b:
        assert more.loc[a[-1], b[0]] == 1
