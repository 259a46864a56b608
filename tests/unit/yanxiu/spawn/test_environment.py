"""What a server is told."""

import pytest
from yanxiu.sandbox.environment import from_caller
from yanxiu.spawn.environment import OURS, allowed, server_environment, with_peak
from yanxiu_formats.idle import Peak

RECORDS = "http://127.0.0.1:15002/services/records"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("JUPYTERHUB_API_TOKEN", True),
        ("JUPYTERHUB_SERVICE_PREFIX", True),
        ("YANXIU_IDLE_MINUTES", True),
        ("JPY_API_TOKEN", False),  # the same token under a name of 2016
        ("JUPYTERHUB_ADMIN_ACCESS", False),
        ("YANXIU_HUB_COOKIE_SECRET", False),
        ("YANXIU_DATABASE_URL", False),
        ("PATH", False),  # the sandbox has its own
    ],
)
def test_the_environment_is_an_allow_list(name, kept):
    assert (name in allowed({name: "x"})) is kept


def test_what_the_platform_says_passes_the_allow_list():
    told = server_environment(RECORDS, 120, assignment_list=True)
    assert set(with_peak(told, Peak(630, 810, 30))) == OURS
    assert with_peak(told, None) == told


@pytest.mark.parametrize("on, said", [(True, "1"), (False, None)])
def test_the_assignment_list_is_asked_for(on, said):
    env = server_environment(RECORDS, assignment_list=on)
    assert from_caller(env).get("YANXIU_ASSIGNMENT_LIST") == said


def test_records_are_where_the_relay_is():
    assert server_environment(RECORDS)["YANXIU_RECORDS_URL"] == RECORDS


@pytest.mark.parametrize("minutes, told", [(0, None), (1, "1"), (120, "120")])
def test_a_server_knows_after_how_long_it_is_stopped(minutes, told):
    env = server_environment(RECORDS, minutes)
    assert env.get("YANXIU_IDLE_MINUTES") == told
    assert from_caller(env).get("YANXIU_IDLE_MINUTES") == told
