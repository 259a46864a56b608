"""Read the process table: who descends from whom, and what each uses; end one for certain.

Only files of ``/proc`` that every account may read, because a process can hide the rest
of its own. Knows no sandbox. Called by ``meters``, ``process`` and ``cgroups``.
"""

import os
import signal
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Task:
    """One process.

    :param started: clock ticks since boot: with the pid, it names a process for good
    :param cpu_s: of itself and of the children it has waited for
    """

    pid: int
    parent: int
    session: int
    threads: int
    cpu_s: float
    started: int


def parse(pid: int, stat: str) -> Task:
    """Read one ``/proc/<pid>/stat`` (proc_pid_stat(5)).

    The name in brackets is the program's choice and can hold spaces and brackets.
    """
    rest = stat.rpartition(")")[2].split()
    cpu = sum(int(rest[index]) for index in (11, 12, 13, 14)) / _TICK
    return Task(pid, int(rest[1]), int(rest[3]), int(rest[17]), cpu, int(rest[19]))


def snapshot() -> dict[int, Task]:
    """Return all processes of this machine by pid."""
    out = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            task = look(int(entry.name))
            if task is not None:
                out[task.pid] = task
    return out


def look(pid: int) -> Task | None:
    """Return one process, or None if it is gone."""
    try:
        return parse(pid, Path(f"/proc/{pid}/stat").read_text())
    except (OSError, IndexError, ValueError):
        return None


def started(pid: int) -> int | None:
    """Return when a process started, in ticks since boot, or None if it is gone."""
    task = look(pid)
    return task.started if task else None


def kill(task: Task) -> None:
    """Kill exactly this process, and not the one that has its number by now."""
    try:
        pidfd = os.pidfd_open(task.pid)
    except OSError:
        return
    try:
        if started(task.pid) == task.started:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    except OSError:
        return  # it is gone, or not ours
    finally:
        os.close(pidfd)


def descendants(tasks: dict[int, Task], root: int) -> list[Task]:
    """Return ``root`` and all that descend from it.

    The first process of a pid namespace adopts orphans, so from it nothing escapes.
    """
    children: dict[int, list[int]] = defaultdict(list)
    for task in tasks.values():
        children[task.parent].append(task.pid)
    out, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        if pid in tasks:
            out.append(tasks[pid])
            waiting += children.get(pid, [])
    return out


def of_session(tasks: dict[int, Task], session: int) -> list[Task]:
    """Return the processes of one session: orphans outside a namespace are found by it."""
    return [task for task in tasks.values() if task.session == session]


def own_memory(pid: int) -> int:
    """Return the bytes that a process holds for itself; pages shared with a fork count twice."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(("RssAnon:", "RssShmem:")):
                total += int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return total
    return total


def fair_memory(pids: Iterable[int]) -> int:
    """Return the bytes of several processes, each shared page counted once.

    Dearer than ``own_memory``; a process that hides its pages is counted by that.
    """
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            total += own_memory(pid)
            continue
        for line in lines:
            if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                total += int(line.split()[1]) * 1024
    return total
