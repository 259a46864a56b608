"""Several programs in one sandbox: each has its own end, none has more than a sandbox allows."""

import json
import os
import subprocess
import sys

import pytest

from tests.integration.sandbox.accounts import REPO, Account, command, needs_namespaces


@pytest.fixture(scope="module")
def found(account: Account):
    needs_namespaces()
    argv = [sys.executable, "-m", "tests.integration.sandbox.several_programs"]
    done = subprocess.run(
        command(account, argv),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{REPO}/hub:{REPO}", "TMPDIR": "/tmp"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_each_program_has_its_own_end(found):
    assert found["codes"] == [7, -9, 0, -15, -9]
    assert found["alive_beside"]


def test_the_sandbox_outlives_a_program_that_kills_all_it_sees(found):
    assert found["outlived"] and "killed" in found["output"]
    assert found["gone"]


def test_programs_share_what_is_theirs(found):
    assert "sees first" in found["output"]


def test_a_program_has_nothing_that_it_was_not_given(found):
    said = dict(line.split(maxsplit=1) for line in found["output"] if " " in line or "\t" in line)
    none = "0000000000000000"
    assert (said["CapPrm:"], said["CapBnd:"]) == (none, none)
    assert (said["NoNewPrivs:"], said["Seccomp:"]) == ("1", "2")
    assert said["limits"] == "4096 0"
    # 0, 1, 2 and the one it was given; and what ``ls`` reads the folder by.
    assert said["open"] == "5"
    assert said["said"] == "a word"
    assert said["env"] == "0"
