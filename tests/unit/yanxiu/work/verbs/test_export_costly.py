"""Exporting work that costs whoever looks at it: each attack unlimited, and then held."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import update
from yanxiu.courses.model import ReleaseUnit
from yanxiu.courses.nbgrader import limited
from yanxiu.courses.nbgrader.writing import INCOMPLETE
from yanxiu.i18n import Translator
from yanxiu.portal.tasks import task_caveat
from yanxiu.store.model import BackgroundTask
from yanxiu.work.verbs import grade
from yanxiu.work.verbs.export_course import export_course
from yanxiu.work.verbs.mark import mark
from yanxiu.work.verbs.submit import submit_form
from yanxiu_formats.bundle import pack

from tests.support.units import notebook
from tests.support.work import SAY, SMALL_AUTO
from tests.support.writing import writing

ACTOR = "system:cli"
ANSWERS = {"mean": 6.5, "pick": ["a", "b"], "report": "多数学生在第三题出错。"}
#: 32 kB of inline tags that every item of a list opens again: a million elements and more.
NESTED = "<ul><li>" + "".join(f"<b title={n}>" for n in range(1000)) + "<li>x" * 3500
#: 6 MB that become a gigabyte of nbformat's objects.
MANY = b"[" + b"{}," * 2_000_000 + b"{}]"
#: Honest work needs 120 MB, so the attacks can be smaller than the export's real limit.
LIMIT_MB = 400


def ran(html: str) -> bytes:
    """Return an executed notebook with an output."""
    book = notebook()
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/html": html}}
    book["cells"][0]["outputs"] = [shown]
    return json.dumps(book).encode()


HONEST = ran("<b>平均分 6.5</b>")
TAGS = ran(NESTED)
METADATA = HONEST.replace(
    b'"metadata": {}, "nbformat"', b'"metadata": {"x": ' + MANY + b'}, "nbformat"'
)


@pytest.fixture
def held(lite):
    """Return a function that hands in for each, graded and marked, with what a run left."""
    learner = pack({"u1.ipynb": json.dumps(notebook()).encode(), "data/quiz.csv": b"pupil\n"})
    blob = lite.store.blobs.put([learner])
    with writing(lite.store) as session:
        session.execute(update(ReleaseUnit).values(learner_blob=blob))

    def hand_in(**executed):
        for who, data in executed.items():
            one = submit_form(
                lite.store, lite.site, lite.actor(who), lite.assignment, ANSWERS
            ).submission_id
            lease = grade.lease(lite.store, lite.site, "w")
            scores = [
                {"task": task, "points": points, "message": SAY} for task, points in SMALL_AUTO
            ]
            report = {"lease": lease.lease, "answers": ANSWERS, "scores": scores}
            grade.report(lite.store, lease.job_id, report, data)
            given = {("report", "follow"): (25.0, "说清楚"), ("report", "use"): (12.0, "")}
            mark(lite.store, lite.actor("county"), one, given, "再想想")
        return lite

    return hand_in


def peak_mb(pid: int | str) -> int:
    """Return the most memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def reader() -> tuple[int, int]:
    """Return who reads a learner's notebook right now, and their peak; zeros for nobody."""
    process = limited._parser._process
    try:
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return int(child), peak_mb(child)
    except (AttributeError, ValueError, OSError, IndexError):
        return 0, 0


@pytest.mark.parametrize("hostile", [TAGS, METADATA], ids=["tags", "metadata"])
def test_without_a_limit_one_notebook_takes_more(held, tmp_path, monkeypatch, hostile):
    """The fault, in a child that is ended once it has been seen."""
    assert len(TAGS) < 36_000 and len(METADATA) < 6_100_000
    county = held(alice=hostile)
    monkeypatch.setattr(limited, "WORK_MEMORY", 1 << 40)
    monkeypatch.setattr(limited, "WORK_CPU_S", 600)
    exporting = threading.Thread(
        target=export_course, args=(county.store, "c1", tmp_path / "out", ACTOR)
    )
    exporting.start()
    child = most = 0
    while exporting.is_alive() and most <= LIMIT_MB + 200:
        child, now = reader()
        most = max(most, now)
        time.sleep(0.02)
    if child and exporting.is_alive():
        os.kill(child, signal.SIGKILL)
    exporting.join()
    assert most > LIMIT_MB + 200


def test_with_it_their_points_are_there_and_everybody_elses_work_is_whole(
    held, tmp_path, monkeypatch
):
    county = held(alice=TAGS, bob=HONEST, charlie=METADATA)
    out = tmp_path / "out"
    monkeypatch.setattr(limited, "WORK_MEMORY", LIMIT_MB << 20)
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM begins anew
    before = peak_mb("self")
    done = export_course(county.store, "c1", out, ACTOR)
    # The 6 MB themselves, and nothing made of them.
    assert peak_mb("self") - before < 100
    alice, bob, charlie = (county.people[one] for one in ("alice", "bob", "charlie"))
    assert sorted(done.incomplete) == sorted([f"{alice}/u1", f"{charlie}/u1"])
    assert (done.submissions, done.people) == (3, 3)

    for who in (alice, charlie):
        assert "超出了限制" in (out / f"autograded/{who}/u1" / INCOMPLETE).read_text("utf-8")
        feedback = {path.name for path in (out / f"feedback/{who}/u1").iterdir()}
        assert feedback == {INCOMPLETE, "comment.txt"}
        cells = json.loads((out / f"autograded/{who}/u1/u1.ipynb").read_bytes())["cells"]
        assert [one["outputs"] for one in cells] == [[], [], []]
    cells = json.loads((out / f"autograded/{bob}/u1/u1.ipynb").read_bytes())["cells"]
    assert cells[0]["outputs"][0]["data"] == {"text/html": "<b>平均分 6.5</b>"}
    page = (out / f"feedback/{bob}/u1/u1.html").read_text("utf-8")
    assert "平均分 6.5" in page and "说清楚" in page
    files = {path.name for path in (out / f"feedback/{bob}/u1").rglob("*") if path.is_file()}
    assert files == {"u1.html", "quiz.csv", "answers.json", "comment.txt"}
    assert not list(out.glob(".*"))
    with Gradebook(f"sqlite:///{out}/gradebook.db") as book:
        totals = {who: book.find_submission("u1", who).score for who in (alice, bob, charlie)}
    assert set(totals.values()) == {52.0}


def test_the_task_says_how_many_are_not_whole():
    counts = {"assignments": 1, "people": 3, "submissions": 3, "unfinished": 1, "incomplete": 2}
    task = BackgroundTask(kind="course.export", state="done", result=counts)
    said = task_caveat(task, Translator("zh_CN"))
    assert "其中 1 份" in said and "有 2 份的笔记本读不了或超出了限制" in said
    task.result = {**counts, "unfinished": 0, "incomplete": 0}
    assert task_caveat(task, Translator("zh_CN")) == ""
