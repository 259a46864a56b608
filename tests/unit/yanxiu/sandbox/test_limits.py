"""What a caller may ask for, and what becomes of it."""

import math

import pytest
from yanxiu.errors import Invalid
from yanxiu.sandbox.limits import MB, limits_from, rlimits, threads
from yanxiu.settings.limits import RUN, SERVER
from yanxiu.settings.model import GradingLimits, ServerLimits


def test_nothing_asked_is_the_default():
    assert limits_from(None, RUN) == RUN


@pytest.mark.parametrize(
    ("fallback", "settings"), [(SERVER, ServerLimits()), (RUN, GradingLimits())]
)
def test_what_nobody_decides_is_the_same_in_the_launcher_and_in_the_settings(fallback, settings):
    shared = fallback.as_json().keys() & settings.model_dump().keys()
    assert shared >= {"memory_mb", "cpus", "processes", "disk_mb"}
    assert {name: fallback.as_json()[name] for name in shared} == settings.model_dump(
        include=shared
    )


def test_what_is_asked_goes_over_the_default():
    chosen = limits_from({"memory_mb": 300, "cpus": 0.5, "wall_s": None}, RUN)
    assert (chosen.memory_mb, chosen.cpus, chosen.wall_s) == (300, 0.5, None)
    assert chosen.processes == RUN.processes


@pytest.mark.parametrize(
    "asked",
    [
        {"memory_mb": 0},
        {"memory_mb": -1},
        {"memory_mb": "512"},
        {"memory_mb": True},
        {"memory_mb": None},  # only the two times of a run can be without end
        {"memory_mb": 1.5},
        {"cpus": math.nan},
        {"wall_s": math.inf},
        {"memory": 512},
        [],
        "all",
    ],
)
def test_anything_else_is_refused_with_a_sentence(asked):
    with pytest.raises(Invalid) as refused:
        limits_from(asked, SERVER)
    assert refused.value.code == "launcher.limits"
    assert refused.value.text().endswith("。")


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(Invalid, match=r"launcher\.limits") as refused:
        limits_from({"ram": 1}, SERVER)
    assert "ram" in refused.value.text() and "memory_mb" in refused.value.text()


@pytest.mark.parametrize(
    ("own_users", "by_cgroup", "counted"),
    [
        (True, True, {"RLIMIT_NPROC"}),
        (True, False, {"RLIMIT_NPROC", "RLIMIT_DATA"}),
        (False, False, {"RLIMIT_DATA"}),  # NPROC would count the operator's own processes
    ],
)
def test_only_what_a_control_group_does_not_count_is_limited(own_users, by_cgroup, counted):
    found = rlimits(RUN, own_users=own_users, by_cgroup=by_cgroup)
    assert found.keys() & {"RLIMIT_NPROC", "RLIMIT_DATA"} == counted
    assert found["RLIMIT_FSIZE"] == RUN.file_mb * MB


def test_a_server_may_run_for_days():
    assert "RLIMIT_CPU" not in rlimits(SERVER, own_users=True, by_cgroup=True)


@pytest.mark.parametrize(("cpus", "count"), [(0.25, 1), (1.0, 1), (1.5, 2), (4.0, 4)])
def test_numeric_libraries_start_as_many_threads_as_there_are_cores(cpus, count):
    assert threads(limits_from({"cpus": cpus}, RUN)) == count
