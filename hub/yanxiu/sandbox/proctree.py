"""Read the process table: who descends from whom, and what each uses; end one for certain.

Only files of ``/proc`` that every account may read, because a process can hide the rest
of its own. Knows no sandbox. Called by ``meters``, ``process``, ``sandbox`` and ``cgroups``.
"""

import os
import signal
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Task(NamedTuple):
    """One process.

    :param cpu_s: of itself and of the children it has waited for
    :param started: clock ticks since boot: with the pid, it names a process for good
    :param resident: bytes in memory, those included that it shares with others or a file
    """

    pid: int
    parent: int
    session: int
    threads: int
    cpu_s: float
    started: int
    resident: int = 0


def parse(pid: int, stat: bytes) -> Task:
    """Read one ``/proc/<pid>/stat`` (proc_pid_stat(5)).

    The name in brackets is the program's choice and can hold spaces and brackets.
    """
    rest = stat[stat.rindex(b")") + 2 :].split(None, 22)
    cpu = int(rest[11]) + int(rest[12]) + int(rest[13]) + int(rest[14])
    return Task(
        pid,
        int(rest[1]),
        int(rest[3]),
        int(rest[17]),
        cpu / _TICK,
        int(rest[19]),
        int(rest[21]) * _PAGE,
    )


class Table:
    """The processes of this machine at one moment.

    :param tasks: by pid
    """

    def __init__(self, tasks: dict[int, Task]):
        self.tasks = tasks
        self._children: dict[int, list[Task]] = defaultdict(list)
        self._sessions: dict[int, list[Task]] = defaultdict(list)
        for task in tasks.values():
            self._children[task.parent].append(task)
            self._sessions[task.session].append(task)

    @classmethod
    def read(cls) -> "Table":
        """Read all of ``/proc``; about 13 µs a process."""
        found = (look(int(name)) for name in os.listdir("/proc") if name.isdigit())  # noqa: PTH208
        return cls({task.pid: task for task in found if task})

    def below(self, *roots: int) -> list[Task]:
        """Return ``roots`` and all that descend from them.

        The first process of a pid namespace adopts orphans, so from it nothing escapes.
        """
        out = {root: self.tasks[root] for root in roots if root in self.tasks}
        waiting = list(out)
        while waiting:
            for task in self._children.get(waiting.pop(), ()):
                if task.pid not in out:
                    out[task.pid] = task
                    waiting.append(task.pid)
        return list(out.values())

    def session(self, leader: int) -> list[Task]:
        """Return the processes of one session: orphans outside a namespace are found by it."""
        return self._sessions.get(leader, [])


def look(pid: int) -> Task | None:
    """Return one process, or None if it is gone."""
    try:
        file = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return parse(pid, os.read(file, 4096))
    except (OSError, IndexError, ValueError):
        return None
    finally:
        os.close(file)


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
