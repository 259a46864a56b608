"""What learners get is what nbgrader's own commands would give them, file by file.

Ten invented courses of different shapes; of each, stock ``nbgrader generate_assignment`` and
its exchange's copy are run in the course's folder and compared with what the import made.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from yanxiu.courses.verbs.import_course import plan
from yanxiu.courses.verbs.release_check import check_release
from yanxiu_formats.bundle import unpack as read_files

from tests.support import nbgrader_course as make

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)
PLAIN = make.notebook(
    make.cell("# 第一题", "markdown"),
    make.solution("s", "x = 42"),
    make.test_cell("t", "assert x", hidden="assert x == 42"),
    make.manual("why"),
)
OUTPUT = {"output_type": "stream", "name": "stdout", "text": "42\n"}
RAN = make.notebook(
    {**make.solution("s", "x = 42"), "outputs": [OUTPUT], "execution_count": 3},
    {**make.cell("x"), "metadata": {"collapsed": True, "scrolled": True, "tags": ["keep"]}},
    make.cell("read only", "markdown", locked=True, grade_id="ro"),
    make.test_cell("t", "assert x", hidden="assert x == 42"),
)
TASKS = make.notebook(
    make.cell("Do.\n=== BEGIN MARK SCHEME ===\n2 points\n=== END MARK SCHEME ===", "markdown",
              task=True, grade_id="k", points=2),
    make.manual("essay", kind="code"),
    make.cell("def f():\n    a = 1\n    # BEGIN SOLUTION\n    b = 2\n    # END SOLUTION\n    return a",
              solution=True, grade_id="f"),
)  # fmt: skip
OWN_WORDS = make.notebook(
    make.cell("def f():\n    #< ANS\n    return 42\n    #> ANS", solution=True, grade_id="f"),
    make.test_cell("t", "assert f()\n#< GEHEIM\nassert f() == 42\n#> GEHEIM\nassert True"),
)
HEADER = make.notebook(make.cell("姓名", "markdown"), make.cell("NAME = ''"))
FOOTER = make.notebook(make.cell("谢谢", "markdown", locked=True, grade_id="end"))
LOOSE = make.notebook(
    make.cell("### BEGIN SOLUTION\n1\n### END SOLUTION"),
    make.cell("x\n### BEGIN HIDDEN TESTS\n2\n### END HIDDEN TESTS"),
)
#: By name: the configuration files, header and footer, and the assignments.
COURSES = {
    "plain": ({}, {}, {"ps1": {"p1.ipynb": PLAIN}}),
    "several": (
        {},
        {},
        {"ps1": {"p1.ipynb": PLAIN, "p2.ipynb": TASKS}, "ps 2": {"最后.ipynb": RAN}},
    ),
    "files": (
        {},
        {},
        {
            "ps1": {
                "p1.ipynb": PLAIN,
                "images/a b.png": PNG,
                "data/deep/x.csv": b"1",
                "helper.py": b"",
                "data/__pycache__/y.pyc": b"1",
                "feedback/z.html": b"1",
            }
        },
    ),
    "own-words": (
        {
            "nbgrader_config.py": "c = get_config()\n"
            "c.ClearSolutions.begin_solution_delimeter = '#< ANS'\n"
            "c.ClearSolutions.end_solution_delimeter = '#> ANS'\n"
            "c.ClearSolutions.code_stub = {'python': '# 写在这里\\nraise NotImplementedError()'}\n"
            "c.ClearHiddenTests.begin_test_delimeter = '#< GEHEIM'\n"
            "c.ClearHiddenTests.end_test_delimeter = '#> GEHEIM'\n"
        },
        {},
        {"ps1": {"p1.ipynb": OWN_WORDS}},
    ),
    "own-words-in-json": (
        {
            "nbgrader_config.py": "X = 'variable'\nc.ClearHiddenTests.begin_test_delimeter = X\n",
            "nbgrader_config.json": json.dumps(
                {
                    "ClearSolutions": {
                        "begin_solution_delimeter": "#< ANS",
                        "end_solution_delimeter": "#> ANS",
                        "text_stub": "在这里写",
                    },
                    "ClearHiddenTests": {
                        "begin_test_delimeter": "#< GEHEIM",
                        "end_test_delimeter": "#> GEHEIM",
                    },
                }
            ),
        },
        {},
        {"ps1": {"p1.ipynb": OWN_WORDS, "p2.ipynb": make.notebook(make.manual("m"))}},
    ),
    "ignored": (
        {
            "nbgrader_config.py": "c.CourseDirectory.ignore = ['private', '*.key', '__pycache__']\n"
            "c.CourseDirectory.include = ['*.ipynb', '*.csv', '*.py', '*.txt', 'feedback']\n"
            "c.CourseDirectory.max_file_size = 3\n"
        },
        {},
        {
            "ps1": {
                "p1.ipynb": PLAIN,
                "private/answers.txt": b"42",
                "data/private/x.csv": b"42",
                "data/x.csv": b"1",
                "a.key": b"42",
                "big.csv": b"0" * 4000,
                "left.bin": b"1",
                "feedback/notes.txt": b"stays",
                "sub/other.ipynb": PLAIN,
            }
        },
    ),
    "header-and-footer": (
        {
            "nbgrader_config.py": "c.IncludeHeaderFooter.header = 'source/header.ipynb'\n"
            "c.IncludeHeaderFooter.footer = 'parts/footer.ipynb'\n"
        },
        {"source/header.ipynb": HEADER, "parts/footer.ipynb": FOOTER},
        {"ps1": {"p1.ipynb": PLAIN}, "ps2": {"p1.ipynb": TASKS, "p2.ipynb": RAN}},
    ),
    "locks": (
        {
            "nbgrader_config.py": "c.LockCells.lock_all_cells = True\n"
            "c.LockCells.lock_grade_cells = False\nc.LockCells.lock_solution_cells = False\n"
            "c.ClearMarkScheme.check_attachment_leakage = False\n"
            "c.Execute.timeout = 5\nc.Exchange.root = '/x'\n"
        },
        {},
        {"ps1": {"p1.ipynb": RAN, "p2.ipynb": TASKS}},
    ),
    "no-metadata": (
        {
            "nbgrader_config.py": "c.ClearSolutions.enforce_metadata = False\n"
            "c.ClearHiddenTests.enforce_metadata = False\n"
        },
        {},
        {"ps1": {"p1.ipynb": LOOSE}},
    ),
    "old": (
        {
            "nbgrader_config.py": "c.NbGrader.source_directory = 'master'\n"
            "c.NbGrader.ignore = ['secret']\n"
            "c.ClearSolutions.code_stub = '# yours'\n",
            "jupyter_config.json": '{"ClearSolutions": {"text_stub": "nobody reads this file"}}',
        },
        {},
        {"_a0": {"p1.ipynb": PLAIN, "secret/x.txt": b"1"}},
    ),
}


def written(folder: Path, name: str) -> Path:
    settings, parts, assignments = COURSES[name]
    make.write(folder, **assignments)
    for file, data in {**settings, **parts}.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    if name == "old":
        (folder / "source").rename(folder / "master")
    return folder


def stock(folder: Path, assignment: str) -> dict[str, bytes]:
    """Return what stock nbgrader gives learners: generated, and copied as its exchange copies."""
    code = (
        "import sys; from pathlib import Path\n"
        "from nbgrader.apps import GenerateAssignmentApp as App\n"
        "from nbgrader.exchange.default import ExchangeReleaseAssignment as Release\n"
        "app = App(); app.initialize([sys.argv[1], '--no-db']); app.start()\n"
        "app.coursedir.assignment_id = sys.argv[1]\n"
        "release = Release(coursedir=app.coursedir, parent=app)\n"
        "release.init_src(); release.do_copy(release.src_path, sys.argv[2])\n"
    )
    out = folder.parent / "learners" / assignment
    out.parent.mkdir(exist_ok=True)
    bin_ = Path(sys.executable).parent
    done = subprocess.run(
        [sys.executable, "-c", code, assignment, out],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env={"PATH": f"{bin_}:{os.environ['PATH']}", "HOME": str(folder.parent)},
    )
    assert done.returncode == 0, done.stderr
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file()
    }


def same_form(data: bytes):
    """Return a notebook as it is read: nbgrader writes each source as a list of lines."""
    return nbformat.reads(data.decode(), as_version=4)


@pytest.mark.parametrize("name", COURSES)
def test_learners_get_what_nbgrader_would_give_them(tmp_path, name):
    course = written(tmp_path / "course", name)
    assignments = COURSES[name][2]
    planned = plan(course)
    assert {unit.definition.assignment for unit in planned.made} == assignments.keys()
    check_release(planned.made, planned.settings, planned.parts)
    for unit in planned.made:
        ours = read_files(unit.learner)
        theirs = stock(course, unit.definition.assignment)
        assert sorted(ours) == sorted(theirs)
        for file, data in theirs.items():
            if file.endswith(".ipynb"):
                assert same_form(ours[file]) == same_form(data), file
            else:
                assert ours[file] == data, file
        assert b"42" not in b"".join(
            data for file, data in ours.items() if file.endswith(".ipynb")
        ), "no answer and no hidden test of these courses is without it"


def test_the_comparison_can_fail(tmp_path):
    """With one delimiter unread, the learners' version is not nbgrader's: so it was."""
    course = written(tmp_path / "course", "own-words")
    theirs = stock(course, "ps1")
    shutil.move(course / "nbgrader_config.py", tmp_path)
    (unit,) = plan(course).made
    ours = read_files(unit.learner)
    assert same_form(ours["p1.ipynb"]) != same_form(theirs["p1.ipynb"])
    assert b"== 42" in ours["p1.ipynb"]
