"""What people read of an nbgrader run: true sources, and nothing that is hidden."""

import json

import pytest
from yanxiu.sandbox.inside import feedback_notebook

from tests.support import nbgrader_course as make
from tests.support import notebook_cases as cases

HIDDEN = "assert x == 42"
GRADING = make.notebook(
    make.cell("# YOUR CODE HERE", solution=True, grade_id="s"),
    make.cell(
        f"assert x\n### BEGIN HIDDEN TESTS\n{HIDDEN}\n### END HIDDEN TESTS",
        grade=True,
        grade_id="t",
        points=3,
    ),
)
RELEASE = make.notebook(
    make.cell("# YOUR CODE HERE", solution=True, grade_id="s"),
    make.cell("assert x", grade=True, grade_id="t", points=3),
)


def submitted(*more, test="assert x"):
    return make.notebook(
        make.cell("x = 1", solution=True, grade_id="s"),
        make.cell(test, grade=True, grade_id="t", points=99),
        *more,
    )


def ran(book, outputs, sources=None):
    """Return ``book`` as executed: the tests' source, and an output for each cell."""
    whole = json.loads(book)
    grading = json.loads(GRADING)["cells"][1]["source"]
    for at, cell in enumerate(whole["cells"]):
        if at == 1:
            cell["source"] = grading
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": outputs[at]}]
        cell["source"] = (sources or {}).get(at, cell["source"])
    return whole


def made(book, executed):
    cells = json.loads(feedback_notebook.make(book, GRADING, RELEASE, executed))["cells"]
    texts = ["".join(out["text"] for out in cell["outputs"]) for cell in cells]
    return [cell["source"] for cell in cells], texts, cells


def test_hidden_tests_and_what_quotes_them_are_taken_out():
    book = submitted(make.cell("print(In)"), make.cell("1"))
    quoted = "\x1b[31massert\x1b[0m x\x1b[1m == \x1b[0m42"
    sources, texts, _ = made(book, ran(book, ["a", "boom", f"... {HIDDEN} ...", quoted]))
    assert sources == ["x = 1", "assert x", "print(In)", "1"]
    assert texts[0] == "a"
    assert texts[1:] == [feedback_notebook.HIDDEN_NOTE] * 3


def test_an_honest_output_stays():
    book = submitted(make.cell("print('x')"))
    assert made(book, ran(book, ["1", "", "x == 4"]))[1][2] == "x == 4"


def test_sources_are_those_handed_in_whatever_the_sandbox_wrote():
    book = submitted(make.cell("cheat()"), test="pass")
    executed = ran(book, ["", "", "fine"], sources={2: "honest_work()"})
    sources, texts, cells = made(book, executed)
    assert sources == ["x = 1", "assert x", "cheat()"]
    assert texts[2] == "", "an output beside a source that it is not of"
    assert cells[1]["metadata"]["nbgrader"]["points"] == 3, "the course's, not the learner's"


@pytest.mark.parametrize("executed", [None, {}, [], "x", {"nbformat": 4, "cells": [1]}])
def test_a_run_that_left_nothing_readable_shows_the_sources(executed):
    sources, texts, _ = made(submitted(), executed)
    assert sources == ["x = 1", "assert x"]
    assert texts == ["", ""]


def test_of_copied_cells_the_last_keeps_its_settings():
    copy = make.cell("x = 2", solution=True, grade_id="s")
    book = submitted(copy)
    left = json.loads(feedback_notebook.settled(book, GRADING))["cells"]
    assert ["nbgrader" in cell["metadata"] for cell in left] == [False, True, True]
    assert ["nbgrader" in cell["metadata"] for cell in made(book, None)[2]] == [False, True, True]


@pytest.mark.parametrize("name", cases.TAKEN)
def test_whatever_was_taken_is_what_nbgrader_expects(name):
    import nbformat
    from nbgrader.preprocessors import CheckCellMetadata

    grading = make.CASES.joinpath("base/source/ps1/p1.ipynb").read_bytes()
    settled = feedback_notebook.settled(cases.TAKEN[name](), grading)
    book = nbformat.reads(settled.decode(), as_version=4)
    nbformat.validate(book)
    CheckCellMetadata().preprocess(book, {})
    marks = [cell.metadata.nbgrader for cell in book.cells if "nbgrader" in cell.metadata]
    assert [mark.grade_id for mark in marks] == ["square", "test_square", "why"]
    assert marks[1].points == 6
    assert "return n*n" in "".join(cell.source for cell in book.cells)
    assert "求平方" in book.cells[0].source or name == "one byte of UTF-8 lost"


def test_several_notebooks_are_read_as_one_and_can_be_told_apart():
    one = json.loads(feedback_notebook.join({"a.ipynb": RELEASE, "b.ipynb": RELEASE}))
    marks = [cell["metadata"]["yanxiu"] for cell in one["cells"]]
    assert [mark["notebook"] for mark in marks] == ["a.ipynb"] * 3 + ["b.ipynb"] * 3
    assert [mark["heading"] for mark in marks] == [True, False, False] * 2
    assert len({cell["id"] for cell in one["cells"]}) == 6


def test_a_cell_that_the_release_leaves_out_is_not_shown_to_who_names_it():
    secret = make.cell("assert secret(x) == 7", grade=True, grade_id="extra", points=1)
    grading = make.notebook(*json.loads(GRADING)["cells"], secret)
    book = submitted(make.cell("", grade=True, grade_id="extra", points=1))
    shown = feedback_notebook.make(book, grading, RELEASE, None)
    assert b"secret" in grading and b"secret" not in shown
    assert json.loads(shown)["cells"][2]["source"] == ""
