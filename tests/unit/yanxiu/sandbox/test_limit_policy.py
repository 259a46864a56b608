"""When a sandbox has to end, and what its end is called."""

from dataclasses import replace

import pytest
from yanxiu.sandbox.files import UNMEASURABLE, Used
from yanxiu.sandbox.limit_policy import (
    EXIT_MEMORY,
    PATIENCE_S,
    Usage,
    ended,
    folder_allowed,
    home_is_full,
    must_end,
)
from yanxiu.sandbox.limits import MB
from yanxiu.settings.limits import RUN, SERVER

LIMITS = replace(RUN, wall_s=10.0, cpu_s=5.0, processes=64)


@pytest.mark.parametrize(
    ("usage", "wall_s", "hurt_s", "outcome"),
    [
        (Usage(), 9.9, 0, None),
        (Usage(), 10.0, 0, "timeout"),
        (Usage(cpu_s=4.9), 1, 0, None),
        (Usage(cpu_s=5.0), 1, 0, "timeout"),
        (Usage(tasks=63), 1, 0, None),
        (Usage(tasks=64), 1, 0, "processes"),
        (Usage(fork_refusals=1), 1, 0, "processes"),
        (Usage(oom_kills=1), 1, 0, None),  # time to save how far it came
        (Usage(oom_kills=1), 1, PATIENCE_S, "memory"),
        (Usage(oom_kills=1, fork_refusals=1), 11, PATIENCE_S, "memory"),  # the first cause
    ],
)
def test_a_run_ends_at_each_limit(usage, wall_s, hurt_s, outcome):
    assert must_end(LIMITS, usage, is_run=True, wall_s=wall_s, hurt_s=hurt_s) == outcome


@pytest.mark.parametrize(
    ("crowded_s", "outcome"), [(0, None), (PATIENCE_S - 0.1, None), (PATIENCE_S, "processes")]
)
def test_a_server_may_touch_its_process_limit_but_not_stay_there(crowded_s, outcome):
    usage = Usage(tasks=SERVER.processes, fork_refusals=9)
    assert must_end(SERVER, usage, is_run=False, wall_s=1e6, crowded_s=crowded_s) == outcome


def test_a_server_survives_its_kernel():
    usage = Usage(oom_kills=3)
    assert must_end(SERVER, usage, is_run=False, wall_s=1e6, hurt_s=1e6) is None


@pytest.mark.parametrize(
    ("used", "full"),
    [
        (Used(SERVER.disk_mb * MB, SERVER.files), False),
        (Used(SERVER.disk_mb * MB + 1, 0), True),
        (Used(0, SERVER.files + 1), True),
        (Used(UNMEASURABLE, 0), True),
    ],
)
def test_a_home_is_full_by_bytes_or_by_names(used, full):
    assert home_is_full(SERVER, used) == full
    found = must_end(
        SERVER, Usage(), is_run=False, wall_s=1, used=used, allowed=folder_allowed(SERVER)
    )
    assert found == ("disk" if full else None)


def test_a_full_home_may_be_what_it_was_and_no_more():
    was = Used(SERVER.disk_mb * MB * 2, 7)
    for used, outcome in (
        (was, None),
        (Used(was.size + 1, 7), "disk"),
        (Used(was.size, 8), "disk"),
    ):
        found = must_end(SERVER, Usage(), is_run=False, wall_s=1, used=used, allowed=was)
        assert found == outcome


@pytest.mark.parametrize(
    ("usage", "exit_code", "full", "outcome"),
    [
        (Usage(), 0, False, "ok"),
        (Usage(), 1, False, "failed"),
        (Usage(), 137, False, "failed"),
        (Usage(oom_kills=1), 0, False, "memory"),  # the notebook's kernel, not the program
        (Usage(), EXIT_MEMORY, False, "memory"),
        (Usage(fork_refusals=2), 1, False, "processes"),
        (Usage(cpu_s=5.0), 1, False, "timeout"),
        (Usage(), 0, True, "disk"),
    ],
)
def test_a_run_that_ended_by_itself(usage, exit_code, full, outcome):
    found = ended(LIMITS, usage, is_run=True, exit_code=exit_code, full=full)
    assert found == outcome


@pytest.mark.parametrize(
    ("usage", "exit_code", "outcome"),
    [
        (Usage(oom_kills=1), 137, "memory"),
        (Usage(oom_kills=1), 0, "ok"),  # a kernel died at noon, the teacher left at four
        (Usage(), 137, "failed"),
        (Usage(), EXIT_MEMORY, "failed"),  # a number like any other, for a server
    ],
)
def test_a_server_that_ended_by_itself(usage, exit_code, outcome):
    assert ended(SERVER, usage, is_run=False, exit_code=exit_code) == outcome
