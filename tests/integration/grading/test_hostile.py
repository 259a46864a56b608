"""What a learner's code may try: a clear result for that one, and the next grades normally."""

import pytest
from yanxiu.work.rules import State

from tests.integration.grading import course

FULL = {"missing": 30, "best": 10}
NOTHING = {"missing": 0, "best": 0}
FORK_BOMB = "import os\nwhile True:\n    os.fork()"
KILL_ALL = "import os, signal\nos.kill(-1, signal.SIGKILL)"


@pytest.mark.parametrize(
    "attack, ended",
    [
        ("while True: pass", {"timeout"}),
        (FORK_BOMB, {"processes"}),
        ("x = bytearray(20 << 30)", {"memory"}),
        ("xs = []\nwhile True: xs.append(bytearray(50 << 20))", {"memory"}),
        ("for _ in range(1024): print('x' * (1 << 20))", {"output", "memory"}),
        ("with open('big', 'wb') as f:\n  while True: f.write(bytes(1 << 20))", {"ok", "disk"}),
        ("import os\nos._exit(1)", {"kernel_died"}),
        (KILL_ALL, {"failed", "kernel_died"}),
    ],
    ids=["loop", "fork bomb", "20 GB", "memory", "1 GB output", "disk", "dead kernel", "kill all"],
)
def test_using_too_much_ends_that_one_and_its_saved_answers_are_scored(platform, attack, ended):
    saved = course.answers(missing=1, best="S03")
    bad = platform.submit_notebook(attack, answers=saved)
    good = platform.submit_notebook(course.HONEST)
    platform.grade_all()
    found = platform.result(bad)
    run_a = found.run.run_a
    told = run_a["reason"] or run_a["outcome"]
    # Without control groups a cell may live through its own MemoryError: it is on the page then.
    assert told in ended or ("memory" in ended and b"MemoryError" in found.executed), run_a
    assert found.points == FULL
    assert found.submission.state == State.WAITING
    assert b"task = 'missing'" in found.executed, "a person can see what was handed in"
    assert platform.result(good).points == FULL, platform.result(good).job.failure
    assert platform.result(good).run.run_a["outcome"] == "ok"


LOOK_EVERYWHERE = """
import os, socket, subprocess
found = []
needles = [b"HIDDEN" + b"-TEST-7f3a", b"w" * 64, b"s" * 64, b"h" * 64, b"OTHER" + b"-LEARNER"]
for folder, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if f not in ("usr", "site-packages", "lib", "sys")]
    for name in files:
        path = os.path.join(folder, name)
        try:
            if os.path.getsize(path) > 5_000_000 or not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            continue
        if path.startswith("/proc/self/") or "t1.ipynb" in path or "/mem" in path:
            continue
        found += [path for needle in needles if needle in content and "/proc" not in path]
found += [name for name in os.environ if "TOKEN" in name or "YANXIU" in name or "SECRET" in name]
for port in PORTS:
    for host in ("127.0.0.1", "10.0.2.2"):
        try:
            socket.create_connection((host, port), timeout=0.5)
            found.append(f"network {host}:{port}")
        except OSError:
            pass
for path in ("/run/relay", SOCKET, DATA):
    if os.path.exists(path):
        found.append(path)
print("FOUND", sorted(set(found)))
"""


def look(platform):
    port = int(platform.url.rsplit(":", 1)[1])
    names = {"PORTS": [port, 80, 443], "SOCKET": str(platform.socket), "DATA": str(platform.data)}
    lines = "\n".join(f"{name} = {value!r}" for name, value in names.items())
    return f"{lines}\n{LOOK_EVERYWHERE}"


def test_looking_everywhere_finds_nothing_in_the_sandbox(platform):
    platform.submit_notebook("'OTHER-LEARNER'", answers=course.answers(plan="OTHER-LEARNER"))
    found = platform.grade(platform.submit_notebook(look(platform)))
    assert b"FOUND []" in found.executed, found.executed[-3000:]


def test_looking_everywhere_finds_much_without_the_sandbox(platform, tmp_path):
    """The same cell as a plain process: the test above can fail."""
    import subprocess
    import sys

    code = look(platform).replace('os.walk("/")', f"os.walk({str(platform.data)!r})")
    answer = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert "blobs" in answer.stdout, "hidden tests and other submissions"
    assert "network 127.0.0.1" in answer.stdout
    assert str(platform.socket) in answer.stdout


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "/in/job.json", "/proc/self/environ", "/dev/zero"]
)
def test_a_link_in_place_of_the_answers_is_not_followed(platform, target):
    attack = f"""
import os, threading, time
for name in ("answers.json", "executed.ipynb", "result.json"):
    try:
        os.symlink({target!r}, f"/out/{{name}}")
    except OSError:
        pass
os.symlink({target!r}, "answers.json")
"""
    found = platform.grade(platform.submit_notebook(attack))
    assert found.points == NOTHING
    assert found.submission.answers == {}
    assert b"root:" not in found.executed


CLAIM = """
import json
given = {"missing": 2, "best": "S03", "scores": [{"task": "missing", "points": 30}], "points": 100}
whole = {"format": 1, "unit": "t1", "answers": given, "scores": [{"task": "missing", "points": 30}]}
json.dump(whole, open("answers.json", "w"))
for name in ("answers.json", "scores.json", "result.json"):
    json.dump(whole, open(f"/out/{name}", "w"))
"""


def test_claimed_points_are_no_points(platform):
    found = platform.grade(platform.submit_notebook(CLAIM))
    assert found.points == {"missing": 0, "best": 10}
    assert found.submission.answers == {"missing": 2, "best": "S03"}


PATCH = """
import json, builtins
class Always(dict):
    def __eq__(self, other): return True
json.dump = lambda *a, **k: None
json.dumps = lambda *a, **k: "[]"
builtins.open = lambda *a, **k: 1 / 0
import pandas as pd
pd.read_csv = lambda *a, **k: 1 / 0
pd.DataFrame.__eq__ = lambda *a: True
"""


def test_patching_the_learners_own_python_changes_no_score(platform):
    found = platform.grade(platform.submit_notebook(PATCH, course.HONEST))
    assert found.points == NOTHING


def test_a_forged_execution_shows_the_real_sources(platform):
    forge = """
import json, os, signal
book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
  {"cell_type": "code", "id": "a", "metadata": {}, "source": "honest = True", "outputs": [], "execution_count": 1}]}
json.dump(book, open("/out/executed.ipynb", "w"))
os.kill(-1, signal.SIGKILL)
"""
    found = platform.grade(platform.submit_notebook(forge))
    assert b"honest = True" in found.executed and b"signal.SIGKILL" in found.executed
    assert found.executed.count(b'"cell_type"') == 4
