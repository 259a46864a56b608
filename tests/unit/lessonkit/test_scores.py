"""Standard scores, rates and value added: worked examples, another implementation, edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as strategy
from lessonkit import scores
from lessonkit.errors import MarkError, ShapeError

from tests.support.attitude import ATTITUDE
from tests.support.quickly import quickly

TEN = [95, 88, 82, 82, 76, 70, 65, 58, 44, 40]


def test_ten_pupils():
    found = scores.standard(TEN)
    assert found.columns.tolist() == ["z", "t", "pr", "rank"]
    assert found["t"].round(2).tolist() == [
        64.39, 60.36, 56.91, 56.91, 53.45, 50, 47.12, 43.09, 35.03, 32.73,
    ]  # fmt: skip
    assert found["pr"].tolist() == [95, 85, 70, 70, 55, 45, 35, 25, 15, 5]
    assert found["rank"].tolist() == [1, 2, 3, 3, 5, 6, 7, 8, 9, 10]
    assert scores.standard(TEN, ddof=1)["z"].iloc[0] == pytest.approx(25 / 18.3121, abs=1e-4)
    assert scores.standard_500(TEN).iloc[5] == 500


def test_a_second_implementation():
    """SciPy 1.17.1: stats.zscore; percentileofscore(kind="mean"), rankdata(method="min") agree too."""
    z = [1.4391, 1.0361, 0.6908, 0.6908, 0.3454, 0.0, -0.2878, -0.6908, -1.4966, -1.7269]
    assert scores.standard(TEN)["z"].round(4).tolist() == z


@pytest.mark.parametrize("given", [[], [60], [60, 60], [0.1, 0.1, 0.1], [60, None]])
def test_no_spread_gives_no_standard_score(given):
    found = scores.standard(given)
    assert found["z"].isna().all()
    assert found["t"].isna().all()
    assert len(found) == len(given)


def test_a_missing_score_stays_missing_and_labels_keep_their_order():
    given = pd.Series([60, None, 80], index=["S3", "S1", "S2"])
    found = scores.standard(given)
    assert found.index.tolist() == ["S3", "S1", "S2"]
    assert found.loc["S1"].isna().all()
    assert found["rank"].dropna().tolist() == [2, 1]
    assert found["pr"].dropna().tolist() == [25, 75]


def test_a_score_that_is_none_is_named():
    with pytest.raises(MarkError, match="第 2 个得分（行 S2）是“缺考”"):
        scores.standard(pd.Series([60, "缺考"], index=["S1", "S2"]))


@quickly
@given(strategy.lists(strategy.integers(0, 100), min_size=2), strategy.integers(1, 9))
def test_other_units_change_no_z_pr_or_rank(given, unit):
    one = scores.standard(given)
    other = scores.standard([unit * score + 5 for score in given])
    assert one["z"].tolist() == pytest.approx(other["z"].tolist(), nan_ok=True)
    assert one["pr"].tolist() == other["pr"].tolist()
    assert one["rank"].tolist() == other["rank"].tolist()
    assert one["pr"].mean() == pytest.approx(50)


def test_three_rates_of_ten_pupils():
    rates = scores.three_rates(TEN)
    assert (rates.excellent, rates.passed, rates.low) == (0.2, 0.7, 0)


def test_absent_pupils_are_not_in_the_rates():
    assert scores.three_rates([90, None]) == scores.ThreeRates(1, 1.0, 1.0, 0.0)
    assert scores.three_rates([None, None]).passed is None
    with pytest.raises(MarkError, match="大于 0"):
        scores.three_rates(TEN, full_mark=0)


# --- value added
def test_the_attitude_data_as_statsmodels_fits_them():
    """rating on complaints, two halves as groups; statsmodels 0.15.0, OLS(rating, const + complaints)."""
    found = scores.value_added(
        ATTITUDE["complaints"], ATTITUDE["rating"], ["前"] * 15 + ["后"] * 15
    )
    assert found.intercept == pytest.approx(14.376319406623601)
    assert found.slope == pytest.approx(0.7546098187193655)
    assert found.residuals.round(4).tolist()[:5] == [-9.8614, 0.3287, 3.801, -0.9167, 7.7641]
    assert found.by_group.to_dict() == pytest.approx({"前": 0.26605202417, "后": -0.26605202417})


def test_a_class_that_gains_shows():
    found = scores.value_added([50, 60, 50, 60], [50, 60, 54, 64], list("aabb"))
    assert (found.slope, found.by_group.to_dict()) == (pytest.approx(1), {"a": -2, "b": 2})
    assert found.z_gain["b"] > 0 > found.z_gain["a"]


def test_who_has_one_score_only_or_no_group_is_where_he_belongs():
    pre = pd.Series([50, 60, None, 70, 80], index=list("vwxyz"))
    found = scores.value_added(pre, [55, 65, 70, None, 85], ["a", "a", "a", "c", None])
    assert found.residuals.index.tolist() == list("vwxyz")
    assert found.residuals.isna().tolist() == [False, False, True, True, False]
    assert found.by_group.index.tolist() == ["a", "c"]
    assert np.isnan(found.by_group["c"]), "nobody of this group has both scores"
    assert found.slope == pytest.approx(1), "the pupil without a group is in the line"


def test_series_of_another_order_are_put_in_one():
    pre = pd.Series([50, 60, 75], index=list("abc"))
    post = pd.Series([70, 80, 66], index=list("bca"))
    groups = pd.Series(["B", "A", "A"], index=list("cab"))
    found = scores.value_added(pre, post, groups)
    plain = scores.value_added([50, 60, 75], [66, 70, 80], ["A", "A", "B"])
    assert found.residuals.tolist() == plain.residuals.tolist()
    assert found.by_group.to_dict() == plain.by_group.to_dict()


@pytest.mark.parametrize(
    "pre, post", [([], []), ([5], [6]), ([5, 5], [6, 7]), ([None, 5], [6, None])]
)
def test_without_a_spread_there_is_no_line(pre, post):
    found = scores.value_added(pre, post, ["a"] * len(pre))
    assert (found.slope, found.intercept) == (None, None)
    assert found.residuals.isna().all()
    assert found.by_group.isna().all()


@pytest.mark.parametrize(
    "pre, post, groups, error, said",
    [
        ([1, 2], [1], ["a", "a"], ShapeError, "前测 2 个，后测 1 个，分组 2 个"),
        ([1, "?"], [1, 2], ["a", "a"], MarkError, "第 2 个前测得分"),
        ([1, 2], [1, float("inf")], ["a", "a"], MarkError, "第 2 个后测得分"),
    ],
)
def test_what_cannot_be_compared_is_refused(pre, post, groups, error, said):
    with pytest.raises(error, match=said):
        scores.value_added(pre, post, groups)


pupils = strategy.lists(
    strategy.tuples(strategy.integers(0, 100), strategy.integers(0, 100), strategy.sampled_from("abc")),
    min_size=2, max_size=20,
)  # fmt: skip


@quickly
@given(pupils)
def test_what_the_line_leaves_sums_to_nothing(rows):
    found = scores.value_added(*zip(*rows, strict=True))
    if found.slope is not None:
        assert found.residuals.sum() == pytest.approx(0, abs=1e-6)
        sizes = pd.Series([row[2] for row in rows]).value_counts()
        assert (found.by_group * sizes).sum() == pytest.approx(0, abs=1e-6)
