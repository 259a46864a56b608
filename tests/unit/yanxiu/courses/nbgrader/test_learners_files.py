"""Which files learners get: what nbgrader leaves out, what systems leave behind."""

import shutil
from pathlib import Path

import pytest
from yanxiu.courses.nbgrader.problems import BadCourse
from yanxiu.courses.verbs.import_course import plan
from yanxiu_formats.bundle import unpack as read_files

from tests.support import nbgrader_course as make

BOOK = make.notebook(make.solution("s", "x = 1"), make.test_cell("t", "assert x"))
FILES = {
    "a.ipynb": BOOK,
    "private/answers.txt": b"42",
    "data/private/more.txt": b"42",
    "data/x.csv": b"1",
    "answers.key": b"42",
    "big.bin": b"0" * 3000,
}


def course(folder, settings="", **assignments):
    make.write(folder, **(assignments or {"ps1": FILES}))
    (folder / "nbgrader_config.py").write_text(settings, "utf-8")
    return folder


def planned(folder, settings=""):
    (unit,) = plan(course(folder, settings)).made
    return read_files(unit.learner), read_files(unit.scoring)


def refused(folder):
    with pytest.raises(BadCourse) as caught:
        plan(folder)
    return caught.value.text()


def test_what_is_ignored_reaches_nobody(tmp_path):
    """The fault: with nbgrader's default list the same files go out."""
    before, _ = planned(tmp_path / "a")
    assert {"private/answers.txt", "answers.key"} < before.keys()
    settings = "c.CourseDirectory.ignore = ['private', '*.key']"
    learner, scoring = planned(tmp_path / "b", settings)
    assert learner.keys() == {"a.ipynb", "data/x.csv", "big.bin"}
    assert not any("private" in name or "key" in name for name in scoring)
    (note,) = plan(tmp_path / "b").notes
    assert "有 3 个文件或文件夹" in note.text()
    assert "answers.key、data/private、private" in note.text()


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ("c.CourseDirectory.include = ['*.ipynb', '*.csv']", {"a.ipynb", "data/x.csv"}),
        ("c.CourseDirectory.max_file_size = 2", set(FILES) - {"big.bin"}),
        ("c.CourseDirectory.max_file_size = 0", set(FILES)),
        ("c.CourseDirectory.include = []", set(FILES)),
        ("c.CourseDirectory.ignore = []", set(FILES)),
        ("c.CourseDirectory.ignore = ['data']", {name for name in FILES if "data" not in name}),
        ("c.CourseDirectory.ignore = ['ANSWERS.KEY', 'x.cs']", set(FILES)),
        ("c.CourseDirectory.ignore = ['[ab]*.[kb]*']", set(FILES) - {"answers.key", "big.bin"}),
    ],
)
def test_other_settings_choose_files(tmp_path, settings, names):
    learner, scoring = planned(tmp_path, settings)
    assert learner.keys() == names
    # What a release alone leaves out, nbgrader's autograder has.
    if "ignore" not in settings:
        assert {f"grading/{name}" for name in FILES} <= scoring.keys()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("c.CourseDirectory.max_dir_size = 2", "超过了设置 CourseDirectory.max_dir_size（2 KB）"),
        ("c.CourseDirectory.include = ['*.csv']", "学员得不到笔记本 a.ipynb"),
        ("c.CourseDirectory.ignore = ['private/*']", "“private/*”含有 /"),
        ("c.CourseDirectory.ignore = ['ps*']", "里面没有作业"),
        ("c.CourseDirectory.source_directory = '../x'", "../x 不在课程文件夹里"),
        ("c.CourseDirectory.source_directory = 'master'", "没有 master 文件夹"),
    ],
)
def test_a_choice_that_leaves_no_assignment_is_refused(tmp_path, settings, said):
    assert said in refused(course(tmp_path, settings))


def test_the_source_folder_may_have_another_name(tmp_path):
    course(tmp_path, "c.CourseDirectory.source_directory = 'work/master'")
    (tmp_path / "work").mkdir()
    (tmp_path / "source").rename(tmp_path / "work/master")
    assert plan(tmp_path).made[0].definition.assignment == "ps1"
    (tmp_path / "work").rename(tmp_path / "elsewhere")
    (tmp_path / "work").symlink_to(tmp_path / "elsewhere")
    assert "work/master: 这是链接" in refused(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "._p1.ipynb",  # the case
        ".DS_Store",
        "__MACOSX/._p1.ipynb",
        "images/._plot.png",
        ".p1.ipynb.swp",
        "Thumbs.db",
        "~$table.xlsx",
        ".ipynb_checkpoints/p1-checkpoint.ipynb",
        ".solution.ipynb",
    ],
)
def test_what_systems_leave_behind_is_left_out_and_named(tmp_path, name):
    make.write(tmp_path, ps1={"p1.ipynb": BOOK, "images/plot.png": b"1", name: b"\x00\x05\x16\x07"})
    found = plan(tmp_path)
    assert read_files(found.made[0].learner).keys() == {"p1.ipynb", "images/plot.png"}
    (note,) = found.notes
    assert note.where == "source/ps1"
    left = name if name.startswith("images/") else name.split("/")[0]
    assert note.text().endswith(f"：{left}。")


def test_hidden_folders_beside_the_assignments_are_named_too(tmp_path):
    make.write(
        tmp_path, **{"ps1": {"p1.ipynb": BOOK}, ".git": {"x": b""}, "_a0": {"p.ipynb": BOOK}}
    )
    (tmp_path / "source/._ps1").write_bytes(b"")
    found = plan(tmp_path)
    assert [unit.definition.assignment for unit in found.made] == ["_a0", "ps1"]
    assert next(one.text() for one in found.notes).endswith("：.git。")


@pytest.mark.parametrize(
    ("case", "names"),
    [
        ("base", ["p1.ipynb", "p2.ipynb"]),
        ("p09-colab", ["p1.ipynb"]),
        ("b21-appledouble", ["p1.ipynb"]),
    ],
)
def test_cases_that_are_imported(tmp_path, case, names):
    found = plan(copy(case, tmp_path))
    assert found.made[0].definition.notebooks == tuple(names)
    assert sorted(read_files(found.made[0].learner)) == names
    assert ("._p1.ipynb" in "".join(one.text() for one in found.notes)) == case.startswith("b21")


def test_a_grade_id_of_other_characters_is_named_with_what_is_allowed(tmp_path):
    text = refused(copy("b29-grade-id", tmp_path))
    assert "source/ps1/p1.ipynb: 第 3 格的 grade_id“测试 1”" in text
    assert "只能用英文字母、数字、_ 和 -" in text
    assert "1 处" in text


@pytest.mark.parametrize(
    ("name", "example"),
    [("q1.a", "q1-a"), ("１２", "test-1"), ("test\n", "test"), ("a/b c", "a-b-c"), (" x", "x")],
)
@pytest.mark.parametrize("kind", ["grade", "locked", "solution"])
def test_such_a_name_is_found_in_every_kind_of_cell(tmp_path, name, example, kind):
    cell = make.cell("1", grade_id=name, points=1, **{kind: True})
    book = make.notebook(make.cell("# 1", "markdown"), cell)
    text = refused(make.write(tmp_path, ps1={"a.ipynb": book}))
    assert "第 2 格的 grade_id" in text and f"例如 {example}。" in text


@pytest.mark.parametrize("name", ["a", "A-b_9", "-", "0"])
def test_what_nbgrader_allows_is_allowed(tmp_path, name):
    book = make.notebook(make.test_cell(name, "1"))
    (unit,) = plan(make.write(tmp_path, ps1={"a.ipynb": book})).made
    assert unit.definition.tasks[0].grade_id == name


def copy(case, folder):
    """Copy a case: a test reads nothing that it could change."""
    return Path(shutil.copytree(make.CASES / case, folder / case))
