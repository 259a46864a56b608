"""What is exported opens in nbgrader with the platform's own scores."""

import csv
import re
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest
from yanxiu.store.model import AuditEvent
from yanxiu.up.ports import free_ports
from yanxiu.work.reads import attempts
from yanxiu.work.verbs.mark import mark
from yanxiu.work.verbs.release import release

from tests.integration.nbgrader_courses import learners

#: Confirmed by a person; the others stay as the machine left them.
CONFIRMED = ("solution", "half", "crash")


@pytest.fixture(scope="module")
def exported(platform, ours, tmp_path_factory):
    """The course after a person has confirmed some submissions, one of them corrected."""
    county = platform.actor("county")
    for name in CONFIRMED:
        row, _, _, unit = ours[name]
        with platform.store.read() as session:
            proposed = {key: one.points for key, one in attempts.scores(session, row).items()}
        points = {task.id: proposed.get(task.id, task.points / 2) for task in unit.tasks}
        if name == "half":
            points[unit.tasks[0].id] = 0.25
        given = {(task, "points"): (one, "=好") for task, one in points.items()}
        mark(platform.store, county, row.id, given, "请看第二题")
    release(platform.store, county, ours["solution"][0].id)
    folder = tmp_path_factory.mktemp("out") / "course101"
    said = platform.cli("course", "export", "course101", "--to", folder)
    assert "9 份" in said and f"其中 {len(ours) - len(CONFIRMED)} 份还没有评完或没有确认" in said
    return folder


@pytest.fixture(scope="module")
def totals(platform, ours, exported):
    """What nbgrader should show of each person."""
    found = {}
    with platform.store.read() as session:
        for name, (row, _, _, _) in ours.items():
            now = attempts.attempt(session, row.id)
            found[platform.people[name]] = (
                now.auto_points if now.total_points is None else now.total_points
            )
    return found


@contextmanager
def formgrader(folder):
    """Run a real Jupyter server over the folder, as ``nbgrader formgrader``'s users do."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "jupyter", "server", "--allow-root", "--no-browser"]
    options = [
        f"--port={port}",
        "--ip=127.0.0.1",
        "--IdentityProvider.token=t",
        f"--ServerApp.root_dir={folder}",
    ]
    with (folder.parent / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *options], cwd=folder, stdout=log, stderr=log, env=learners.with_path()
        )
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}/formgrader/",
        headers={"Authorization": "token t"},
        timeout=60,
        trust_env=False,
        follow_redirects=True,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                client.get("../api/status")
                break
            except httpx.TransportError:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.1)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait(20)


def test_nbgraders_own_export_says_the_same(exported, totals):
    learners.nbgrader(exported, "export")
    with (exported / "grades.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["student_id"]: float(row["score"]) for row in rows} == totals
    assert {row["max_score"] for row in rows} == {"13.0"}
    assert {row["late_submission_penalty"] for row in rows} == {"0.0"}
    assert not any(row["last_name"] for row in rows)
    assert len(set(totals.values())) > 4, "a comparison of equal numbers shows little"


def test_formgrader_opens_it_with_the_same_scores(exported, totals, platform):
    with formgrader(exported) as client:
        (ps1,) = client.get("api/assignments").json()
        assert (ps1["name"], ps1["num_submissions"], ps1["max_score"]) == ("ps1", 9, 13)
        rows = client.get("api/submissions/ps1").json()
        assert {row["student"]: row["score"] for row in rows} == totals
        assert all(row["autograded"] for row in rows)
        waiting = {row["student"] for row in rows if row["needs_manual_grade"]}
        assert waiting == {platform.people[name] for name in learners.WORK if name not in CONFIRMED}
        (one,) = client.get("api/submitted_notebooks/ps1/problem1").json()[:1]
        page = client.get(f"submissions/{one['id']}/")
        assert page.status_code == 200
        assert "squares" in page.text


def test_comments_and_corrections_are_in_it(exported, platform):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{exported}/gradebook.db") as book:
        student = platform.people["half"]
        grade = book.find_grade("correct_squares", "problem1", "ps1", student)
        assert (grade.auto_score, grade.manual_score, grade.score) == (1, 0.25, 0.25)
        comment = book.find_comment("part-a", "problem2", "ps1", student)
        assert comment.manual_comment == "=好"
    folder = exported / "feedback" / platform.people["solution"] / "ps1"
    assert (folder / "comment.txt").read_text() == "请看第二题"
    assert "correct_squares" in (folder / "problem1.html").read_text()


def test_folders_are_complete_and_a_stranger_cannot_read_them(exported, platform, release):
    student = platform.people["solution"]
    assert learners.folder_files(exported / "release/ps1") == release
    assert (exported / "source/ps1/problem1.ipynb").read_text().count("BEGIN SOLUTION") > 1
    assert (exported / f"submitted/{student}/ps1/my.csv").exists()
    assert re.fullmatch(
        r"[0-9-]{10} [0-9:.]+ UTC\n",
        (exported / f"submitted/{student}/ps1/timestamp.txt").read_text(),
    )
    assert exported.stat().st_mode & 0o077 == 0
    assert {path.name for path in exported.iterdir()} >= {
        "source",
        "release",
        "submitted",
        "autograded",
        "feedback",
        "gradebook.db",
    }
    assert not list(exported.parent.glob(".*"))


def test_exports_are_audited_and_never_overwrite(exported, platform, tmp_path):
    said = platform.cli("course", "export", "course101", "--to", exported, code=1)
    assert "已经有东西" in said
    said = platform.cli("course", "export", "nothing", "--to", tmp_path / "x", code=1)
    assert "没有课程 nothing" in said
    said = platform.cli(
        "course", "export", "course101", "--offering", "py-z", "--to", tmp_path / "x", code=1
    )
    assert "有的是：py-a" in said
    assert not (tmp_path / "x").exists()
    with platform.store.read() as session:
        (event,) = session.query(AuditEvent).filter_by(verb="course.export").all()
    assert (event.actor, event.object_id) == ("system:cli", "course101")
    assert event.details["names"] is False and event.details["submissions"] == 9
