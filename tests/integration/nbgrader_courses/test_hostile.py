"""Tests in the learner's own kernel: what that gives away, and what it cannot give away."""

import json

import pytest
from yanxiu.courses.reads import courses
from yanxiu.work.rules import State
from yanxiu_formats.bundle import unpack as read_files

from tests.support import nbgrader_course as make

SECRET = "assert double(7) == 14, 'SECRET-5d1e'"
#: Shows each later cell that asserts something, and drops it.
PEEK = """
def peek(lines):
    text = "".join(lines)
    return ["print(" + repr(text[::-1]) + ")"] if "assert" in text else lines

get_ipython().input_transformers_cleanup.append(peek)
"""

LOUD = "while True:\n    print('x' * 10000)"
GREEDY = "x = []\nwhile True:\n    x.append('x' * 10**7)"
DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"
KILLER = "import os, signal\nos.kill(-1, signal.SIGKILL)"
VANDAL = (
    "open('/work/course/gradebook.db', 'w').write('')\nopen('/out/result.json', 'w').write('{')"
)
#: By who does it: what they write, and the reasons that may be given.
TRICKS = {
    "deaf": (DEAF, {"timeout", "refused", "kernel_died"}),
    "loud": (LOUD, {"output", "timeout", "memory"}),
    "greedy": (GREEDY, {"memory", "kernel_died"}),
    "killer": (KILLER, {"kernel_died", "refused"}),
    "vandal": (VANDAL, {"refused"}),
}


@pytest.fixture(scope="module")
def hidden(platform, tmp_path_factory):
    """A course with a hidden test, held for everybody; returns its assignment and unit."""
    folder = make.write(
        tmp_path_factory.mktemp("hidden") / "hidden",
        loop={
            "a.ipynb": make.notebook(
                make.solution("s", "def double(n):\n    return 2 * n"),
                make.test_cell("t", "assert double(1) == 2", 3, hidden=SECRET),
                make.test_cell("u", "assert double(0) == 0", 1),
            ),
            "b.ipynb": make.notebook(make.solution("s", "x = 1"), make.test_cell("t", "assert x")),
        },
    )
    offer = ["--offering", "hidden-a", "--county", "330100"]
    dates = ["--opens", "2020-09-01", "--closes", "2099-01-31"]
    for number, who in enumerate(TRICKS):
        platform.add(who, f"8{number:03}", "2133000001", "teacher")
    platform.cli("course", "import", folder, "--apply", *offer, *dates)
    with platform.store.read() as session:
        row = courses.assignments(session, "hidden-a")["loop"]
        return row.id, courses.unit_of(session, row)


def book(answer: str) -> bytes:
    """Return the notebook as a learner has it, with an answer and old outputs of their own."""
    cells = [
        make.cell(answer, solution=True, grade_id="s"),
        make.cell("assert double(1) == 2", grade=True, locked=True, grade_id="t", points=3),
        make.cell("assert double(0) == 0", grade=True, locked=True, grade_id="u", points=1),
    ]
    return make.notebook(*cells)


def graded(platform, hidden, who, files):
    one = platform.hand_in(who, hidden[0], files)
    platform.grade_all()
    row, grading, proposals, _ = platform.result(one)
    shown = platform.store.blobs.read(row.executed_blob).decode() if row.executed_blob else ""
    return row, grading, proposals, shown


def test_the_run_itself_shows_hidden_tests_and_what_people_read_does_not(platform, hidden):
    wrong = book("def double(n):\n    return 2")
    # The leak first: this is what nbgrader's own feedback is made of.
    scoring = read_files(platform.store.blobs.read(hidden[1].scoring_blob))
    with platform.launcher.job() as job:
        for part in ("grading", "submitted"):
            (job.inbox / part).mkdir()
        (job.inbox / "grading/a.ipynb").write_bytes(scoring["grading/a.ipynb"])
        (job.inbox / "submitted/a.ipynb").write_bytes(wrong)
        about = {"notebooks": ["a.ipynb"], "cell_timeout_s": 20, "output_mb": 2}
        (job.inbox / "job.json").write_text(json.dumps(about))
        assert job.run("nbgrade").outcome == "ok"
        raw = (job.outbox / "executed.json").read_text()
    assert raw.count("SECRET-5d1e") > 2, "its source, and the traceback"

    _, _, proposals, shown = graded(platform, hidden, "alice", {"a.ipynb": wrong})
    assert proposals["a.ipynb", "t"] == 0
    assert "SECRET-5d1e" not in shown and "double(7)" not in shown
    assert "assert double(1) == 2" in shown
    assert "隐藏测试" in shown
    assert "return 2" in shown


def test_a_trick_gets_points_proposed_and_is_there_for_the_person_to_see(platform, hidden):
    row, grading, proposals, shown = graded(platform, hidden, "bob", {"a.ipynb": book(PEEK)})
    # The accepted hole: tests that share a kernel with the learner's code can be turned off.
    assert proposals["a.ipynb", "t"] == 3
    assert (row.state, row.total_points, grading.run_a["in_kernel"]) == (State.WAITING, None, True)
    assert "input_transformers_cleanup" in shown
    assert "SECRET-5d1e" not in shown


def test_a_loop_without_end_costs_its_cell_and_the_next_has_its_turn(platform, hidden):
    files = {
        "a.ipynb": book("while True:\n    pass"),
        "b.ipynb": make.notebook(
            make.cell("x = 1", solution=True, grade_id="s"),
            make.cell("assert x", grade=True, locked=True, grade_id="t", points=1),
        ),
    }
    row, grading, proposals, shown = graded(platform, hidden, "charlie", files)
    assert proposals == {("a.ipynb", "t"): 0, ("a.ipynb", "u"): 0, ("b.ipynb", "t"): 1}
    assert (row.state, grading.run_a["reason"]) == (State.WAITING, "timeout")
    assert "CellTimeoutError" in shown


@pytest.mark.parametrize("who", TRICKS)
def test_what_code_does_to_itself_is_a_proposal_of_zero_with_a_reason(platform, hidden, who):
    answer, reasons = TRICKS[who]
    row, grading, proposals, shown = graded(platform, hidden, who, {"a.ipynb": book(answer)})
    assert (row.state, row.total_points) == (State.WAITING, None)
    assert grading.run_a["reason"] in reasons
    assert set(proposals.values()) == {0}
    cells = json.loads(shown)["cells"]
    assert answer in [cell["source"] for cell in cells], "a person can see what it was"
