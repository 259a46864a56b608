"""Every fault that a notebook may have, through the door and graded by a real worker: the table of
docs/reference/faulty-files.md. Nothing that got a receipt is "unreadable" afterwards."""

import shutil

import pytest
from yanxiu.courses.reads import courses
from yanxiu_formats.bundle import pack

from tests.support import notebook_cases as cases
from tests.support.nbgrader_course import CASES

#: Graded for real: of each kind those that the grading of 535bc80 gave up. That all of them are
#: what nbgrader expects is shown in tests/unit/yanxiu/sandbox/inside/test_feedback_notebook.py.
GRADED = [name for name in cases.TAKEN if name[:1] in "bp"] + [
    "UTF-16 without a mark",
    "zeros after its end",
    "one byte of UTF-8 lost",
    "metadata of the notebook is a list",
    "kernelspec: null",
    "points as text",
    "a mark without its version",
    "outputs: null",
    "an output that is null",
    "a cell that is null",
    "half an emoji",
    "NaN",
    "a number of 5,000 digits",
    "ids that are none",
    "format 3",
    "Colab",
    "Deepnote",
    "VS Code",
    "Kaggle",
]


@pytest.fixture(scope="module")
def base(platform, tmp_path_factory):
    """The course of the cases, held; returns the id of its assignment."""
    for number, name in enumerate(GRADED):
        platform.add(name, f"7{number:03}", "2133000001", "teacher")
    offer = ["--offering", "base-a", "--county", "330100", "--term", "2026 秋"]
    dates = ["--opens", "2020-09-01", "--closes", "2099-01-31"]
    folder = tmp_path_factory.mktemp("cases") / "base"
    ignored = shutil.ignore_patterns("p2.ipynb")
    shutil.copytree(CASES / "base", folder, ignore=ignored)
    platform.cli("course", "import", folder, "--apply", *offer, *dates)
    with platform.store.read() as session:
        return courses.assignments(session, "base-a")["ps1"].id


@pytest.fixture(scope="module")
def found(platform, base):
    """What each case came to: ``(points, reason)``, or the refusal's code."""
    handed_in, found = {}, {}
    for name in GRADED:
        content = pack({cases.NAME: cases.TAKEN[name]()})
        with platform.learn(name) as api:
            answer = api.post(f"units/{base}/submissions", content=content)
        if answer.status_code == 201:
            handed_in[name] = answer.json()["receipt"]
        else:
            found[name] = answer.json()["code"]
    platform.grade_all()
    for name, number in handed_in.items():
        row, run, points, _ = platform.by_receipt(number)
        reason = (run.run_a or {}).get("reason") if run else row.state
        found[name] = points.get((cases.NAME, "test_square")), reason
    return found


@pytest.mark.parametrize("name", GRADED)
def test_what_can_be_mended_is_graded_like_the_whole(found, name):
    assert found[name] == (6, None)


@pytest.mark.parametrize("name", cases.REFUSED)
def test_what_cannot_be_graded_is_refused_at_the_door_with_what_to_do(platform, base, name):
    make, code, word = cases.REFUSED[name]
    with platform.learn("alice") as api:
        answer = api.post(f"units/{base}/submissions", content=pack({cases.NAME: make()}))
    said = answer.json()
    assert (answer.status_code in (413, 422), said["code"]) == (True, code), answer.text
    assert word in said["message"] and cases.NAME in said["message"]
