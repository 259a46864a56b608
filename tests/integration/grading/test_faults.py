"""Whatever dies in the middle, each job is graded once, and the rest of the queue goes on."""

import signal

import pytest
from yanxiu.sandbox.client import LauncherGone, SyncLauncher
from yanxiu.work.rules import State

from tests.integration.grading import course
from tests.integration.grading.conftest import start_launcher

FULL = {"missing": 30, "best": 10}
SLOW = "import time\ntime.sleep(4)"


def test_a_killed_workers_job_is_graded_once_by_another(platform):
    submission = platform.submit_notebook(SLOW, course.HONEST)
    first = platform.worker("first")
    platform.wait_until(platform.running)
    platform.end(first, signal.SIGKILL)
    platform.wait_until(lambda: not platform.running())
    assert platform.result(submission).submission.state == State.GRADING
    platform.grade_all()
    assert platform.result(submission).points == {}, "its lease has not run out"

    platform.clock.advance(minutes=2)
    second = platform.worker("second")
    platform.wait_until(lambda: platform.result(submission).points)
    platform.end(second)
    found = platform.result(submission)
    assert found.points == FULL
    assert (found.job.tries, found.job.worker) == (2, "second")
    assert platform.reports(submission) == 1


def test_a_worker_that_comes_too_late_changes_nothing(platform):
    submission = platform.submit_notebook(SLOW, course.HONEST)
    late = platform.worker("late")
    platform.wait_until(platform.running)
    platform.clock.advance(minutes=2)
    platform.grade_all()
    assert platform.result(submission).points == FULL
    log = platform.data / "late.log"
    platform.wait_until(lambda: "outcome=lost" in log.read_text())
    platform.end(late)
    assert platform.result(submission).job.worker == "test"
    assert platform.reports(submission) == 1


def test_sigterm_gives_the_job_back_at_once(platform):
    submission = platform.submit_notebook(SLOW, course.HONEST)
    worker = platform.worker("ended")
    platform.wait_until(platform.running)
    assert platform.end(worker) == 0
    found = platform.result(submission)
    assert found.submission.state == State.QUEUED
    assert found.job.failure == "run_stopped"
    assert not platform.running()
    assert platform.grade(submission).points == FULL


def test_an_idle_worker_ends_at_once(platform):
    worker = platform.worker("idle")
    submission = platform.submit({"answers.json": course.answers(missing=1)})
    platform.wait_until(lambda: platform.result(submission).points)
    assert platform.end(worker) == 0


def test_a_launcher_that_dies_gives_the_job_back(platform, tmp_path):
    launcher, socket = start_launcher(tmp_path / "data", 9, 9)
    other = SyncLauncher(socket)

    def runs(count):
        try:
            return other.ping().sandboxes == count
        except LauncherGone:
            return False

    try:
        platform.wait_until(lambda: runs(0))
        worker = platform.worker("bereft", YANXIU_LAUNCHER_SOCKET=str(socket))
        submission = platform.submit_notebook(SLOW, course.HONEST)
        platform.wait_until(lambda: runs(1))
    finally:
        launcher.kill()
        launcher.wait()
    platform.wait_until(lambda: platform.result(submission).job.failure == "launcher_away")
    found = platform.result(submission)
    assert (found.submission.state, found.job.tries) == (State.QUEUED, 1)
    # It leases nothing more while there is nowhere to run it.
    log = platform.data / "bereft.log"
    platform.wait_until(lambda: "waiting: LauncherGone" in log.read_text())
    assert platform.end(worker) == 0
    assert platform.result(submission).job.tries == 1
    assert platform.grade(submission).points == FULL


@pytest.mark.parametrize(
    "plan, failure",
    [
        ("a scorer that fails", "score_failed"),
        ("a scorer that gives too much", "scores_invalid"),
    ],
)
def test_a_failing_scorer_is_the_courses_fault_and_a_person_decides(platform, plan, failure):
    bad = platform.submit({"answers.json": course.answers(plan=plan)})
    good = platform.submit({"answers.json": course.answers(missing=1, best="S03")})
    platform.grade_all()
    found = platform.result(bad)
    assert (found.submission.state, found.job.failure) == (State.FAILED, failure)
    assert (found.job.tries, found.points) == (1, {})
    assert platform.result(good).points == FULL


def test_two_workers_share_the_queue_and_grade_each_job_once(platform):
    answers = course.answers(missing=1, best="S03")
    submissions = [platform.submit({"answers.json": answers}) for _ in range(6)]
    workers = [platform.worker(name) for name in ("left", "right")]
    platform.wait_until(lambda: all(platform.result(one).points for one in submissions), 60)
    assert [platform.end(worker) for worker in workers] == [0, 0]
    assert all(platform.result(one).points == FULL for one in submissions)
    assert [platform.reports(one) for one in submissions] == [1] * 6
    assert [platform.result(one).job.tries for one in submissions] == [1] * 6


def test_a_log_names_the_job_and_nothing_of_the_learner(platform):
    bad = platform.submit({"answers.json": course.answers(plan="a scorer that fails")})
    submission = platform.submit_notebook("raise ValueError('艾老师 S01')", course.HONEST)
    worker = platform.worker("quiet")
    platform.wait_until(lambda: platform.result(submission).points)
    platform.end(worker)
    log = (platform.data / "quiet.log").read_text()
    assert f"job={platform.result(submission).job.id} outcome=ok seconds=" in log
    assert f"job={platform.result(bad).job.id} outcome=score_failed seconds=" in log
    for secret in ("lease=", "艾老师", "S01", "S03", course.HIDDEN, "w" * 64, "Traceback"):
        assert secret not in log
