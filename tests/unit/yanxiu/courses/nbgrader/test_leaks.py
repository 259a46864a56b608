"""The last look: whatever nbgrader would still remove is a leak, and its cell is named."""

import json

import pytest
from yanxiu.courses.nbgrader import limited
from yanxiu.courses.nbgrader.config import Settings
from yanxiu.courses.nbgrader.problems import BadCourse
from yanxiu.courses.nbgrader.units import Options, build
from yanxiu.courses.verbs.release_check import check_release

from tests.support import nbgrader_course as make

SOURCE = make.notebook(
    make.cell("# intro", "markdown"),
    make.solution("s", "x = 42"),
    make.test_cell("t", "assert x", hidden="assert x == 42"),
    make.cell("why\n=== BEGIN MARK SCHEME ===\n1 point\n=== END MARK SCHEME ===", "markdown",
              task=True, grade_id="k", points=1),
    make.manual("m"),
)  # fmt: skip
CLEAN = make.notebook(
    make.cell("# intro", "markdown"),
    make.cell("# YOUR CODE HERE", solution=True, grade_id="s"),
    make.test_cell("t", "assert x"),
    make.cell("why", "markdown", task=True, grade_id="k", points=1),
    make.manual("m") | {"source": "YOUR ANSWER HERE"},
)


def with_cell(number, **more):
    """Return the clean release with one cell changed, counted from 1."""
    book = json.loads(CLEAN)
    book["cells"][number - 1] |= more
    return json.dumps(book).encode()


def leaks(release, options=None, source=SOURCE):
    job = limited.Job("ps1", {"a.ipynb": source}, {"a.ipynb": release}, Settings(options or {}))
    return [one.text() for one in limited.check([job])[0]]


def test_what_nbgrader_makes_is_clean():
    assert leaks(CLEAN) == []


OUTPUT = {"output_type": "stream", "name": "stdout", "text": "42"}


@pytest.mark.parametrize(
    ("cell", "more", "said"),
    [
        (2, {"source": "### BEGIN SOLUTION\nx = 41\n### END SOLUTION"}, "有解答"),
        (2, {"source": "### BEGIN SOLUTION\nx = 41"}, "有解答"),
        (2, {"source": "x = 42"}, "（s）里有 nbgrader 从教师版里删去的内容"),
        (2, {"source": "if True:\n    x = 42"}, "（s）里有"),
        (2, {"source": "raise NotImplementedError()", "outputs": [OUTPUT]}, "运行结果"),
        (3, {"source": "### BEGIN HIDDEN TESTS\nassert 1\n### END HIDDEN TESTS"}, "隐藏测试"),
        (3, {"source": "assert x\nassert x == 42"}, "（t）里有"),
        (3, {"source": "assert x\n### END HIDDEN TESTS"}, "隐藏测试"),
        (4, {"source": "### BEGIN MARK SCHEME\n1\n### END MARK SCHEME"}, "评分标准"),
        (4, {"source": "why\n1 point"}, "（k）里有"),
        (5, {"source": "the answer"}, "（m）里有"),
        (1, {"source": "### BEGIN SOLUTION\nin a cell without a mark\n### END SOLUTION"}, "有解答"),
    ],
)
def test_a_leak_is_named_with_its_cell(cell, more, said):
    found = leaks(with_cell(cell, **more))
    assert any(one.startswith(f"ps1/a.ipynb: 第 {cell} 格") and said in one for one in found), found


def test_other_delimiters_count_as_the_settings_say():
    words = {"begin_test_delimeter": "TEACHERS", "end_test_delimeter": "ALL"}
    hidden = with_cell(3, source="assert x\n# TEACHERS\nassert 1\n# ALL")
    assert leaks(hidden) == []
    assert "第 3 格里有隐藏测试" in leaks(hidden, {"ClearHiddenTests": words})[0]


@pytest.mark.parametrize("name", ["more.ipynb", "sub/x.ipynb", "B.IPYNB"])
def test_every_notebook_is_looked_at_wherever_it_lies(name):
    hidden = with_cell(3, source="### BEGIN HIDDEN TESTS\nassert 1\n### END HIDDEN TESTS")
    job = limited.Job("ps1", {"a.ipynb": SOURCE}, {"a.ipynb": CLEAN, name: hidden})
    (problem,) = limited.check([job])[0]
    assert problem.where == f"ps1/{name}"


def test_a_release_made_elsewhere_that_leaks_is_refused():
    """The fault: what the teacher's folder holds went to learners as it was."""
    settings = Settings()
    unit = build("ps1", {"a.ipynb": SOURCE}, settings, {}, Options(), {"a.ipynb": SOURCE})
    assert b"assert x == 42" in unit.learner
    with pytest.raises(BadCourse) as caught:
        check_release([unit], settings, {})
    assert "第 3 格里有隐藏测试" in caught.value.text()


def test_a_file_that_the_settings_exclude_is_refused_even_if_it_got_this_far():
    made = build("ps1", {"a.ipynb": SOURCE, "key.txt": b"42"}, Settings(), {}, Options())
    with pytest.raises(BadCourse, match=r"course\.problems") as caught:
        check_release([made], Settings({"CourseDirectory": {"ignore": ["key.*"]}}), {})
    assert "ps1/key.txt: 设置排除了这个文件" in caught.value.text()


def test_learners_get_nothing_of_the_source_folder_of_a_release_made_elsewhere():
    files = {"a.ipynb": SOURCE, "answers.txt": b"42", "data.csv": b"new"}
    unit = build("ps1", files, Settings(), {}, Options(), {"a.ipynb": CLEAN, "data.csv": b"old"})
    assert unit.definition.files == ("data.csv",)
    assert b"answers.txt" not in unit.learner and b"old" in unit.learner
    assert b"answers.txt" in unit.scoring


DEEP = b'{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": ' + b"[" * 200_000


@pytest.mark.parametrize("hostile", [DEEP, b"[]", b"\xff\xfe", b'{"nbformat": 4}', b"{}" * 9])
def test_a_hostile_notebook_is_a_sentence_and_the_next_one_is_read(hostile):
    bad = limited.Job("ps1", {"a.ipynb": hostile}, {})
    good = limited.Job("ps2", {"a.ipynb": SOURCE}, {})
    one, two = limited.versions([bad, good])
    assert "请" in one["a.ipynb"][0].text()
    assert two["a.ipynb"].cells


def test_a_child_that_falls_over_takes_only_its_own_assignment_with_it(monkeypatch):
    """The limits are real; less time makes the fault small enough for a test."""
    monkeypatch.setattr(limited, "_CPU_S", 1)
    monkeypatch.setattr(limited, "_CPU_PER_JOB_S", 0)
    nested = "### BEGIN SOLUTION\n### END SOLUTION\n" * 900_000
    slow = make.notebook(*(make.cell(nested, solution=True, grade_id=f"s{n}") for n in range(2)))
    bad = limited.Job("ps1", {"a.ipynb": slow}, {})
    good = limited.Job("ps2", {"a.ipynb": SOURCE}, {})
    one, two = limited.versions([bad, good])
    assert "太大或太复杂" in one["a.ipynb"][0].text()
    assert two["a.ipynb"].cells


def test_a_process_that_went_away_is_started_again():
    assert leaks(CLEAN) == []
    limited._parser._process.kill()
    assert leaks(CLEAN) == []
