"""What gets into a sandbox's environment."""

from pathlib import PurePosixPath

import pytest
from yanxiu.errors import Invalid
from yanxiu.sandbox.environment import base, from_caller
from yanxiu.settings.limits import RUN


def test_a_server_gets_its_hub_variables_and_nothing_of_the_hub_process():
    given = {
        "JUPYTERHUB_API_TOKEN": "t",
        "JUPYTERHUB_USER": "u",
        "MEM_LIMIT": "1",
        "YANXIU_RECORDS_URL": "http://127.0.0.1:1/",
        "PATH": "/evil",
        "LD_PRELOAD": "/evil.so",
        "PYTHONPATH": "/evil",
        "YANXIU_WORKER_TOKEN": "secret",
        "YANXIU_LISTEN_FD": "0",
        "CONFIGPROXY_AUTH_TOKEN": "secret",
        "XJUPYTERHUB_A": "1",
        "JUPYTERHUB_A\n": "1",
    }
    kept = {"JUPYTERHUB_API_TOKEN", "JUPYTERHUB_USER", "MEM_LIMIT", "YANXIU_RECORDS_URL"}
    assert from_caller(given).keys() == kept


@pytest.mark.parametrize(
    "given",
    [
        {"JUPYTERHUB_USER": 1},
        {"JUPYTERHUB_USER": "a\0b"},
        {"JUPYTERHUB_USER": "x" * 20_000},
        ["JUPYTERHUB_USER"],
        None,
    ],
)
def test_what_cannot_be_in_an_environment_is_refused(given):
    with pytest.raises(Invalid, match=r"launcher\.env"):
        from_caller(given)


def test_the_environment_s_own_programs_come_first():
    env = base(PurePosixPath("/venv"), "/home/teacher", RUN, scratch="/tmp")
    assert env["PATH"].split(":")[0] == "/venv/bin"
    assert env["HOME"] == "/home/teacher"
    assert env["OMP_NUM_THREADS"] == "1"
