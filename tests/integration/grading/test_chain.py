"""Submissions of every kind through real records and real sandboxes."""

import json

from yanxiu.work.rules import State

from tests.integration.grading import course

FULL = {"missing": 30, "best": 10}
NOTHING = {"missing": 0, "best": 0}


def test_a_form_is_scored_without_run_a(platform):
    found = platform.grade(platform.submit({"answers.json": course.answers(missing=1, best="S03")}))
    assert found.points == FULL
    assert found.submission.state == State.WAITING
    assert found.run.run_a is None
    assert found.run.run_b["outcome"] == "ok"
    assert found.executed == b""


def test_a_notebook_is_executed_and_what_it_declares_is_scored(platform):
    found = platform.grade(platform.submit_notebook(course.HONEST, "quiz"))
    assert found.points == FULL
    assert found.run.run_a["outcome"] == "ok"
    assert found.run.run_a["answers_from"] == "run"
    assert b"S02" in found.executed  # the table that its last cell shows
    assert found.submission.answers == {"missing": 1, "best": "S03"}


def test_saved_answers_count_when_the_notebook_declares_none(platform):
    saved = course.answers(missing=1, best="S01", plan="先补缺考")
    found = platform.grade(platform.submit_notebook("1 + 1", answers=saved))
    assert found.points == {"missing": 30, "best": 0}
    assert found.submission.answers["plan"] == "先补缺考"


def test_a_blank_notebook_scores_nothing(platform):
    assert platform.grade(platform.submit_notebook()).points == NOTHING


def test_an_error_in_a_cell_stops_nothing(platform):
    found = platform.grade(platform.submit_notebook("1 / 0", course.HONEST))
    assert found.points == FULL
    assert found.run.run_a["failed_cells"] == 1
    assert b"ZeroDivisionError" in found.executed


def test_the_releases_data_win_over_the_learners(platform):
    files = {"t1.ipynb": course.notebook(course.HONEST), "data/quiz.csv": b"pupil,points\nS01,\n"}
    assert platform.grade(platform.submit(files)).points == FULL


def test_edited_locked_cells_are_executed_as_released(platform):
    book = json.loads(course.notebook("print('task is', task)"))
    book["cells"][2]["source"] = "task = 'edited'"
    book["cells"][2]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "a foreign output"}
    ]
    found = platform.grade(platform.submit({"t1.ipynb": json.dumps(book).encode()}))
    assert b"task is plan" in found.executed
    assert b"edited" not in found.executed
    assert b"a foreign output" not in found.executed
