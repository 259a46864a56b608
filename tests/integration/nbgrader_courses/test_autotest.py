"""AUTOTEST is expanded as nbgrader expands it, in a sandbox; ``Execute.timeout`` is the course's."""

import json
import shutil
from pathlib import Path

import pytest
from yanxiu.courses.reads import courses
from yanxiu.courses.verbs.import_course import plan
from yanxiu_formats.bundle import unpack as read_files

from tests.integration.nbgrader_courses.test_same_release import same_form, stock
from tests.support import nbgrader_course as make

TEMPLATES = make.EXAMPLE.parent / "autotests.yml"
HEADER = make.notebook(make.cell("base = 40"))
#: The same questions with another word, another mark of comments and another file of templates.
OWN_WORDS = (
    "c.InstantiateTests.autotest_delimiter = 'PRÜFE'\n"
    "c.InstantiateTests.autotest_filename = 'tests.yml'\n"
    "c.InstantiateTests.enforce_metadata = False\n"
    "c.InstantiateTests.use_salt = False\n"
)
OFFER = ("--county", "330100", "--opens", "2020-09-01", "--closes", "2099-01-31")


def questions(word="AUTOTEST"):
    return make.notebook(
        make.solution("s", "x = 42\nwords = ['b', 'a']\nshare = 0.333"),
        make.test_cell("t", f"# {word} x\n# {word} share; words", 2),
        make.test_cell("h", f"assert x\n# HASHED {word} x * 1000 + 17", 1),
        make.test_cell(
            "u", f"assert True\n### BEGIN HIDDEN TESTS\n# {word} x + 1\n### END HIDDEN TESTS"
        ),
        make.test_cell("plain", "assert x == 42"),
    )


def course(folder: Path, settings: str = "", word: str = "AUTOTEST", templates="autotests.yml"):
    make.write(folder, ps1={"a.ipynb": questions(word), "b.ipynb": make.notebook(make.manual("m"))})
    (folder / "nbgrader_config.py").write_text(settings, "utf-8")
    shutil.copy(TEMPLATES, folder / templates)
    return folder


def quickstart(folder: Path) -> Path:
    shutil.copytree(make.EXAMPLE / "ps1_autotest", folder / "source/ps1_autotest")
    shutil.copy(TEMPLATES, folder / "autotests.yml")
    return folder


def with_header(folder: Path) -> Path:
    """The header's cells run too; here the assignment brings its own file of templates."""
    course(folder, "c.IncludeHeaderFooter.header = 'source/head.ipynb'")
    (folder / "source/head.ipynb").write_bytes(HEADER)
    (folder / "autotests.yml").rename(folder / "source/ps1/autotests.yml")
    return folder


COURSES = {
    "quickstart": quickstart,
    "plain": course,
    "own words": lambda folder: course(folder, OWN_WORDS, "PRÜFE", "tests.yml"),
    "header": with_header,
}


@pytest.mark.parametrize("name", COURSES)
def test_learners_get_the_tests_that_nbgrader_would_make(platform, tmp_path, name):
    folder = COURSES[name](tmp_path / "course")
    found = plan(folder, launcher=platform.launcher)
    assert found.refused == {}
    for unit in found.made:
        theirs, ours = stock(folder, unit.definition.assignment), read_files(unit.learner)
        assert sorted(ours) == sorted(theirs)
        for file in unit.definition.notebooks:
            mine = same_form(ours[file])
            assert mine == same_form(theirs[file])
            assert not any("AUTOTEST" in cell.source for cell in mine.cells)
    text = b"".join(read_files(found.made[0].learner).values())
    assert name == "quickstart" or b"assert str(type(x)) == " in text
    # What is kept of the source is the course's own.
    kept = read_files(found.made[0].scoring)
    assert any(b"AUTOTEST" in data or "PRÜFE".encode() in data or rb"PR\u00dcFE" in data
               for file, data in kept.items() if file.startswith("source/"))  # fmt: skip
    assert plan(folder, launcher=platform.launcher).digest == found.digest


def test_the_tests_judge_what_learners_write(platform, tmp_path):
    folder = course(tmp_path / "auto")
    platform.cli("course", "import", folder, "--apply", "--offering", "auto-a", *OFFER)
    with platform.store.read() as session:
        row = courses.assignments(session, "auto-a")["ps1"]
        unit = courses.unit_of(session, row)
    release = read_files(platform.store.blobs.read(unit.learner_blob))
    proposals = {}
    for who, answer in {
        "alice": "x = 40 + 2\nwords = ['b', 'a']\nshare = 0.3333",
        "bob": "x = 41\nwords = ['b', 'a']\nshare = 0.333",
        "charlie": "x = 42.0\nwords = 'ba'\nshare = 1/3",
    }.items():
        book = json.loads(release["a.ipynb"])
        book["cells"][0]["source"] = answer
        sent = {**release, "a.ipynb": json.dumps(book).encode()}
        proposals[who] = platform.hand_in(who, row.id, sent)
    platform.grade_all()
    points = {
        who: {cell: given for (_, cell), given in platform.result(one)[2].items() if cell != "m"}
        for who, one in proposals.items()
    }
    assert points == {
        "alice": {"t": 2, "h": 1, "u": 1, "plain": 1},
        "bob": {"t": 0, "h": 0, "u": 0, "plain": 0},
        "charlie": {"t": 0, "h": 0, "u": 0, "plain": 1},
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "autotests.yml").unlink(), "No such file or directory"),
        (lambda folder: (folder / "autotests.yml").write_text("python3: ["), "AUTOTEST 没有展开"),
        (lambda folder: (folder / "autotests.yml").write_text("ir: {}"), "python3"),
        (
            lambda folder: make.write(
                folder, ps1={"a.ipynb": make.notebook(make.cell("x = 1\n# AUTOTEST x"))}
            ),
            "outside of an 'Autograder tests' cell",
        ),
        (
            lambda folder: make.write(
                folder,
                ps1={
                    "a.ipynb": make.notebook(
                        make.solution("s", "while True: pass"), make.test_cell("t", "# AUTOTEST 1")
                    )
                },
            ),
            "超出了限制（timeout）",
        ),
    ],
)
def test_what_cannot_be_expanded_refuses_its_assignment(platform, tmp_path, change, said):
    folder = make.write(course(tmp_path / "c"), good={"a.ipynb": make.notebook(make.manual("m"))})
    change(folder)
    found = plan(folder, launcher=Hasty(platform.launcher))
    assert [unit.definition.assignment for unit in found.made] == ["good"]
    assert said in found.refused["ps1"][0].text()


class Hasty:
    """The launcher, which lets a run take fifteen seconds: a loop without an end has one here."""

    def __init__(self, launcher):
        self._launcher = launcher

    def job(self):
        from contextlib import contextmanager

        @contextmanager
        def opened():
            with self._launcher.job() as job:
                run = job.run
                job.run = lambda program: run(program, {"wall_s": 15, "cpu_s": 15})
                yield job

        return opened()


def test_without_a_platform_it_says_what_to_start(tmp_path):
    from yanxiu.sandbox.client import SyncLauncher

    folder = make.write(course(tmp_path / "c"), good={"a.ipynb": make.notebook(make.manual("m"))})
    for launcher in (None, SyncLauncher(tmp_path / "no.sock")):
        found = plan(folder, launcher=launcher)
        assert [unit.definition.assignment for unit in found.made] == ["good"]
        assert "请先运行 yanxiu up" in found.refused["ps1"][0].text()


SLOW = "import time\ntime.sleep(3)\nx = 1"


@pytest.mark.parametrize(
    ("settings", "points"),
    [
        ("", 1),  # the site's five seconds
        ("c.Execute.timeout = 1", 0),
        ("c.ExecutePreprocessor.timeout = 1", 0),
        ("c.ExecutePreprocessor.timeout = 1\nc.Execute.timeout = 20", 1),
        ("c.Execute.timeout = None", 1),
    ],
)
def test_a_cell_may_run_as_long_as_the_course_says(platform, tmp_path, settings, points):
    name = f"slow{abs(hash(settings))}"
    folder = make.write(
        tmp_path / name,
        ps1={
            "a.ipynb": make.notebook(
                make.cell("x = 0", solution=True, grade_id="s"),
                make.test_cell("t", "assert x == 1"),
            )
        },
    )
    (folder / "nbgrader_config.py").write_text(settings)
    platform.cli("course", "import", folder, "--apply", "--offering", name, *OFFER)
    with platform.store.read() as session:
        row = courses.assignments(session, name)["ps1"]
        unit = courses.unit_of(session, row)
    release = read_files(platform.store.blobs.read(unit.learner_blob))
    book = json.loads(release["a.ipynb"])
    book["cells"][0]["source"] = SLOW
    sent = platform.hand_in("alice", row.id, {"a.ipynb": json.dumps(book).encode()})
    platform.grade_all()
    assert platform.result(sent)[2] == {("a.ipynb", "t"): points}
