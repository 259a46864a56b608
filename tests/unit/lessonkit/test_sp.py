"""The S-P table, its curves and indices, against an example worked out by hand and Guttman's formula."""

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessonkit import sp
from lessonkit.errors import MarkError
from lessonkit.sp_chart import sp_svg

from tests.support.golden_class import ROWS
from tests.support.quickly import quickly

# Twelve students, eight items: the class of the item statistics' own golden test.
CLASS = pd.DataFrame(
    [[int(mark) for mark in row] for row in ROWS],
    index=[f"S{number:02d}" for number in range(1, 13)],
    columns=[f"Q{number}" for number in range(1, 9)],
)


def test_the_table_stands_in_the_order_of_totals_and_counts():
    table = sp.arrange(CLASS)
    assert table.index.tolist() == CLASS.index.tolist()
    assert table.columns.tolist() == ["Q1", "Q2", "Q3", "Q4", "Q5", "Q7", "Q6", "Q8"]


def test_who_missed_the_harder_items_comes_first_among_equals():
    table = sp.arrange(CLASS.iloc[::-1])
    assert table.index.tolist() == CLASS.index.tolist()


def test_the_curves_are_the_totals_and_the_counts():
    table = sp.arrange(CLASS)
    assert table.sum(axis=1).tolist() == [7, 7, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1]
    assert table.sum().tolist() == [10, 9, 8, 7, 6, 4, 3, 2]
    assert sp.chart(CLASS).student_order == table.index.tolist()
    assert sp.chart(CLASS).item_order == table.columns.tolist()


def test_caution_of_students_by_hand():
    # S05 = 11011001, in the table's order 1 1 0 1 1 | 0 0 1: missed Q3 (8), gained Q8 (2);
    # (8 - 2) / (10 + 9 + 8 + 7 + 6 - 5 * 49 / 8) = 6 / 9.375.
    found = sp.chart(CLASS).cs
    assert found["S05"] == pytest.approx(6 / 9.375)
    assert found.round(4).tolist() == [
        0.0, 0.4848, 0.0, 0.32, 0.64, 0.1053, 0.5263, 0.0, 0.5797, 0.0, 0.7407, 0.5161,
    ]  # fmt: skip
    assert found[found >= 0.5].index.tolist() == ["S05", "S07", "S09", "S11", "S12"]


def test_caution_of_items_by_hand():
    # Q7: right for S01, S03, S07, S11; of the four best missed S02 (7) and S04 (5), gained
    # S07 (4) and S11 (2); (12 - 6) / (7 + 7 + 6 + 5 - 4 * 49 / 12) = 6 / 8.6667.
    found = sp.chart(CLASS).cp
    assert found["Q7"] == pytest.approx(6 / (25 - 49 / 3))
    assert found[found >= 0.5].index.tolist() == ["Q7"]
    assert found["Q3"] == pytest.approx(0.48)


def test_a_second_implementation():
    """R's PerFit 1.4.6: C.Sato, Cstar (Harnisch & Linn's modified index), and C.Sato of t(x).

    On its InadequacyData (806 persons, 28 items) all three agree to the 4 digits that it gives.
    """
    found = sp.chart(CLASS)
    assert found.cs.round(4).tolist() == [
        0.0, 0.4848, 0.0, 0.32, 0.64, 0.1053, 0.5263, 0.0, 0.5797, 0.0, 0.7407, 0.5161,
    ]  # fmt: skip
    assert found.mci.round(4).tolist() == [
        0.0, 0.25, 0.0, 0.1667, 0.3333, 0.0526, 0.2632, 0.0, 0.2778, 0.0, 0.3571, 0.25,
    ]  # fmt: skip
    assert found.cp.round(4).tolist() == [
        0.1935, 0.2759, 0.48, 0.1062, 0.2105, 0.129, 0.6923, 0.3429,
    ]  # fmt: skip


def guttman(row, weights):
    """C = 1 - cov(y, p) / cov(y*, p), with y* the same total on the easiest items."""
    best = np.zeros(len(row))
    best[: int(row.sum())] = 1
    return 1 - np.cov(row, weights)[0, 1] / np.cov(best, weights)[0, 1]


@quickly
@given(
    st.integers(2, 9).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 1), min_size=n, max_size=n), min_size=2)
    )
)
def test_caution_is_what_the_covariances_say(rows):
    marks = pd.DataFrame(rows)
    table = sp.arrange(marks)
    found = sp.chart(marks)
    for index, part in (
        (found.cs.loc[found.student_order], table),
        (found.cp.loc[found.item_order], table.T),
    ):
        weights = part.sum().to_numpy()
        for (_, row), value in zip(part.iterrows(), index, strict=True):
            x = int(row.sum())
            if not 0 < x < len(row) or len(set(weights)) == 1:
                assert np.isnan(value)
            elif np.isfinite(value):
                assert value == pytest.approx(guttman(row.to_numpy(), weights))
    modified = found.mci.dropna()
    assert ((modified >= -1e-9) & (modified <= 1 + 1e-9)).all()


def test_the_modified_index_reaches_one_for_the_reverse_of_what_is_expected():
    marks = pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 1, 0, 0], "c": [1, 0, 0, 1]})
    assert sp.chart(marks).mci.loc[3] == pytest.approx(1)


@pytest.mark.parametrize(
    "size, value",
    [(5, 0.2289), (10, 0.2727), (15, 0.3070), (20, 0.3298), (25, 0.3463), (30, 0.3587), (40, 0.3767)],
)  # fmt: skip
def test_the_expected_disparity(size, value):
    assert sp.expected_disparity(size) == pytest.approx(value, abs=5e-5)


def test_disparity_of_the_class():
    # Ten cells lie between the curves; 49 of 96 marks are right; M = floor(9.80 + 0.5) = 10.
    p = 49 / 96
    assert sp.chart(CLASS).d_star == pytest.approx(10 / (4 * 96 * p * (1 - p) * 0.27274), rel=1e-3)


def test_a_perfect_staircase_has_no_disparity():
    steps = pd.DataFrame([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert sp.chart(steps).d_star == 0
    assert sp.chart(steps).cs.dropna().tolist() == [0, 0]


@pytest.mark.parametrize("marks", [[[0.5]], [[2]], [[-1]]])
def test_other_marks_than_0_and_1_are_refused(marks):
    with pytest.raises(MarkError, match="第 1 行"):
        sp.arrange(pd.DataFrame(marks))


def test_a_student_with_a_missing_mark_is_left_out():
    table = sp.arrange(pd.DataFrame({"a": [1, 1, None], "b": [0, 1, 1]}))
    assert table.index.tolist() == [1, 0]
    assert str(table.dtypes["a"]).startswith("int")
    found = sp.chart(pd.DataFrame({"a": [1, 1, None], "b": [0, 1, 1]}))
    assert found.student_order == [1, 0]
    assert found.cs.index.tolist() == [0, 1, 2], "the indices stay in the input's order"
    assert np.isnan(found.cs[2])


@pytest.mark.parametrize(
    "lang, word", [("zh_CN", "差异系数 D* ≈ 0.38（近似）"), ("en", "≈ 0.38 (approximate)")]
)
def test_the_picture_says_what_the_numbers_say(lang, word):
    svg = sp_svg(CLASS, lang)
    texts = [element.text for element in ET.fromstring(svg).iter() if element.text]
    assert any(word in text for text in texts)
    assert "0.64 !" in texts
    assert sum(text.endswith(" !") for text in texts) == 6
    assert "style=" not in svg, "the portal's pages allow no styles in the markup"
    curves = [e.get("points") for e in ET.fromstring(svg).iter() if e.tag.endswith("polyline")]
    assert len(curves) == 2


def test_names_in_the_picture_are_text():
    svg = sp_svg(pd.DataFrame({"<b>": [1, 0]}, index=["<script>", "&"]))
    assert "<script>" not in svg
    ET.fromstring(svg)


def test_nobody_gives_no_picture():
    with pytest.raises(ValueError, match="at least one student"):
        sp_svg(pd.DataFrame({"a": [None]}))


def test_the_indices_stand_by_the_inputs_labels():
    mixed = CLASS.iloc[::-1, ::-1]
    found, plain = sp.chart(mixed), sp.chart(CLASS)
    assert found.cs.index.tolist() == mixed.index.tolist()
    assert found.cp.index.tolist() == mixed.columns.tolist()
    assert found.cs.to_dict() == pytest.approx(plain.cs.to_dict(), nan_ok=True)
    assert found.cp.to_dict() == pytest.approx(plain.cp.to_dict(), nan_ok=True)
    assert found.d_star == plain.d_star


def test_two_students_of_one_name_stay_two():
    twice = CLASS.set_axis(["张三"] * 12)
    assert sp.chart(twice).cs.tolist() == pytest.approx(sp.chart(CLASS).cs.tolist(), nan_ok=True)
    assert "0.64 !" in sp_svg(twice)


@pytest.mark.parametrize("matrix", [[], [[]], pd.DataFrame({"a": [None]}), [[1]], [[0]], [[1, 1]]])
def test_where_nobody_differs_there_is_no_index(matrix):
    found = sp.chart(matrix)
    assert found.d_star is None
    assert found.cs.isna().all()
    assert found.cp.isna().all()
    assert found.mci.isna().all()


def test_a_county_fits():
    """35,000 pupils and 40 items: as arrays, not pupil by pupil."""
    rows = np.random.default_rng(7).integers(0, 2, size=(35_000, 40))
    found = sp.chart(rows)
    assert len(found.student_order) == 35_000
    assert 0.5 < found.d_star < 1.5, "marks by chance have about the disparity of chance"
