"""Measure one sandbox: by its control group, or by adding up its processes.

Decides nothing (``limit_policy`` does). ``TreeMeter`` also plays the kernel's part where
there is no control group: it kills the largest process. Called by ``sampler`` and, after
the last process is gone, by ``lifetime``.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from yanxiu.sandbox import held, proctree
from yanxiu.sandbox.cgroups import Group
from yanxiu.sandbox.held import Disk
from yanxiu.sandbox.limit_policy import Usage
from yanxiu.sandbox.limits import MB
from yanxiu.sandbox.spec import OUTBOX, SCRATCH
from yanxiu.settings.limits import Limits

_PAGE = os.sysconf("SC_PAGE_SIZE")
#: The kernel's quick count of resident pages is a little behind.
_NEARLY = 0.9
#: Seconds between two looks at what processes hold open: for all of it, for the disk alone.
HELD_EVERY_S, DELETED_EVERY_S = 1.0, 2.0


class Meter(Protocol):
    """What the sampler asks for."""

    def sample(self, table: proctree.Table | None, *, closely: bool) -> Usage:
        """Measure now.

        :param table: this moment's processes; one table serves all sandboxes
        :param closely: also what only the outcome of a run depends on
        """
        ...


class GroupMeter:
    """Ask the kernel, which also kills for memory."""

    needs_table = False

    def __init__(self, group: Group, disk: Disk | None = None):
        self._group = group
        self._held = held.Meter(disk, DELETED_EVERY_S) if disk else None
        # Kept open: opening it again each second is most of the work.
        try:
            self._tasks = os.open(group.tasks_file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._tasks = -1  # it is gone already

    def close(self) -> None:
        """Let go of its files."""
        if self._tasks >= 0:
            os.close(self._tasks)

    @property
    def deleted(self) -> int:
        """Return the bytes of its home that have no name any more."""
        return self._held.deleted if self._held else 0

    def sample(self, table: proctree.Table | None, *, closely: bool) -> Usage:
        """Return the group's numbers; a server's without what costs five files more."""
        if self._held:
            for pid in self._held.look(self._group.pids):
                if task := proctree.look(pid):
                    proctree.kill(task)
        if closely:
            return self._group.usage()
        try:
            return Usage(tasks=int(os.pread(self._tasks, 32, 0)))
        except (OSError, ValueError):
            return Usage()  # the group is gone


class TreeMeter:
    """Add up the processes of a sandbox, for an account without control groups.

    :param first: its first process, which adopts orphans; 0 without isolation
    :param tmpfs: (folder inside, its size, most files) of those whose pages are memory too
    """

    needs_table = True

    def __init__(
        self,
        first: int,
        limits: Limits,
        tmpfs: Sequence[tuple[str, int, int]],
        disk: Disk | None = None,
    ):
        self._first = first
        self._limits = limits
        self._tmpfs = tmpfs if first else ()
        self._usage = Usage()
        self._held = held.Meter(disk, HELD_EVERY_S)
        #: Programs that have entered: their parent is outside.
        self.programs: list[int] = []

    def close(self) -> None:
        """It holds nothing."""

    @property
    def deleted(self) -> int:
        """Return the bytes of its home that have no name any more."""
        return self._held.deleted

    def sample(self, table: proctree.Table | None, *, closely: bool) -> Usage:
        """Measure, and kill the largest process if all together are over the limit."""
        tasks = self._tasks(table or proctree.Table.read())
        self._look_at_held(tasks)
        memory = self._memory(tasks, closely)
        oom_kills = self._usage.oom_kills
        if memory > self._limits.memory_mb * MB:
            # Forked kernels share most pages: count again before judging.
            memory = proctree.fair_memory(task.pid for task in tasks) + self._files()
            memory += self._held.now.kernel
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

    def _memory(self, tasks: list[proctree.Task], closely: bool) -> int:
        """Return the bytes in use, or something larger that is still within the limit."""
        most = sum(task.resident for task in tasks) + sum(size for _, size, _ in self._tmpfs)
        most += self._held.now.kernel
        if not closely and most < _NEARLY * self._limits.memory_mb * MB:
            return most
        own = sum(proctree.own_memory(task.pid) for task in tasks)
        return own + self._files() + self._held.now.kernel

    def _look_at_held(self, tasks: list[proctree.Task]) -> None:
        """Count pipes, sockets and deleted files, and end who twice did not let itself be looked at."""
        hiding = self._held.look(lambda: [task.pid for task in tasks])
        for task in tasks:
            if task.pid in hiding and task.pid != self._first:
                proctree.kill(task)

    def _tasks(self, table: proctree.Table) -> list[proctree.Task]:
        found = {task.pid: task for task in table.below(self._first, *self.programs)}
        if not self._first:
            found |= {task.pid: task for pid in self.programs for task in table.session(pid)}
        return list(found.values())

    def _files(self) -> int:
        return sum(tmpfs_used(self._first, path, size)[0] for path, size, _ in self._tmpfs)

    def _kill_largest(self, tasks: list[proctree.Task]) -> None:
        # The namespace's first process does nothing; killing it would end everything.
        able = [task for task in tasks if task.pid != self._first] or tasks
        largest = max(able, key=self._weight, default=None)
        if largest is not None:
            proctree.kill(largest)

    def _weight(self, task: proctree.Task) -> int:
        extra = self._held.now.kernel if task.pid == self._held.now.most else 0
        return proctree.own_memory(task.pid) + extra


def full(first: int, tmpfs: Sequence[tuple[str, int, int]]) -> str | None:
    """Return which folder of a run has no room left: its outbox before its scratch folder."""
    for path, size, _ in reversed(tmpfs):
        if first and path in (SCRATCH, OUTBOX) and tmpfs_used(first, path, size)[1]:
            return path
    return None


def tmpfs_used(pid: int, path: str, size: int) -> tuple[int, bool]:
    """Return the bytes used on a tmpfs of a sandbox, and whether no byte or name fits any more.

    :param pid: the first process inside
    :param path: a mount point on a read-only root, so nobody inside can exchange it
    :param size: what the tmpfs was made with; anything larger is not it
    """
    try:
        info = os.statvfs(f"/proc/{pid}/root{path}")
    except OSError:
        return 0, False
    if info.f_blocks * info.f_frsize > size + _PAGE:
        return 0, False
    full = info.f_bavail == 0 or (info.f_files > 0 and info.f_ffree == 0)
    return (info.f_blocks - info.f_bfree) * info.f_frsize, full
