"""Which assignments of a folder are imported: chosen, left out and named, refused by themselves."""

import pytest
from yanxiu.courses.nbgrader import leaving_out
from yanxiu.courses.nbgrader.problems import BadCourse, Problem, lines
from yanxiu.courses.verbs.import_course import plan
from yanxiu.errors import NotFound
from yanxiu_formats.bundle import unpack as read_files

from tests.support import nbgrader_course as make

BOOK = make.notebook(make.solution("s", "x = 1"), make.test_cell("t", "assert x"))
FINE = {"a.ipynb": BOOK}
#: What makes an assignment impossible, in as many ways as there are judges of it.
BAD = {
    "no-notebook": {"a.ipynb": b"{"},
    "R": {"a.ipynb": make.notebook(language="R")},
    "twice": {"a.ipynb": make.notebook(make.test_cell("t", "1"), make.test_cell("t", "2"))},
    "open": {"a.ipynb": make.notebook(make.cell("### BEGIN SOLUTION", solution=True, grade_id="s"))},
    "large": {**FINE, "x.bin": b"0" * 20_000_001},
    "one of two": {**FINE, "b.ipynb": b"[]"},
}  # fmt: skip


def names(planned):
    return [unit.definition.assignment for unit in planned.made]


def notes(planned):
    return "\n".join(lines(planned.notes))


def test_only_what_is_chosen_is_read(tmp_path):
    course = make.write(tmp_path, one=FINE, two=FINE, three=BAD["R"])
    found = plan(course, only=["two"])
    assert (names(found), found.not_chosen, found.refused) == (["two"], ("one", "three"), {})
    assert names(plan(course, only=["one", "two"])) == ["one", "two"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("ones", "课程里没有作业 ones。有的是：one、two。是不是 one？"),
        ("期末", "课程里没有作业 期末。有的是：one、two。"),
        ("../c", "有的是：one、two。"),
        ("", "有的是：one、two。"),
    ],
)
def test_a_choice_that_is_not_there_names_what_is(tmp_path, wanted, said):
    with pytest.raises(NotFound) as caught:
        plan(make.write(tmp_path, one=FINE, two=FINE), only=["one", wanted])
    assert caught.value.text().endswith(said)


@pytest.mark.parametrize("kind", sorted(BAD))
def test_what_is_wrong_in_one_assignment_refuses_that_one(tmp_path, kind):
    found = plan(make.write(tmp_path, **{"good": FINE, "bad one": BAD[kind]}))
    assert names(found) == ["good"]
    assert list(found.refused) == ["bad one"]
    assert all(problem.where.startswith("source/bad one") for problem in found.refused["bad one"])


def test_a_link_in_one_assignment_refuses_that_one(tmp_path):
    course = make.write(tmp_path / "c", good=FINE, bad=FINE)
    (tmp_path / "secret").write_text("the operator's")
    (course / "source/bad/x.txt").symlink_to(tmp_path / "secret")
    (course / "source/linked").symlink_to(course / "source/good")
    found = plan(course)
    assert names(found) == ["good"]
    assert list(found.refused) == ["bad", "linked"]


@pytest.mark.parametrize(
    "setting", ["c.IncludeHeaderFooter.header = 'source/no.ipynb'", "c.X.y = 1"]
)
def test_what_all_depend_on_refuses_the_course(tmp_path, setting):
    course = make.write(tmp_path, one=FINE, two=FINE)
    (course / "nbgrader_config.py").write_text(setting)
    with pytest.raises(BadCourse) as caught:
        plan(course)
    assert len(caught.value.problems) == 1


def test_a_broken_header_is_told_once_and_not_for_each_notebook(tmp_path):
    course = make.write(tmp_path, one={**FINE, "b.ipynb": BOOK}, two=FINE)
    (course / "head.ipynb").write_bytes(b"{")
    (course / "nbgrader_config.py").write_text("c.IncludeHeaderFooter.header = 'head.ipynb'")
    with pytest.raises(BadCourse) as caught:
        plan(course)
    assert [one.where for one in caught.value.problems] == ["head.ipynb"]


def test_folders_without_notebooks_are_left_out_and_named(tmp_path):
    course = make.write(
        tmp_path,
        ps1=FINE,
        data={"x.csv": b"1"},
        deep={"week/a.ipynb": BOOK},
        checked={".ipynb_checkpoints/a.ipynb": BOOK, "._a.ipynb": b"\0"},
    )
    (course / "source/empty").mkdir()
    found = plan(course)
    assert (names(found), found.refused) == (["ps1"], {})
    assert "有 4 个文件夹里没有笔记本，不是作业，没有导入：checked、data、deep、empty。" in notes(
        found
    )


def test_notebooks_outside_of_assignments_are_named_and_a_header_is_not(tmp_path):
    course = make.write(tmp_path, ps1={**FINE, "more/b.ipynb": BOOK})
    for name in ("head.ipynb", "draft.ipynb", "._draft.ipynb"):
        (course / "source" / name).write_bytes(make.notebook(make.cell("姓名", "markdown")))
    (course / "nbgrader_config.py").write_text(
        "c.IncludeHeaderFooter.header = './source/head.ipynb'"
    )
    said = notes(plan(course))
    assert "有 1 个笔记本不在作业的文件夹里，没有导入：draft.ipynb。" in said
    assert "有 1 个笔记本在子文件夹里，nbgrader 不批改也不发放，没有导入：more/b.ipynb。" in said


COPIES = [
    "a-Copy1.ipynb", "a-Copy12.ipynb", "a-Copy1-Copy1.ipynb", "a (1).ipynb", "a(2).ipynb",
    "a copy.ipynb", "a copy 2.ipynb", "a - Copy.ipynb", "a - Copy (2).ipynb", "a - 副本.ipynb",
    "a - 副本 (3).ipynb", "a 副本.ipynb", "a的副本.ipynb", "Copy of a.ipynb", "a (副本).ipynb",
]  # fmt: skip


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_beside_its_original_stays_out_and_is_named(tmp_path, copy):
    found = plan(make.write(tmp_path, ps1={**FINE, copy: BOOK}))
    (unit,) = found.made
    assert unit.definition.notebooks == ("a.ipynb",)
    assert not any(copy in name for name in read_files(unit.scoring))
    assert f"有 1 个是副本，原来的也在这里，没有导入：{copy}。" in notes(found)


@pytest.mark.parametrize(
    "name",
    ["b-Copy1.ipynb", "copy.ipynb", "a2.ipynb", "a-Copyright.ipynb", "(1).ipynb", "副本.ipynb"],
)
def test_what_only_looks_like_a_copy_is_a_notebook(tmp_path, name):
    (unit,) = plan(make.write(tmp_path, ps1={**FINE, name: BOOK})).made
    assert set(unit.definition.notebooks) == {"a.ipynb", name}


def test_a_copied_folder_is_left_out_too(tmp_path):
    course = make.write(
        tmp_path, **{"ps1": FINE, "ps1-Copy1": FINE, "ps1 (1)": FINE, "ps2 - 副本": FINE}
    )
    found = plan(course)
    assert names(found) == ["ps1", "ps2 - 副本"]
    assert "有 2 个是副本，原来的也在这里，没有导入：ps1 (1)、ps1-Copy1。" in notes(found)


def test_each_kind_of_problem_is_one_line_with_its_places():
    said = lines(
        [
            Problem("source/a/a.ipynb", "第 {cell} 格（{name}）坏了。", {"cell": 2, "name": "x"}),
            Problem("source/a/a.ipynb", "第 {cell} 格（{name}）坏了。", {"cell": 2, "name": "x"}),
            Problem("source/b", "太大。"),
            *(
                Problem(
                    "source/a/b.ipynb", "第 {cell} 格（{name}）坏了。", {"cell": n, "name": "y"}
                )
                for n in range(1, 12)
            ),
            Problem("nbgrader_config.py:3", "不认识 {name}。", {"name": "A.b"}),
            Problem("nbgrader_config.py:4", "不认识 {name}。", {"name": "A.c"}),
        ]
    )
    places = "；".join(f"source/a/b.ipynb 第 {n} 格" for n in range(1, 11))
    assert said == [
        f"source/a/a.ipynb: 第 2 格（x）坏了。（同样的共 12 处，还有：{places}……）",
        "source/b: 太大。",
        "nbgrader_config.py:3: 不认识 A.b。（同样的共 2 处，还有：nbgrader_config.py:4 (A.c)）",
    ]


def test_four_hundred_old_cells_were_one_problem(tmp_path):
    cells = [make.test_cell(f"t {n}", "1") for n in range(400)]
    with pytest.raises(BadCourse) as caught:
        plan(make.write(tmp_path, ps1={"a.ipynb": make.notebook(*cells)}))
    assert len(caught.value.text().splitlines()) == 2
    assert "400 处" in caught.value.text()


def test_many_problems_are_told_apart_quickly():
    many = [Problem("source/a", "{cell}", {"cell": n % 50_000}) for n in range(100_000)]
    assert len(BadCourse(many).problems) == 50_000
    assert leaving_out.copies(f"a-Copy{n}.ipynb" for n in range(10_000)) == set()
