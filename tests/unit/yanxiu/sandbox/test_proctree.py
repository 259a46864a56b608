"""Reading the process table."""

import os
import subprocess
import sys

from yanxiu.sandbox.proctree import (
    Table,
    Task,
    fair_memory,
    look,
    own_memory,
    parse,
)


def test_a_program_cannot_lie_by_its_name():
    name = "a) S 1 1 1 0 -1"
    stat = f"77 ({name}) R 5 6 7 0 -1 0 0 0 0 0 100 50 25 25 20 0 3 0 999 0 10 9 9\n"
    resident = 10 * os.sysconf("SC_PAGE_SIZE")
    read = parse(77, stat.encode())
    assert read == Task(77, 5, 7, 3, 200 / os.sysconf("SC_CLK_TCK"), 999, resident)


def family() -> Table:
    """1 → 2 → 4; 3 is a stranger; 5 descends from 4."""
    parents = {1: 0, 2: 1, 3: 0, 4: 2, 5: 4}
    return Table({pid: Task(pid, parent, pid, 1, 0.0, pid) for pid, parent in parents.items()})


def test_descendants_are_found_however_far():
    assert {task.pid for task in family().below(2)} == {2, 4, 5}


def test_who_descends_from_two_counts_once():
    assert sorted(task.pid for task in family().below(1, 4, 3)) == [1, 2, 3, 4, 5]


def test_nobody_descends_from_the_dead():
    assert family().below(99) == []


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
        everyone = Table.read()
        seen = everyone.tasks[child.pid]
        assert seen.parent == os.getpid()
        assert [task.pid for task in everyone.session(child.pid)] == [child.pid]
        assert seen.resident >= 0.9 * own_memory(child.pid)  # what the sampler goes by at first
        assert 50_000_000 < own_memory(child.pid) < 120_000_000
        assert 50_000_000 < fair_memory([child.pid]) < 120_000_000
    finally:
        child.communicate(b"\n")
    assert look(child.pid) is None
