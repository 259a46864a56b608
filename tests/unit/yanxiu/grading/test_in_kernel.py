"""What is made of an nbgrader run's results: proposals within each cell's points."""

import pytest
from yanxiu.grading import in_kernel

from tests.support import nbgrader_course as make

UNIT = make.unit(
    make.task("a_t", "auto", "a.ipynb", "t", 3.0),
    make.task("a_m", "rubric", "a.ipynb", "m", 2.0),
    make.task("b_t", "auto", "b.ipynb", "t", 1.0),
)


def proposed(cells=None, reason=None, why=None, **more):
    found = {"a.ipynb": {"cells": cells or {}, "reason": reason}, **more}
    scores = in_kernel.scores(UNIT, found, why)
    return {one["task"]: (one["points"], one["message"]["en"]) for one in scores}


@pytest.mark.parametrize(
    ("value", "points", "said"),
    [
        (3, 3, "The test passed."),
        (0, 0, "The test did not pass."),
        (1.5, 1.5, "The test gave part of the points."),
        (None, 0, "No result: the cell is not in the notebook, or was not reached."),
        # What a learner's code may have written instead.
        (3.1, 0, "No result: the cell is not in the notebook, or was not reached."),
        (-1, 0, "No result: the cell is not in the notebook, or was not reached."),
        (float("nan"), 0, "No result: the cell is not in the notebook, or was not reached."),
        (True, 0, "No result: the cell is not in the notebook, or was not reached."),
        ("3", 0, "No result: the cell is not in the notebook, or was not reached."),
    ],
)
def test_a_test_cells_points(value, points, said):
    assert proposed({"t": value})["a_t"] == (points, said)


@pytest.mark.parametrize(("value", "there"), [(0, True), (None, False), (2, False)])
def test_only_an_empty_answer_is_proposed_for_a_person(value, there):
    assert ("a_m" in proposed({"m": value})) is there


def test_a_missing_notebook_is_zero_for_everything_in_it():
    found = proposed(reason="missing")
    assert found["a_t"] == found["a_m"] == (0, "This notebook was not handed in.")


def test_a_run_that_was_cut_off_is_zero_with_its_reason():
    assert in_kernel.scores(UNIT, {}, "timeout")[0]["message"]["zh_CN"] == "运行超时。"
    assert {one["points"] for one in in_kernel.scores(UNIT, {}, "memory")} == {0}


def test_auto_tasks_come_first_and_in_order():
    scores = in_kernel.scores(UNIT, {"a.ipynb": {"cells": {"m": 0}, "reason": None}}, None)
    assert [one["task"] for one in scores] == ["a_t", "b_t", "a_m"]
