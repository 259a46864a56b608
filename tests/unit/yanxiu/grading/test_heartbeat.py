"""When a job is dropped, with a clock that the test moves."""

import threading

import pytest
from yanxiu.grading.client import Lease, LeaseLost, RecordsAway, RecordsRefused
from yanxiu.grading.heartbeat import Heartbeat
from yanxiu.sandbox.client import LauncherGone

LEASE = Lease(job="j1", lease="s", unit={}, has_notebook=True, limits={}, seconds=60)


class Heart:
    """Records, as far as a heartbeat goes."""

    def __init__(self):
        self.beats = 0
        self.trouble = None

    def heartbeat(self, lease):
        self.beats += 1
        if self.trouble:
            raise self.trouble


class Stops:
    """The launcher, as far as stopping goes."""

    def __init__(self):
        self.stopped = []
        self.trouble = None

    def stop(self, handle, grace_s):
        if self.trouble:
            raise self.trouble
        self.stopped.append(handle)


@pytest.fixture
def scene():
    class Scene:
        heart, launcher, stopping, now = Heart(), Stops(), threading.Event(), 0.0

        def at(self, now):
            self.now = now
            self.heartbeat.beat()
            return self.heartbeat.over

    scene = Scene()
    scene.heartbeat = Heartbeat(
        scene.heart, scene.launcher, LEASE, scene.stopping, monotonic=lambda: scene.now
    )
    scene.heartbeat.announce("run-a")
    return scene


def test_it_beats_three_times_a_lease(scene):
    assert [scene.at(now) for now in range(0, 61)] == [None] * 61
    assert scene.heart.beats == 3
    assert scene.launcher.stopped == []


@pytest.mark.parametrize("trouble", [LeaseLost(), RecordsRefused(401)])
def test_a_lost_lease_ends_the_run(scene, trouble):
    scene.heart.trouble = trouble
    assert scene.at(19) is None
    assert scene.at(20) == "lost"
    assert scene.launcher.stopped == ["run-a"]


def test_records_may_be_away_for_less_than_a_lease(scene):
    scene.heart.trouble = RecordsAway()
    assert [scene.at(20), scene.at(40)] == [None, None]
    scene.heart.trouble = None
    assert scene.at(59.9) is None  # not due
    assert scene.at(60) is None
    scene.heart.trouble = RecordsAway()
    assert [scene.at(80), scene.at(100)] == [None, None]
    assert scene.at(120) == "lost"


def test_an_ending_worker_ends_its_run(scene):
    scene.stopping.set()
    assert scene.at(0.2) == "stopping"
    assert scene.launcher.stopped == ["run-a"]


def test_between_two_runs_there_is_nothing_to_stop_and_the_next_is_stopped(scene):
    scene.heartbeat.announce(None)
    scene.stopping.set()
    scene.at(1)
    assert scene.launcher.stopped == []
    scene.heartbeat.announce("run-b")
    scene.at(2)
    assert scene.launcher.stopped == ["run-b"]


def test_a_launcher_that_is_away_is_no_reason_to_die(scene):
    scene.launcher.trouble = LauncherGone()
    scene.stopping.set()
    assert scene.at(1) == "stopping"
