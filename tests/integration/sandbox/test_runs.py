"""Runs: what they leave, and how each of the four floods ends for that run alone."""

import json
import time

import pytest
from yanxiu.errors import Refused

from tests.integration.sandbox.attacks import LOOT
from tests.integration.sandbox.conftest import execute, python, scored
from tests.integration.sandbox.scene import Running


def test_a_notebook_is_executed_past_its_errors_and_its_answers_are_kept(sandboxed):
    done = execute(
        sandboxed,
        "import json, os; 1 / 0",
        "json.dump({'format': 1, 'answers': {'a': len(os.listdir('/in/work'))}}, open('answers.json', 'w'))",
        "open('other.txt', 'w').write('x'); open('/out/other.txt', 'w').write('x'); print('end')",
    )
    assert done.run.outcome == "ok"
    assert done.files.keys() == {"executed.ipynb", "answers.json", "result.json"}
    assert done.files["answers.json"]["answers"] == {"a": 1}
    assert done.files["result.json"] == {
        "cells": 3,
        "failed_cells": 1,
        "stopped_at": None,
        "reason": None,
    }
    assert done.files["executed.ipynb"]["cells"][2]["outputs"][0]["text"] == ["end\n"]
    assert 0 < done.run.cpu_s < 60
    assert done.run.peak_bytes > 20_000_000


def test_a_link_in_the_outbox_is_followed_by_nobody(sandboxed, plain, tmp_path):
    # A file of the test's own: without the defence this would write where the link leads.
    tmp_path.chmod(0o755)
    valued = tmp_path / "valued"
    valued.write_text("as it was")
    plain.own(valued)
    attack = f"import os; os.symlink({str(valued)!r}, data.parents[2] / 'out' / 'error.json')"
    inside = "import os; os.symlink('/etc/passwd', '/out/error.json')"
    with plain.launcher.job() as job:
        plain.write(
            job.inbox / "scoring" / "score.py", f"def score(answers, data):\n    {attack}\n"
        )
        assert job.run("score").outcome == "failed"
        left = job.outbox / "error.json"
        assert not left.is_symlink()
        assert "TypeError" in left.read_text()  # ours, in the link's place
    assert valued.read_text() == "as it was"
    assert python(sandboxed, inside).files.keys() == {"scores.json"}


def test_runs_and_refusals_are_counted(sandboxed):
    before = sandboxed.launcher.counts()
    scored(sandboxed, "def score(answers, data):\n    return []\n", {})
    scored(sandboxed, "def score(answers, data):\n    1 / 0\n", {})
    with pytest.raises(Refused):
        sandboxed.launcher.stop("")  # no such handle is a state; a start of nobody is refused
        sandboxed.launcher.start_server("nobody", {})
    after = sandboxed.launcher.counts()

    def more(name: str) -> dict[tuple[str, str], int]:
        was = {(one, how): times for one, how, times in getattr(before, name)}
        now = {(one, how): times for one, how, times in getattr(after, name)}
        return {key: times - was.get(key, 0) for key, times in now.items()}

    ends, requests = more("ends"), more("requests")
    assert (ends["run", "ok"], ends["run", "failed"]) == (1, 1)
    assert requests["run_job", "ok"] == 2
    assert requests["start_server", "launcher.person"] == 1
    assert after.running["run"] == 0


def test_scores_are_kept(sandboxed):
    body = "def score(answers, data):\n    return [{'task': 'a', 'points': answers['a'] / 2}]\n"
    done = scored(sandboxed, body, {"a": 5})
    assert done.run.outcome == "ok"
    assert done.files == {"scores.json": {"scores": [{"task": "a", "points": 2.5}]}}


def test_a_broken_scorer_leaves_a_place_for_staff(sandboxed):
    done = scored(sandboxed, "def score(answers, data):\n    return answers['艾老师']\n")
    assert done.run.outcome == "failed"
    assert done.files == {"error.json": {"where": "score.py:2 KeyError"}}


#: name → what does it in a notebook cell, in a plain process without limits, and the end.
_BOMB = """
import os, time
made = 0
for _ in range({most}):
    try:
        pid = os.fork()
    except OSError:
        break
    if pid == 0:
        time.sleep({sleep})
        os._exit(0)
    made += 1
assert made == {most}
"""
_FLOODS = {
    "a fork bomb": (
        "import os\nwhile True:\n    os.fork()",
        _BOMB.format(most=400, sleep=0.5),
        "processes",
        None,
    ),
    "20 GB of memory": (
        "hoard = []\nwhile len(hoard) < 20_000:\n    hoard.append(b'1' * (1 << 20))",
        "assert len(b'1' * (1000 << 20)) == 1000 << 20",
        "memory",
        None,
    ),
    "an endless loop": (
        "while True: pass",
        "import time\nend = time.monotonic() + 2\nwhile time.monotonic() < end: pass",
        "ok",
        "timeout",
    ),
    "1 GB of output": (
        "for _ in range(1_000_000):\n    print('x' * 1000)",
        "for _ in range(5000):\n    print('x' * 1000)",
        "ok",
        "output",
    ),
}


@pytest.mark.parametrize("flood", _FLOODS)
def test_a_flood_works_without_limits(plain, flood):
    wide = {"processes": 2000, "memory_mb": 8000, "output_mb": 100, "wall_s": 60}
    done = python(plain, _FLOODS[flood][1], **wide)
    assert done.run.outcome == "ok"


@pytest.mark.parametrize("flood", _FLOODS)
def test_a_flood_ends_clearly_and_for_itself_alone(sandboxed, flood):
    cell, _, outcome, reason = _FLOODS[flood]
    with sandboxed.launcher.job() as beside:
        sandboxed.write(beside.inbox / "scoring" / "score.py", "def score(a, d):\n    return []\n")
        begin = time.monotonic()
        # On a busy machine the sampler looks seldom: only the loop may end by its time, and sixty
        # kernels alone must not be too much memory.
        limits = {
            "cell_s": 2 if reason == "timeout" else 30,
            "memory_mb": 2000 if outcome == "processes" else 300,
        }
        done = execute(sandboxed, "print('first')", cell, processes=60, wall_s=60, **limits)
        took = time.monotonic() - begin
        assert (done.run.outcome, took < 45) == (outcome, True)
        assert beside.run("score").outcome == "ok"
    if reason:
        assert done.files["result.json"]["stopped_at"] == 1
        assert done.files["result.json"]["reason"] == reason
        first = done.files["executed.ipynb"]["cells"][0]["outputs"][0]["text"]
        assert first == ["first\n"]
    assert sandboxed.launcher.ping().sandboxes == 0


@pytest.mark.parametrize(
    ("statements", "limits", "outcome"),
    [
        ("while True: pass", {"wall_s": 1}, "timeout"),
        ("while True: pass", {"cpu_s": 1, "wall_s": 30}, "timeout"),
        (
            "import os\nfor _ in range(3): os.fork()\nwhile True: pass",  # eight at once
            {"cpu_s": 1, "wall_s": 60, "cpus": 2},
            "timeout",
        ),
        ("import os\nwhile True: os.write(1, b'x' * 65536)", {"output_mb": 1}, "output"),
        (
            "n = 0\nwhile True:\n    n += 1\n    open(f'/out/{n}', 'wb').write(b'x' * 999_999)",
            {"disk_mb": 20},
            "disk",
        ),
        ("raise MemoryError", {}, "memory"),
        ("import os\nos.kill(os.getpid(), 9)", {}, "failed"),
    ],
)
def test_a_run_ends_with(sandboxed, statements, limits, outcome):
    assert python(sandboxed, statements, **limits).run.outcome == outcome


def test_a_full_scratch_folder_is_told(sandboxed):
    fill = "with open('/work/large', 'wb') as file:\n    while True: file.write(b'x' * 100_000)"
    assert python(sandboxed, fill, disk_mb=5, wall_s=30).run.outcome in ("disk", "failed")
    slow = f"import time\ntry:\n    exec({fill!r})\nexcept OSError:\n    time.sleep(0.5)"
    assert python(sandboxed, slow, disk_mb=5, wall_s=30).run.outcome == "disk"


def test_what_a_notebook_leaves_running_ends_with_it(sandboxed):
    cell = "import subprocess; subprocess.Popen(['sleep', '1234'], start_new_session=True)"
    assert execute(sandboxed, cell).run.outcome == "ok"
    found = _sleepers()
    assert found == []


def _sleepers() -> list[str]:
    from pathlib import Path

    out = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            out.append(path.read_bytes())
        except OSError:
            continue
    return [line.decode() for line in out if b"sleep\x001234" in line]


def test_a_run_is_of_a_known_program(sandboxed: Running):
    with sandboxed.launcher.job() as job, pytest.raises(Refused, match=r"launcher\.program"):
        job.run("../../bin/sh")


def test_a_job_s_folders_are_gone_after_it(sandboxed: Running):
    with sandboxed.launcher.job() as job:
        assert job.inbox.is_dir() and job.outbox.is_dir()
    assert not job.inbox.parent.exists()


def test_a_second_run_in_a_job_begins_with_an_empty_outbox(sandboxed: Running):
    with sandboxed.launcher.job() as job:
        sandboxed.write(job.inbox / "scoring" / "score.py", "def score(a, d):\n    return []\n")
        sandboxed.write(job.outbox / "error.json", LOOT)
        assert job.run("score").outcome == "ok"
        assert [path.name for path in job.outbox.iterdir()] == ["scores.json"]
        assert json.loads((job.outbox / "scores.json").read_text()) == {"scores": []}
