"""Notebooks of older nbgraders, older Jupyters and other languages."""

import json
import subprocess

import pytest
from yanxiu.courses.nbgrader.languages import foreign
from yanxiu.courses.nbgrader.problems import BadCourse
from yanxiu.courses.verbs.import_course import plan
from yanxiu_formats.bundle import unpack as read_files

from tests.support import nbgrader_course as make
from tests.support.site import YANXIU


def cell(source, kind="code", **meta):
    """Return a cell with these nbgrader settings and no others."""
    made = make.cell(source, kind)
    made["metadata"]["nbgrader"] = meta
    return made


ANSWER = "### BEGIN SOLUTION\nx = 42\n### END SOLUTION"
TESTS = "assert x\n### BEGIN HIDDEN TESTS\nassert x == 42\n### END HIDDEN TESTS"
OLD = {
    0: [
        cell(ANSWER, solution=True, grade_id="s"),
        cell(TESTS, grade=True, locked=True, grade_id="t", points="2"),
        cell("1", grade=True, grade_id="zero", points=""),
        cell("nothing", solution=False),
    ],
    1: [
        cell(ANSWER, schema_version=1, grade=False, solution=True, locked=False, grade_id="s"),
        cell(TESTS, schema_version=1, grade=True, solution=False, locked=True, grade_id="t", points=2,
             checksum="e2c4" * 8),
    ],
    2: [
        cell(ANSWER, schema_version=2, grade=False, solution=True, locked=False, grade_id="s", cell_type="code"),
        cell(TESTS, schema_version=2, grade=True, solution=False, locked=True, grade_id="t", points=2.0),
    ],
    "mixed": [
        cell(ANSWER, solution=True, grade_id="s"),
        make.test_cell("t", "assert x", 2, hidden="assert x == 42"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("schema", OLD)
def test_an_older_schema_is_upgraded_in_a_copy(tmp_path, schema):
    book = make.notebook(*OLD[schema])
    found = plan(make.write(tmp_path, ps1={"a.ipynb": book}))
    (unit,) = found.made
    learner, scoring = read_files(unit.learner), read_files(unit.scoring)
    assert (tmp_path / "source/ps1/a.ipynb").read_bytes() == book == scoring["source/a.ipynb"]
    assert unit.definition.tasks[0].grade_id == "t"
    assert unit.definition.tasks[0].points == 2
    assert b"42" not in learner["a.ipynb"]
    metas = [one["metadata"].get("nbgrader") for one in json.loads(learner["a.ipynb"])["cells"]]
    assert all(meta["schema_version"] == 3 for meta in metas if meta)
    if schema == 0:
        assert metas[3] is None
        assert unit.definition.max_total == 2


@pytest.mark.parametrize("schema", [0, 1, 2])
def test_it_is_what_nbgrader_update_and_its_own_generator_make(tmp_path, schema):
    ours = make.write(tmp_path / "ours", ps1={"a.ipynb": make.notebook(*OLD[schema])})
    stock = make.write(tmp_path / "stock", ps1={"a.ipynb": make.notebook(*OLD[schema])})
    (unit,) = plan(ours).made
    nbgrader = str(YANXIU.with_name("nbgrader"))
    for command in (["update", "."], ["generate_assignment", "ps1", "--no-db"]):
        subprocess.run(
            [nbgrader, *command], cwd=stock, check=True, capture_output=True, timeout=120
        )
    theirs = json.loads((stock / "release/ps1/a.ipynb").read_text("utf-8"))["cells"]
    mine = json.loads(read_files(unit.learner)["a.ipynb"])["cells"]

    def told(one):
        return "".join(one["source"]), one["cell_type"], one["metadata"]

    assert [told(one) for one in mine] == [told(one) for one in theirs]


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"schema_version": 4, "grade": True, "grade_id": "t", "points": 1}, "schema_version 4"),
        ({"schema_version": "3", "grade": True, "grade_id": "t"}, "用更新的 nbgrader 做的"),
        ({"schema_version": True, "grade": True, "grade_id": "t"}, "用更新的 nbgrader 做的"),
        ({"schema_version": -1, "grade": True, "grade_id": "t"}, "用更新的 nbgrader 做的"),
        ({"grade": True, "grade_id": "t", "points": "two"}, "第 1 格（t）没有分值"),
        ({"grade": True, "grade_id": "t", "points": [1]}, "第 1 格（t）没有分值"),
    ],
)
def test_a_schema_that_cannot_be_is_a_sentence_with_the_cell(tmp_path, meta, said):
    with pytest.raises(BadCourse) as caught:
        plan(make.write(tmp_path, ps1={"a.ipynb": make.notebook(cell("1", **meta))}))
    assert said in caught.value.text()


def version_three():
    heading = {"cell_type": "heading", "level": 2, "source": "题", "metadata": {}}
    cells = [heading, *OLD[0][:2], make.cell("text", "markdown")]
    sheets = [
        {
            "cells": [
                {
                    key: value
                    for key, value in one.items()
                    if key not in ("source", "execution_count")
                }
                | {"input": one["source"], "language": "python", "collapsed": False}
                if one["cell_type"] == "code"
                else one
                for one in cells
            ]
        }
    ]
    whole = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": sheets}
    return json.dumps(whole).encode()


def with_ids(minor):
    book = json.loads(make.notebook(*OLD[1], minor=minor))
    return json.dumps(book).encode()


@pytest.mark.parametrize("book", [version_three(), with_ids(4), with_ids(5), with_ids(0)])
def test_the_same_notebook_twice_is_the_same_release(tmp_path, book):
    first, again = (plan(make.write(tmp_path, ps1={"a.ipynb": book})) for _ in range(2))
    assert first.digest == again.digest
    assert [task.grade_id for task in first.made[0].definition.tasks] == ["t"]


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"language_info": {"name": "R"}}, "R"),
        ({"kernelspec": {"name": "ir", "display_name": "R"}}, "R"),
        ({"kernelspec": {"name": "ir42", "display_name": "R"}}, "R"),
        ({"kernelspec": {"language": "R", "name": "ir"}}, "R"),
        ({"kernelspec": {"language": "python", "name": "x"}, "language_info": {"name": "julia"}}, "julia"),
        ({"kernelspec": {"name": "julia-1.9"}}, "Julia"),
        ({"kernelspec": {"name": "xcpp17"}}, "C++"),
        ({"kernelspec": {"name": "sagemath-9.5"}}, "SageMath"),
        ({"kernelspec": {"language": "C++17"}}, "C++17"),
        ({"kernelspec": {"language": "python3", "name": "python3"}}, None),
        ({"kernelspec": {"language": "Python", "name": "conda-root-py"}}, None),
        ({"kernelspec": {"name": "Python [conda env:x]"}}, None),
        ({"kernelspec": {"name": "xpython"}, "language_info": {"name": "ipython"}}, None),
        ({"kernelspec": {"name": "irene"}}, None),
        ({"kernelspec": None, "language_info": "R"}, None),
        ({"kernelspec": {"language": ["R"]}}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_a_language_is_told_from_whatever_names_it(metadata, language):
    assert foreign(metadata) == language


@pytest.mark.parametrize(
    "metadata",
    [
        {"language_info": {"name": "R", "version": "4.1"}},
        {"kernelspec": {"name": "ir", "display_name": "R"}},
        {"kernelspec": {"name": "ir", "display_name": "R"}, "language_info": {"name": "R"}},
    ],
)
def test_r_is_refused_by_name(tmp_path, metadata):
    book = json.loads(make.notebook(make.test_cell("t", "1"))) | {"metadata": metadata}
    with pytest.raises(BadCourse) as caught:
        plan(make.write(tmp_path, ps1={"a.ipynb": json.dumps(book).encode()}))
    assert "语言是 R，平台只能批改 Python" in caught.value.text()
