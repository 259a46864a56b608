"""Measure one sandbox: by its control group, or by adding up its processes.

Decides nothing (``verdict`` does). ``TreeMeter`` also plays the kernel's part where
there is no control group: it kills the largest process. Called by ``watch``.
"""

import os
from dataclasses import replace
from typing import Protocol

from yanxiu.sandbox import proctree
from yanxiu.sandbox.cgroups import Group
from yanxiu.sandbox.limits import MB, Limits
from yanxiu.sandbox.verdict import Usage

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Meter(Protocol):
    """What ``watch`` asks for."""

    def sample(self) -> Usage:
        """Measure now."""
        ...


class GroupMeter:
    """Ask the kernel, which also kills for memory."""

    def __init__(self, group: Group):
        self._group = group

    def sample(self) -> Usage:
        """Return the group's numbers."""
        return self._group.usage()


class TreeMeter:
    """Add up the processes of a sandbox, for an account without control groups.

    :param root: its first process
    :param isolated: it has a pid namespace, so ``root`` adopts orphans
    :param tmpfs: (folder inside, its size) of those whose pages are memory too
    """

    def __init__(
        self, root: int, limits: Limits, *, isolated: bool, tmpfs: tuple[tuple[str, int], ...]
    ):
        self._root = root
        self._limits = limits
        self._isolated = isolated
        self._tmpfs = tmpfs if isolated else ()
        self._usage = Usage()

    def sample(self) -> Usage:
        """Measure, and kill the largest process if all together are over the limit."""
        tasks = self._tasks()
        memory = sum(proctree.own_memory(task.pid) for task in tasks) + self._files()
        oom_kills = self._usage.oom_kills
        if memory > self._limits.memory_mb * MB:
            # Forked kernels share most pages: count again before judging.
            memory = proctree.fair_memory(task.pid for task in tasks) + self._files()
            if memory > self._limits.memory_mb * MB:
                self._kill_largest(tasks)
                oom_kills += 1
        self._usage = replace(
            self._usage,
            memory=memory,
            peak=max(self._usage.peak, memory),
            tasks=sum(task.threads for task in tasks),
            cpu_s=max(self._usage.cpu_s, sum(task.cpu_s for task in tasks)),
            oom_kills=oom_kills,
        )
        return self._usage

    def _tasks(self) -> list[proctree.Task]:
        everyone = proctree.snapshot()
        found = {task.pid: task for task in proctree.descendants(everyone, self._root)}
        if not self._isolated:
            found |= {task.pid: task for task in proctree.of_session(everyone, self._root)}
        return list(found.values())

    def _files(self) -> int:
        return sum(tmpfs_used(self._root, *each)[0] for each in self._tmpfs)

    def _kill_largest(self, tasks: list[proctree.Task]) -> None:
        # The namespace's first process is only a reaper; killing it would end everything.
        able = [task for task in tasks if task.pid != self._root] or tasks
        largest = max(able, key=lambda task: proctree.own_memory(task.pid), default=None)
        if largest is not None:
            proctree.kill(largest)


def tmpfs_used(pid: int, path: str, size: int) -> tuple[int, bool]:
    """Return the bytes used on a tmpfs of a sandbox, and whether it is full.

    :param pid: the first process inside
    :param path: a mount point on a read-only root, so nobody inside can exchange it
    :param size: what the tmpfs was made with. While bubblewrap is still at work, the path
        leads to the machine's own folder of that name, which is larger.
    """
    try:
        info = os.statvfs(f"/proc/{pid}/root{path}")
    except OSError:
        return 0, False
    if info.f_blocks * info.f_frsize > size + _PAGE:
        return 0, False
    return (info.f_blocks - info.f_bfree) * info.f_frsize, info.f_bavail == 0
