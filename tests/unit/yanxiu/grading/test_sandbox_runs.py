"""What is read back from a folder that a learner's code wrote."""

import json
import os

import pytest
from yanxiu.grading.job import learners_own
from yanxiu.grading.sandbox_runs import Ran, what_happened
from yanxiu.sandbox.boxes import read_left


def test_a_plain_file_up_to_its_size_is_read(tmp_path):
    file = tmp_path / "answers.json"
    file.write_bytes(b"12345")
    assert read_left(file, 5) == b"12345"
    assert read_left(file, 4) is None


def test_links_pipes_folders_and_nothing_are_not_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "link").symlink_to(secret)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "folder", "pipe", "missing"):
        assert read_left(tmp_path / name, 100) is None, name


@pytest.mark.parametrize(
    "outcome, result, failed, reason",
    [
        ("ok", {"failed_cells": 2, "reason": None}, 2, None),
        ("ok", {"failed_cells": [0, 4], "reason": "timeout"}, 2, "timeout"),
        ("failed", {"reason": "kernel_died"}, 0, "kernel_died"),
        ("memory", {"failed_cells": 1, "reason": "kernel_died"}, 0, "memory"),
        ("timeout", None, 0, "timeout"),
        ("ok", {"failed_cells": "<b>", "reason": "<script>"}, 0, None),
        ("ok", {"failed_cells": -1, "reason": ["timeout"]}, 0, None),
        ("ok", {"failed_cells": 10**9}, 0, None),
        ("ok", [], 0, None),
        ("failed", None, 0, "failed"),
    ],
)
def test_of_what_run_a_says_only_a_count_and_a_known_word_are_kept(outcome, result, failed, reason):
    files = {} if result is None else {"result.json": json.dumps(result).encode()}
    ran = Ran(outcome=outcome, figures={}, files=files)
    assert what_happened(ran, 100) == {"failed_cells": failed, "reason": reason}


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 65536, b"\xff"])
def test_a_broken_result_is_no_result(raw):
    ran = Ran(outcome="ok", figures={}, files={"result.json": raw})
    assert what_happened(ran, 100) == {"failed_cells": 0, "reason": None}


@pytest.mark.parametrize(
    "name, kept",
    [
        ("my.csv", True),
        ("data/my.csv", True),
        ("data", False),  # a file where the release has a folder
        ("unit.json/x", False),  # a folder where the release has a file
        ("a", False),
        ("a/b", False),
        ("a/c", True),
    ],
)
def test_a_learners_file_gives_way_to_the_releases(name, kept):
    release = {"data/x.csv": b"", "unit.json": b"", "a/b/c.csv": b""}
    assert (name in learners_own({name: b""}, release)) is kept


@pytest.mark.parametrize(
    "peak_mb, said, told",
    [
        (100, "timeout", "memory"),
        (90, "kernel_died", "memory"),
        (89, "timeout", "timeout"),
        (100, "output", "output"),
        (100, None, None),  # it came through all the same
        (None, "timeout", "timeout"),
    ],
)
def test_a_run_at_the_end_of_its_memory_is_not_called_late_or_dead(peak_mb, said, told):
    figures = {"peak_bytes": peak_mb and peak_mb << 20}
    files = {"result.json": json.dumps({"reason": said}).encode()}
    ran = Ran(outcome="ok", figures=figures, files=files)
    assert what_happened(ran, 100)["reason"] == told
