"""S-T analysis: the worked examples, the edges of the mode table, and what holds for any lesson."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as strategy
from lessonkit import st
from lessonkit.errors import CodeError, MarkError

from tests.support.quickly import quickly

A = "TTTTTSSTTTSSSSTTTTTSSTTSSSSSTTTTTTSSTTTT"


@pytest.mark.parametrize(
    "codes, rt, ch, mode, borders",
    [
        (A, 0.625, 0.25, "混合型", False),
        ("T" * 34 + "SS" + "TTTT", 0.95, 0.05, "讲授型", False),
        ("TS" * 20, 0.5, 0.975, "对话型", False),
        ("TTTTTTTSSS", 0.7, 0.1, "讲授型", False),  # exactly at 0.7
        ("TTSSTTSSTT", 0.6, 0.4, "对话型", False),  # exactly at 0.4
        ("TTTSSSSSSS", 0.3, 0.1, "练习型", False),  # exactly at 0.3
        ("SSTSTSSSTSSS", 0.25, 0.5, "练习型", True),  # two rules at once: Rt goes first
        ("TTSTSTTTSTTT", 0.75, 0.5, "讲授型", True),
        ("S", 0.0, 0.0, "练习型", False),
        ("T", 1.0, 0.0, "讲授型", False),
        ("T" * 80, 1.0, 0.0, "讲授型", False),
    ],
)
def test_modes_of_lessons(codes, rt, ch, mode, borders):
    lesson = st.analyse(codes)
    assert (lesson.rt, lesson.ch, lesson.mode, lesson.borders) == (rt, ch, mode, borders)


def test_counts_and_curve_of_lesson_a():
    lesson = st.analyse(A, interval_s=30)
    assert (lesson.n, lesson.n_t, lesson.n_s, lesson.runs) == (40, 25, 15, 11)
    assert len(lesson.curve) == 41
    assert tuple(lesson.curve.iloc[0]) == (0, 0)
    assert tuple(lesson.curve.iloc[10]) == (240, 60)
    assert tuple(lesson.curve.iloc[-1]) == (750, 450)


def test_a_lesson_without_samples_has_no_ratio():
    lesson = st.analyse([])
    assert (lesson.n, lesson.runs, lesson.rt, lesson.ch, lesson.mode) == (0, 0, None, None, None)
    assert lesson.borders is False
    assert lesson.curve.to_numpy().tolist() == [[0, 0]]


@pytest.mark.parametrize(
    "codes",
    [
        list("TTS"),
        ["t", " T ", "ｓ"],
        pd.Series(["T", "T", "S"], index=[7, 8, 9]),
        np.array(["T", "T", "S"]),
        ("教师行为", "T", "学生行为"),
        "TT S",
        iter("TTS"),
    ],
)
def test_the_spelling_and_the_container_do_not_matter(codes):
    assert (st.analyse(codes).n_t, st.analyse(list("TTS")).n_t) == (2, 2)


@pytest.mark.parametrize(
    "codes, place",
    [("TSD", "第 3 个编码是“D”"), (["T", None], "第 2 个编码是空的"), (["T", 5], "第 2 个编码是“5”"),
     (["T", ["S"]], "第 2 个编码"), ([["T"], ["S"]], "第 1 个编码"), (pd.Series(["T", "X"], index=["0:00", "0:30"]), "行 0:30")],
)  # fmt: skip
def test_an_unknown_symbol_is_named_with_its_place(codes, place):
    with pytest.raises(CodeError, match=place):
        st.analyse(codes)


@pytest.mark.parametrize("interval", [0, -30, float("nan"), float("inf"), "x"])
def test_an_interval_must_be_above_0(interval):
    with pytest.raises(MarkError, match="应是大于 0 的秒数"):
        st.analyse("TS", interval_s=interval)


lessons = strategy.text(alphabet="TS", max_size=60)


@quickly
@given(lessons)
def test_the_point_lies_in_the_feasible_region(codes):
    lesson = st.analyse(codes)
    if codes:
        assert lesson.ch <= 2 * min(lesson.rt, 1 - lesson.rt) + 1e-12
        assert lesson.n == lesson.n_t + lesson.n_s == lesson.curve.index[-1]


@quickly
@given(lessons)
def test_backwards_changes_the_curve_only_and_swapping_mirrors_rt(codes):
    lesson, back = st.analyse(codes), st.analyse(codes[::-1])
    assert (lesson.rt, lesson.ch, lesson.mode) == (back.rt, back.ch, back.mode)
    swapped = st.analyse(codes.translate(str.maketrans("TS", "ST")))
    assert (swapped.n_t, swapped.runs) == (lesson.n_s, lesson.runs)


@quickly
@given(lessons, lessons)
def test_two_parts_joined_have_one_run_less_if_they_meet_in_the_same_symbol(a, b):
    one, two, both = st.analyse(a), st.analyse(b), st.analyse(a + b)
    meet = bool(a and b) and a[-1] == b[0]
    assert both.n_t == one.n_t + two.n_t
    assert both.runs == one.runs + two.runs - meet
