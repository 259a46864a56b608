"""Reading the process table."""

import os
import subprocess
import sys

from yanxiu.sandbox.proctree import (
    Task,
    descendants,
    fair_memory,
    look,
    of_session,
    own_memory,
    parse,
    snapshot,
)


def test_a_program_cannot_lie_by_its_name():
    name = "a) S 1 1 1 0 -1"
    stat = f"77 ({name}) R 5 6 7 0 -1 0 0 0 0 0 100 50 25 25 20 0 3 0 999 0 0\n"
    assert parse(77, stat) == Task(77, 5, 7, 3, 200 / os.sysconf("SC_CLK_TCK"), 999)


def family() -> dict[int, Task]:
    """1 → 2 → 4; 3 is a stranger; 5 descends from 4."""
    parents = {1: 0, 2: 1, 3: 0, 4: 2, 5: 4}
    return {pid: Task(pid, parent, pid, 1, 0.0, pid) for pid, parent in parents.items()}


def test_descendants_are_found_however_far():
    assert {task.pid for task in descendants(family(), 2)} == {2, 4, 5}


def test_nobody_descends_from_the_dead():
    assert descendants(family(), 99) == []


def test_a_child_is_seen_with_its_session_and_memory():
    code = "x = b'1' * 50_000_000; print(flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        child.stdout.readline()
        everyone = snapshot()
        assert everyone[child.pid].parent == os.getpid()
        assert [task.pid for task in of_session(everyone, child.pid)] == [child.pid]
        assert 50_000_000 < own_memory(child.pid) < 120_000_000
        assert 50_000_000 < fair_memory([child.pid]) < 120_000_000
    finally:
        child.communicate(b"\n")
    assert look(child.pid) is None
