"""ITIAS, iFIAS, questions, IRF and TPACK: worked examples, empty input, and invariants."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as strategy
from lessonkit import books, ifias, irf, itias, questions, tpack
from lessonkit.errors import BookError, CodeError, MarkError, ShapeError

from tests.support.quickly import quickly

# --- ITIAS: a lesson of 800 codes, worked by hand
COUNTS = [2, 10, 24, 12, 48, 240, 40, 4, 60, 40, 10, 50, 10, 60, 90, 60, 30, 10]
BY_HAND = {
    "n": 800,
    "teacher": 47.5,  # 380 / 800
    "student": 20.0,  # 160 / 800
    "silence": 20.0,
    "technology": 12.5,
    "indirect_direct": 96 / 284,
    "positive_negative": 36 / 44,
    "open_questions": 20.0,  # 12 / 60
    "question_share": 6000 / 380,
    "active_response": 40.0,
    "student_initiation": 31.25,  # 50 / 160
    "peer": 31.25,
    "useful_silence": 93.75,
    "teacher_technology": 60.0,
}


@pytest.mark.parametrize("name, value", BY_HAND.items())
def test_itias_of_800_codes(name, value):
    assert getattr(itias.from_counts(COUNTS), name) == pytest.approx(value)


def test_codes_and_counts_say_the_same():
    codes = [code for code, count in enumerate(COUNTS, 1) for _ in range(count)]
    assert itias.analyse(codes) == itias.from_counts(COUNTS)
    counts = pd.Series(codes).value_counts()
    assert itias.from_counts(counts) == itias.from_counts(COUNTS)
    assert itias.from_counts(counts.to_dict()) == itias.from_counts(pd.Series(COUNTS))


def test_of_no_code_everything_is_none():
    lesson = itias.analyse([])
    assert lesson.n == 0
    assert {value for name, value in vars(lesson).items() if name != "n"} == {None}
    assert lesson == itias.from_counts([0] * 18)


@pytest.mark.parametrize(
    "counts, error, said",
    [
        ([1] * 17, ShapeError, "得到 17 个"),
        ([1] * 17 + [-1], MarkError, "编码 18 的计数是“-1”"),
        ([1] * 17 + [0.5], MarkError, "编码 18 的计数是“0.5”"),
        ([1] * 17 + [None], MarkError, "编码 18"),
        ([1] * 17 + ["x"], MarkError, "编码 18"),
        ({19: 2}, CodeError, "“19”"),
    ],
)
def test_counts_that_are_none_are_refused(counts, error, said):
    with pytest.raises(error, match=said):
        itias.from_counts(counts)


@quickly
@given(strategy.lists(strategy.integers(1, 18), min_size=1))
def test_the_four_parts_of_itias_are_everything(codes):
    lesson = itias.analyse(codes)
    parts = lesson.teacher + lesson.student + lesson.silence + lesson.technology
    assert parts == pytest.approx(100)
    assert itias.analyse(sorted(codes)) == lesson, "the order of codes is not looked at"


# --- iFIAS
def test_itias_becomes_ifias_and_18_is_refused_not_dropped():
    codes = list(range(1, 18))
    mapped = ifias.map_codes(codes, ifias.FROM_ITIAS)
    assert mapped == [
        "1", "2", "3", "4.1", "4.2", "5", "6", "7", "8", "9.1", "9.2", "10", "11", "12", "12", "13",
        "14",
    ]  # fmt: skip
    assert books.IFIAS.read(mapped) == mapped
    with pytest.raises(CodeError, match="18 无对应编码"):
        ifias.map_codes([*codes, 18], ifias.FROM_ITIAS)


def test_ifias_becomes_fias_where_it_can():
    targets = ifias.map_codes(["4.1", 4.2, "９．２", 12], ifias.TO_FIAS)
    assert targets == books.FIAS.read(targets) == [4, 4, 9, 10]
    assert set(ifias.TO_FIAS) | {"10", "13", "14"} == set(books.IFIAS.labels)


def test_a_series_stays_a_series_and_the_target_is_taken_as_written():
    codes = pd.Series([4, 5], index=["a", "b"])
    mapped = ifias.map_codes(codes, {"4": 4.1, 5: "4.2"})
    assert mapped.to_dict() == {"a": 4.1, "b": "4.2"}
    assert ifias.map_codes([], {}) == []


@pytest.mark.parametrize(
    "codes, mapping, error, said",
    [
        ([1, None], {1: 1}, CodeError, "第 2 个编码：空编码"),
        ([1, 2], {1: 1, 2: None}, CodeError, "第 2 个编码：2 无对应编码"),
        ([1], {1: "a", "1": "b"}, BookError, "两个不同的对应"),
    ],
)
def test_a_hole_in_the_mapping_is_an_error(codes, mapping, error, said):
    with pytest.raises(error, match=said):
        ifias.map_codes(codes, mapping)


# --- questions
LEVELS = [level for level, count in enumerate([18, 12, 6, 5, 2, 1], 1) for _ in range(count)]
KINDS = ["是何"] * 20 + ["为何"] * 12 + ["如何"] * 9 + ["若何"] * 3
WAITS = [0.5, 1.2, 2.0, 3.0, 3.4, 4.9, 5.0, 6.2, 1.8, 0.9]


def test_blooms_levels_of_44_questions():
    found = questions.bloom(LEVELS)
    assert (found.n, found.counts.tolist()) == (44, [18, 12, 6, 5, 2, 1])
    assert (round(found.high_order, 2), round(found.mean_level, 4)) == (18.18, 2.1818)


def test_the_four_kinds_of_44_questions():
    found = questions.sihe(KINDS)
    assert found.shares.round(2).to_dict() == {
        "是何": 45.45,
        "为何": 27.27,
        "如何": 20.45,
        "若何": 6.82,
    }
    assert (found.n, round(found.deep, 2)) == (44, 27.27)


def test_ten_waits():
    found = questions.wait_time(WAITS)
    assert (found.n, round(found.mean, 2), round(found.median, 2)) == (10, 2.89, 2.5)
    assert (found.under3, found.from3to5, found.over5) == (5, 4, 1)


def test_without_questions_there_is_no_share():
    assert (questions.bloom([]).high_order, questions.bloom([]).mean_level) == (None, None)
    assert questions.sihe([]).deep is None
    assert questions.sihe([]).shares.isna().all()
    assert questions.wait_time([]) == questions.WaitResult(0, None, None, 0, 0, 0)


def test_a_wait_that_was_not_measured_is_not_counted():
    assert questions.wait_time([1, None, "4", float("nan")]).n == 2


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: questions.bloom([1, 7]), "第 2 个编码是“7”"),
        (lambda: questions.bloom(["记忆", "背诵"]), "第 2 个编码是“背诵”"),
        (lambda: questions.sihe(["是何", "何时"]), "第 2 个编码是“何时”"),
        (lambda: questions.wait_time([3, -1]), "第 2 个等待秒数是“-1”"),
        (lambda: questions.wait_time([3, "慢"]), "第 2 个等待秒数是“慢”"),
    ],
)
def test_what_is_no_question_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@quickly
@given(strategy.lists(strategy.floats(0, 60)))
def test_the_three_bands_are_everything(waits):
    found = questions.wait_time(waits)
    assert found.under3 + found.from3to5 + found.over5 == found.n == len(waits)


# --- IRF
def test_the_exchanges_of_twenty_moves():
    moves = "IRFIRIRFRFIIRFIRFRFRF"
    found = irf.exchanges(moves)
    assert irf.split(moves) == ["IRF", "IR", "IRFRF", "I", "IRF", "IRFRFRF"]
    assert (found.exchanges, found.complete, found.ir_only, found.i_only) == (6, 4, 1, 1)
    assert (found.extended, found.mean_length) == (2, 3.5)
    assert round(found.complete_share, 2) == 66.67
    assert irf.exchanges(list(moves.replace("F", "E"))) == found, "Mehan writes E for F"


@pytest.mark.parametrize(
    "moves, complete, ir_only, i_only, extended",
    [("IRR", 0, 1, 0, 1), ("IF", 0, 0, 1, 0), ("IFR", 0, 1, 0, 0), ("IRRF", 1, 0, 0, 1)],
)
def test_an_exchange_is_of_one_kind(moves, complete, ir_only, i_only, extended):
    found = irf.exchanges(moves)
    assert (found.complete, found.ir_only, found.i_only) == (complete, ir_only, i_only)
    assert found.extended == extended


def test_without_a_move_there_is_no_exchange():
    assert irf.exchanges([]) == irf.IrfResult(0, 0, 0, 0, 0, None)


@pytest.mark.parametrize("moves, said", [("RFI", "第 1 个话步是 R"), ("IRX", "第 3 个编码是“X”")])
def test_moves_outside_an_exchange_are_refused(moves, said):
    with pytest.raises(CodeError, match=said):
        irf.exchanges(moves)


talk = strategy.lists(strategy.text(alphabet="RF", max_size=5)).map(
    lambda parts: "".join(f"I{part}" for part in parts)
)


@quickly
@given(talk, talk)
def test_two_talks_joined_are_the_sum(a, b):
    one, two, both = irf.exchanges(a), irf.exchanges(b), irf.exchanges(a + b)
    for name in ("exchanges", "complete", "ir_only", "i_only", "extended"):
        assert getattr(both, name) == getattr(one, name) + getattr(two, name)
    assert both.complete + both.ir_only + both.i_only == both.exchanges


# --- TPACK
def test_ten_segments():
    found = tpack.analyse(["C", "PC", "P", "TPC", "TC", "PC", "TP", "TPC", "T", "PC"])
    assert found.counts.to_dict() == {
        "CK": 1, "PK": 1, "TK": 1, "PCK": 3, "TCK": 1, "TPK": 1, "TPACK": 2,
    }  # fmt: skip
    assert (found.technology, found.tpack, found.integrated) == (50.0, 20.0, 70.0)


def test_without_a_segment_there_is_no_share():
    found = tpack.analyse([])
    assert found.counts.sum() == 0
    assert (found.technology, found.tpack, found.integrated) == (None, None, None)


def test_letters_sets_and_names_are_the_same_segment():
    ways = [["pct"], [{"T", "C", "P"}], ["TPACK"], [["学科内容", "教学法", "技术"]], ["C,P,T"]]
    assert {tpack.analyse(way).counts["TPACK"] for way in ways} == {1}


@pytest.mark.parametrize("segment", ["", None, set(), "CX", 5, math.nan])
def test_a_segment_without_letters_is_named(segment):
    with pytest.raises(CodeError, match="第 2 个片段"):
        tpack.analyse(["C", segment])
