"""nbgrader's quickstart course through the platform gives nbgrader's own scores."""

import pytest
from yanxiu.work.rules import State

from tests.integration.nbgrader_courses import learners


def test_learners_get_what_nbgrader_would_release(release, stock, course101, tmp_path):
    assert release.keys() == {"problem1.ipynb", "problem2.ipynb", "jupyter.png"}
    for name in ("problem1.ipynb", "problem2.ipynb"):
        assert b"YOUR ANSWER HERE" in release[name]
        assert b"BEGIN SOLUTION" not in release[name]


@pytest.mark.parametrize("name", sorted(learners.WORK.keys() - {"crash", "doubled"}))
def test_every_score_is_nbgraders_own(ours, stock, name):
    row, grading, proposals, unit = ours[name]
    for task in unit.tasks:
        key = (task.notebook, task.grade_id)
        own = stock[name][key]
        assert proposals.get(key) == ((own or 0) if task.kind == "auto" else own), key
    assert row.auto_points == sum(own or 0 for own in stock[name].values())
    assert (row.state, row.total_points) == (State.WAITING, None)
    assert grading.run_a["in_kernel"] is True


def test_the_scores_are_not_all_the_same(stock):
    """A comparison of nothing with nothing would show nothing."""
    sums = {name: sum(own or 0 for own in found.values()) for name, found in stock.items()}
    assert sums == {
        "crash": 0,
        "deleted": 2,
        "doubled": 0,
        "empty": 0,
        "error": 0.5,
        "half": 2,
        "one": 3,
        "solution": 3,
        "tampered": 0,
    }


def test_a_dead_kernel_costs_its_notebook_and_no_more(ours, stock):
    row, grading, proposals, unit = ours["crash"]
    assert not any(stock["crash"].values())
    assert not any(proposals.values())
    assert (row.state, grading.run_a["reason"]) == (State.WAITING, "kernel_died")
    answers = {task.grade_id: row.answers.get(task.id) for task in unit.tasks}
    assert answers["part-a"] == "YOUR ANSWER HERE"


def test_a_copied_cell_that_nbgrader_cannot_grade_is_graded_as_it_means_to(ours, stock):
    _, grading, proposals, _ = ours["doubled"]
    assert not any(stock["doubled"].values())
    assert grading.run_a["reason"] is None
    # The last copy counts, and it is the broken one.
    assert {key[1]: points for key, points in proposals.items() if points} == {
        "sum_of_squares_uses_squares": 0.5
    }
