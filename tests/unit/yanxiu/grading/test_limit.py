"""A worker's own memory: what it reads was left by hostile code."""

import subprocess
import sys

import pytest

_GREEDY = """
import json, sys
if sys.argv[1] == "limited":
    from yanxiu.grading.limit import limit
    limit(256)
try:
    found = json.loads("[" + "{}," * 4_000_000 + "{}]")
    print("read", open("/proc/self/oom_score_adj").read().strip())
except MemoryError:
    del sys.modules["json"]
    print("refused", open("/proc/self/oom_score_adj").read().strip())
"""


@pytest.mark.parametrize(
    ("how", "ended"), [("unlimited", ["read"]), ("limited", ["refused", "300"])]
)
def test_twelve_megabytes_of_json_take_ten_times_that(how, ended):
    done = subprocess.run(
        [sys.executable, "-c", _GREEDY, how], capture_output=True, text=True, check=False
    )
    assert done.stdout.split()[: len(ended)] == ended, done.stderr
