"""Reading a course's folder: what is taken, what is refused with which sentence, what never runs."""

import json
import os

import nbformat
import pytest
from yanxiu.courses.nbgrader import config
from yanxiu.courses.nbgrader.problems import BadCourse
from yanxiu.courses.nbgrader.units import Options, build
from yanxiu.courses.verbs.import_course import plan
from yanxiu_formats.bundle import unpack as read_files

from tests.support import nbgrader_course as make

FINE = {"a.ipynb": make.notebook(make.solution("s", "x = 1"), make.test_cell("t", "assert x"))}


def refused(folder):
    with pytest.raises(BadCourse) as caught:
        plan(folder)
    return caught.value.text()


def test_the_quickstart_course_is_read_whole(tmp_path):
    found = plan(make.quickstart(tmp_path))
    (unit,) = found.made
    tasks = {task.grade_id: (task.kind, task.points) for task in unit.definition.tasks}
    assert found.course_id == "course101"
    assert unit.definition.notebooks == ("problem1.ipynb", "problem2.ipynb")
    assert unit.definition.files == ("jupyter.png",)
    assert (unit.definition.max_total, unit.definition.pass_total) == (13, 7.8)
    assert tasks["correct_squares"] == ("auto", 1)
    assert tasks["correct_sum_of_squares"] == ("auto", 0.5)
    assert tasks["sum_of_squares_equation"] == ("rubric", 1)
    assert tasks["cell-938593c4a215c6cc"] == ("rubric", 4)
    assert found.notes == ()


def test_learners_get_neither_solutions_nor_hidden_tests_and_the_sandbox_no_solutions(tmp_path):
    book = make.notebook(
        make.solution("s", "secret_answer = 42"),
        make.test_cell("t", "assert secret_answer", hidden="assert secret_answer == 42"),
    )
    (unit,) = plan(make.write(tmp_path, ps1={"a.ipynb": book, "data/x.csv": b"1"})).made
    learner, scoring = read_files(unit.learner), read_files(unit.scoring)
    assert learner.keys() == {"a.ipynb", "data/x.csv"}
    assert b"42" not in learner["a.ipynb"] and b"YOUR CODE HERE" in learner["a.ipynb"]
    assert b"assert secret_answer == 42" in scoring["grading/a.ipynb"]
    assert b"secret_answer = 42" not in scoring["grading/a.ipynb"]
    assert scoring["source/a.ipynb"] == book
    assert scoring["grading/data/x.csv"] == b"1"


def test_the_header_of_the_settings_comes_first(tmp_path):
    (unit,) = plan(make.quickstart(tmp_path)).made
    for name in ("problem1.ipynb", "problem2.ipynb"):
        cells = json.loads(read_files(unit.learner)[name])["cells"]
        assert "Before you turn this problem in" in cells[0]["source"]
        assert "NAME" in cells[1]["source"]


def test_the_same_course_has_the_same_digest_and_another_one_another(tmp_path):
    one = plan(make.write(tmp_path / "course", ps1=FINE))
    two = plan(make.write(tmp_path / "elsewhere/course", ps1=FINE))
    more = plan(make.write(tmp_path / "more/course", ps1={**FINE, "x.csv": b"1"}))
    assert one.digest == two.digest != more.digest


@pytest.mark.parametrize("minor", [0, 4, 5])
def test_cells_without_ids_get_the_same_ones_each_time(tmp_path, minor):
    book = make.notebook(make.cell("1"), make.test_cell("t", "assert True"), minor=minor)
    first, second = (plan(make.write(tmp_path, ps1={"a.ipynb": book})) for _ in range(2))
    assert first.digest == second.digest


def test_settings_are_read_and_never_run(tmp_path):
    ran = tmp_path / "ran"
    make.write(tmp_path / "c", ps1=FINE)
    config_file = tmp_path / "c/nbgrader_config.py"
    text = f"open({str(ran)!r}, 'w')\nc = get_config()\nc.ClearSolutions.text_stub = '在这里回答'\n"
    config_file.write_text(text)
    # What nbgrader itself would do with such a file:
    exec(text.splitlines()[0])
    assert ran.exists()
    ran.unlink()
    assert "nbgrader_config.py:1: 这一句可能改变学员得到的内容" in refused(tmp_path / "c")
    config_file.write_text("\n".join(text.splitlines()[1:]) + "\nc.Exchange.timezone = 'UTC'\n")
    found = plan(tmp_path / "c")
    assert not ran.exists()
    assert found.settings.get("ClearSolutions.text_stub") == "在这里回答"
    assert "不起作用，没有采用：Exchange.timezone" in found.notes[0].text()


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([make.test_cell("t", "1"), make.test_cell("t", "2")], "第 2 格的 grade_id“t”和前面的重复"),
        ([make.cell("1", grade=True, grade_id="t")], "第 1 格（t）没有分值"),
        ([make.test_cell("t", "1", points=-1)], "分值不是 0 以上的数"),
        ([make.test_cell("t", "1", points=True)], "分值不是 0 以上的数"),
        ([make.cell("1", grade=True, points=1)], "第 1 格没有 grade_id"),
        ([make.cell("1", locked=True, grade_id="x", schema_version=4)], "用更新的 nbgrader 做的"),
        ([make.test_cell("t", "### AUTOTEST f(1)")], "有 AUTOTEST，展开它要在沙箱里运行课程的代码"),
        ([make.cell("### BEGIN SOLUTION\n1\n### END SOLUTION")], "nbgrader 不接受这个笔记本"),
        ([make.cell("### BEGIN SOLUTION", solution=True, grade_id="s")], "no end solution"),
        ([make.cell("x", "markdown", grade=True, grade_id="m", points=1)], "nbgrader 不接受"),
    ],
)
def test_a_broken_cell_is_named(tmp_path, cells, said):
    text = refused(make.write(tmp_path, ps1={"a.ipynb": make.notebook(*cells)}))
    assert "source/ps1/a.ipynb" in text
    assert said in text


def test_every_problem_is_told_at_once(tmp_path):
    text = refused(
        make.write(
            tmp_path,
            one={"a.ipynb": b"{"},
            two={"b.ipynb": make.notebook(language="R")},
            three={"c.ipynb": make.notebook(make.test_cell("t", "1", points=-1))},
        )
    )
    assert "3 处" in text
    for part in ("one/a.ipynb: ", "语言是 R", "第 1 格（t）没有分值"):
        assert part in text


def test_a_folder_that_is_no_course(tmp_path):
    assert "没有 source 文件夹" in refused(tmp_path)
    (tmp_path / "source").mkdir()
    assert "里面没有作业" in refused(tmp_path)


def test_links_are_not_followed(tmp_path):
    (tmp_path / "secret").write_text("the operator's")
    course = make.write(tmp_path / "c", ps1=FINE)
    (course / "source/ps1/x.txt").symlink_to(tmp_path / "secret")
    assert "source/ps1/x.txt: 这是链接" in refused(course)
    (course / "source/ps1/x.txt").unlink()
    os.mkfifo(course / "source/ps1/pipe")
    assert "source/ps1/pipe: 这是链接或特殊文件" in refused(course)
    (course / "source/ps1/pipe").unlink()
    (course / "source/ps2").symlink_to(course / "source/ps1")
    found = plan(course)
    assert [one.text()[:18] for one in found.refused["ps2"]] == ["source/ps2: 这是链接或特"]
    assert [unit.definition.assignment for unit in found.made] == ["ps1"]


def test_a_header_outside_of_the_course_is_not_read(tmp_path):
    course = make.write(tmp_path / "c", ps1=FINE)
    (course / "nbgrader_config.py").write_text("c.IncludeHeaderFooter.header = '../../etc/passwd'")
    assert "../../etc/passwd 不在课程文件夹里" in refused(course)


def test_too_much_is_refused(tmp_path):
    big = make.write(tmp_path / "big", ps1={**FINE, "x.bin": b"0" * 20_000_001})
    assert "超过 20 MB" in refused(big)
    many = make.write(tmp_path / "many", ps1={**FINE, **{f"{n}.txt": b"" for n in range(200)}})
    assert "文件超过 200 个" in refused(many)


def test_a_release_made_elsewhere_stays_what_learners_have(tmp_path):
    source = make.notebook(
        make.solution("s", "x = 1"), make.test_cell("t", "assert x", hidden="assert x == 1")
    )
    other = make.cell("# 请写在这里", solution=True, grade_id="s")
    released = make.notebook(other, make.test_cell("t", "assert x"))
    unit = build(
        "ps1", {"a.ipynb": source}, config.Settings(), {}, Options(), {"a.ipynb": released}
    )
    assert b"\xe8\xaf\xb7\xe5\x86\x99" in read_files(unit.learner)["a.ipynb"]
    grading = json.loads(read_files(unit.scoring)["grading/a.ipynb"])
    assert grading["cells"][0]["source"] == "# 请写在这里"
    assert "assert x == 1" in grading["cells"][1]["source"]
    left = build("ps1", {"a.ipynb": source}, config.Settings(), {}, Options(), {})
    assert "缺少笔记本 a.ipynb" in left[0].text()


def _changed(change) -> bytes:
    book = json.loads(FINE["a.ipynb"])
    change(book)
    return json.dumps(book, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "book",
    [
        b"\xef\xbb\xbf" + FINE["a.ipynb"],
        FINE["a.ipynb"].decode().encode("utf-16"),
        _changed(lambda book: book["cells"].append({"source": "# 说明"})),
        _changed(lambda book: book["cells"][0].update(outputs=None)),
        _changed(
            lambda book: book["cells"][0].update(
                source=["### BEGIN SOLUTION\n", None, "x = 1\n", "### END SOLUTION"]
            )
        ),
        _changed(lambda book: book.pop("metadata")),
        _changed(lambda book: book["cells"][1].update(cell_type="Code")),
        _changed(lambda book: book["cells"][0]["metadata"].update(tags="a,b")),
    ],
    ids=["mark", "utf-16", "bare-cell", "no-outputs", "null-line", "no-metadata", "kind", "tags"],
)
def test_an_instructors_notebook_is_mended_as_a_learners_is(tmp_path, book):
    """Without the judge each is "broken"; and nothing of it goes out that would not have."""
    with pytest.raises(Exception):  # noqa: B017 - nbformat raises many kinds
        nbformat.validate(nbformat.reads(book.decode(), as_version=nbformat.NO_CONVERT))
    (unit,) = plan(make.write(tmp_path, ps1={"a.ipynb": book})).made
    learner = json.loads(read_files(unit.learner)["a.ipynb"])
    assert [task.grade_id for task in unit.definition.tasks] == ["t"]
    assert "x = 1" not in json.dumps(learner)
    assert read_files(unit.scoring)["source/a.ipynb"] == book, "kept as it came"


@pytest.mark.parametrize(
    ("book", "said"),
    [
        (b"PK\x03\x04 zip", "zip"),
        (FINE["a.ipynb"][:200], "a.ipynb"),
        (_changed(lambda book: book["cells"][0].update(source=7)), "第 1 格"),
        # A mark in a place where nothing is read: what it hides would go out.
        (
            _changed(
                lambda book: book["cells"][0].update(
                    outputs=None, metadata=[book["cells"][0]["metadata"]]
                )
            ),
            "笔记本坏了",
        ),
    ],
    ids=["zip", "cut", "text", "lost-mark"],
)
def test_what_cannot_be_mended_is_refused_with_its_place(tmp_path, book, said):
    assert said in refused(make.write(tmp_path, ps1={"a.ipynb": book}))
