"""Agreement of two coders: worked and published tables, another implementation's figures, invariants."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as strategy
from lessonkit import agreement
from lessonkit.errors import CodeError, MarkError, ShapeError

from tests.support.quickly import quickly

GOLDEN = [[20, 5], [10, 15]]
#: Cohen 1968, Psychological Bulletin 70, who reports κ = .492 (as counts of 200).
COHEN_1968 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
#: Fleiss, Cohen & Everitt 1969, Psychological Bulletin 72: κ = .429.
FLEISS_1969 = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]
#: A table whose figures the SAS manual prints: κ = 0.4842, weighted 0.4701.
SAS = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
#: Bortz, Lienert & Boehnke 1990, Verteilungsfreie Methoden in der Biostatistik, six ordered classes.
BORTZ = [
    [5, 8, 1, 2, 4, 2], [3, 5, 3, 5, 5, 0], [1, 2, 6, 11, 2, 1],
    [0, 1, 5, 4, 3, 3], [0, 0, 1, 2, 5, 2], [0, 0, 1, 2, 1, 4],
]  # fmt: skip


def test_the_worked_example():
    kappa = agreement.cohen_kappa(GOLDEN)
    assert (kappa.po, kappa.pe, kappa.n) == (0.7, 0.5, 50)
    assert (round(kappa.value, 4), round(kappa.se, 4)) == (0.4, 0.1296)
    assert round(agreement.scott_pi(GOLDEN).value, 4) == 0.3939


@pytest.mark.parametrize("table, value", [(COHEN_1968, 0.492), (FLEISS_1969, 0.429), (SAS, 0.4842)])
def test_what_the_papers_print(table, value):
    assert agreement.cohen_kappa(table).value == pytest.approx(value, abs=5e-4)


# scikit-learn 1.9.1, cohen_kappa_score. R's irr 0.84.1, kappa2 ("unweighted", "equal", "squared"), gives
# the same for Cohen's and Bortz's tables, psych 2.5.3 for Cohen's, statsmodels 0.15.0 all unweighted ones.
@pytest.mark.parametrize(
    "table, plain, linear, quadratic",
    [
        (GOLDEN, 0.4, 0.4, 0.4),
        (COHEN_1968, 0.4915254237, 0.4736842105, 0.4545454545),
        (FLEISS_1969, 0.4285714286, 0.4923076923, 0.5666666667),
        (SAS, 0.4841628959, 0.4701195219, 0.4501607717),
        (BORTZ, 0.1510223604, 0.3156684551, 0.4134954884),
    ],
)
def test_a_second_implementation(table, plain, linear, quadratic):
    assert agreement.cohen_kappa(table).value == pytest.approx(plain, abs=1e-9)
    assert agreement.weighted_kappa(table) == pytest.approx(linear, abs=1e-9)
    assert agreement.weighted_kappa(table, "quadratic") == pytest.approx(quadratic, abs=1e-9)


@pytest.mark.parametrize(
    "table, expected",
    [
        ([[7]], (None, 1.0, 1.0, None, 7)),  # one category: chance explains all
        ([[7, 0], [0, 0]], (None, 1.0, 1.0, None, 7)),
        ([[0, 0], [0, 0]], (None, None, None, None, 0)),
        ([], (None, None, None, None, 0)),
        (pd.DataFrame(), (None, None, None, None, 0)),
        ([[0, 7], [0, 0]], (0.0, 0.0, 0.0, 0.0, 7)),  # never agreed, as chance has it
        ([[5, 0], [0, 5]], (1.0, 1.0, 0.5, 0.0, 10)),
        ([[0, 5], [5, 0]], (-1.0, 0.0, 0.5, 0.0, 10)),
    ],
)
def test_the_edges(table, expected):
    found = agreement.cohen_kappa(table)
    assert (found.value, found.po, found.pe, found.se, found.n) == expected


@pytest.mark.parametrize("table", [[[7]], [], [[7, 0], [0, 0]]])
def test_weights_of_nothing_are_none(table):
    assert agreement.weighted_kappa(table) is None
    assert agreement.scott_pi(table).value is None


def test_rows_and_columns_are_matched_by_their_labels():
    table = pd.DataFrame(GOLDEN, index=["T", "S"], columns=["T", "S"])
    assert agreement.cohen_kappa(table[["S", "T"]]) == agreement.cohen_kappa(GOLDEN)
    counted = pd.DataFrame(GOLDEN)
    assert agreement.cohen_kappa(counted[[1, 0]]) == agreement.cohen_kappa(GOLDEN)
    half = pd.DataFrame(GOLDEN, columns=["T", "S"])
    assert agreement.cohen_kappa(half) == agreement.cohen_kappa(GOLDEN), (
        "rows that are only counted"
    )


def test_a_category_that_one_coder_never_used_counts_as_0():
    a, b = [1, 2, 3, 3, 1], [1, 1, 3, 3, 1]
    whole, part = agreement.table(a, b), pd.crosstab(pd.Series(a), pd.Series(b))
    assert part.shape == (3, 2)
    assert agreement.cohen_kappa(part) == agreement.cohen_kappa(whole)
    assert agreement.weighted_kappa(part) == agreement.weighted_kappa(whole)


@pytest.mark.parametrize(
    "table, error, said",
    [
        ([[1, 2, 3], [4, 5, 6]], ShapeError, "2 行 3 列"),
        ([[1, 2], [3]], ShapeError, "每行一样长"),
        ([[0.2, 0.3], [0.1, 0.4]], MarkError, "次数，不是比例"),
        ([[1, -2], [3, 4]], MarkError, "第 1 行第 2 列是 -2"),
        ([[1, np.nan], [3, 4]], MarkError, "第 1 行第 2 列"),
        (pd.DataFrame(GOLDEN, index=["T", "T"], columns=["T", "S"]), ShapeError, "出现了两次"),
        (
            pd.DataFrame(GOLDEN, index=["T", "S"], columns=["a", "b"]),
            ShapeError,
            "没有一个共同的编码",
        ),
    ],
)
def test_what_is_no_table_of_agreement(table, error, said):
    for function in (agreement.cohen_kappa, agreement.scott_pi, agreement.weighted_kappa):
        with pytest.raises(error, match=said):
            function(table)


def test_other_weights_are_refused():
    with pytest.raises(ShapeError, match="cubic"):
        agreement.weighted_kappa(GOLDEN, "cubic")


# --- the table
def test_codes_stand_by_size_and_keep_their_kind():
    assert list(agreement.table([10, 9, 2], [10, 2, 2]).index) == [2, 9, 10]
    assert list(agreement.table(["10", "9"], [" ９", "9"]).index) == ["9", "10"]
    assert list(agreement.table([1, 2], ["1", "2"]).index) == ["1", "2"]
    assert agreement.table([1, 1, 2], [1, 2, 2]).loc[1, 2] == 1


def test_series_with_the_same_labels_are_aligned_and_others_go_by_place():
    a = pd.Series(["T", "S"], index=[0, 30])
    assert agreement.table(a, pd.Series(["S", "T"], index=[30, 0])).to_numpy().trace() == 2
    assert agreement.table(a, pd.Series(["T", "S"], index=[7, 8])).to_numpy().trace() == 2


@pytest.mark.parametrize(
    "a, b, error, said",
    [
        (["T"], ["T", "S"], ShapeError, "甲 1 个，乙 2 个"),
        (["T", None], ["T", "S"], CodeError, "第 2 个编码"),
        (["T", "S"], pd.Series(["T", np.nan], index=["x", "y"]), CodeError, "行 y"),
    ],
)
def test_what_cannot_be_aligned_is_refused(a, b, error, said):
    with pytest.raises(error, match=said):
        agreement.table(a, b)


def test_a_text_is_its_letters_or_what_stands_between_blanks():
    assert agreement.table("TTS", "TSS").equals(agreement.table(list("TTS"), list("TSS")))
    assert list(agreement.table("5 10", "5 5").index) == ["5", "10"]
    with pytest.raises(ShapeError, match="一个编码还是一节课"):
        agreement.table("讲授", "讲授")


def test_no_slot_gives_an_empty_table():
    assert agreement.table([], []).shape == (0, 0)


codes = strategy.lists(
    strategy.tuples(strategy.integers(0, 4), strategy.integers(0, 4)), min_size=1, max_size=40
)
MEASURES = [
    lambda table: agreement.cohen_kappa(table).value,
    lambda table: agreement.scott_pi(table).value,
    agreement.weighted_kappa,
    lambda table: agreement.weighted_kappa(table, "quadratic"),
]


@quickly
@given(codes)
def test_it_does_not_matter_who_is_first(pairs):
    a, b = zip(*pairs, strict=True)
    for measure in MEASURES:
        assert measure(agreement.table(a, b)) == pytest.approx(measure(agreement.table(b, a)))


@quickly
@given(codes, strategy.permutations(range(5)))
def test_renaming_the_codes_changes_nothing(pairs, names):
    a, b = zip(*pairs, strict=True)
    renamed = agreement.table([names[x] for x in a], [names[x] for x in b])
    for measure in MEASURES[:2]:
        assert measure(renamed) == pytest.approx(measure(agreement.table(a, b)))


@quickly
@given(codes, strategy.integers(2, 5))
def test_the_lesson_again_changes_only_the_error(pairs, times):
    a, b = zip(*pairs, strict=True)
    once, often = agreement.table(a, b), agreement.table(a * times, b * times)
    for measure in MEASURES:
        assert measure(once) == pytest.approx(measure(often))
    if (se := agreement.cohen_kappa(once).se) is not None:
        assert agreement.cohen_kappa(often).se == pytest.approx(se / times**0.5)


@quickly
@given(codes)
def test_never_above_1_and_1_only_in_agreement(pairs):
    a, b = zip(*pairs, strict=True)
    value = agreement.cohen_kappa(agreement.table(a, b)).value
    if value is not None:
        assert -1 <= value <= 1 + 1e-12
        assert (value == 1) == (a == b)
