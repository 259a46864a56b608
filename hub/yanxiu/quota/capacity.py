"""How much there is to share out: what this machine has, and over it what ``site.yaml`` says.

Measured at the start of a process. A part is left for the platform itself. Memory and cores are
those that this process may use: a container's, where it runs in one. Called where an engine is made.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yanxiu.settings.model import Site

from .rules import Resource

#: The hub, the portal, grading and the launcher need this much, and at most half of the machine.
PLATFORM_MB = 1536
_CGROUP = Path("/sys/fs/cgroup")
#: What a cgroup says when it limits nothing: v1 writes a number near 2^63.
_BOUNDLESS = 1 << 50


@dataclass(frozen=True)
class Capacity:
    """The most of everything at once, ``None`` where nothing limits it."""

    servers: float | None = None
    cpus: float | None = None
    memory_mb: float | None = None

    def ceilings(self) -> Mapping[Resource, float]:
        """Return what is limited."""
        found = {
            Resource.SERVERS: self.servers,
            Resource.CPUS: self.cpus,
            Resource.MEMORY_MB: self.memory_mb,
        }
        return {resource: value for resource, value in found.items() if value is not None}


def of_machine(site: Site, measured: Capacity | None = None) -> Capacity:
    """Return the capacity of this machine, with what the settings say instead.

    :param measured: of something else than this machine
    """
    found = measure() if measured is None else measured
    said = site.quota.capacity
    return Capacity(
        servers=found.servers if said.servers is None else said.servers,
        cpus=found.cpus if said.cpus is None else said.cpus,
        memory_mb=found.memory_mb if said.memory_mb is None else said.memory_mb,
    )


def measure(cgroup: Path = _CGROUP) -> Capacity:
    """Measure what this machine, or this container, has for servers."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        memory = min(memory, _number(cgroup / name))
    cores = float(len(os.sched_getaffinity(0)))
    quota, period = _cpu_quota(cgroup)
    if quota > 0:
        cores = min(cores, quota / period)
    memory_mb = memory / (1 << 20)
    return Capacity(cpus=cores, memory_mb=float(int(max(memory_mb - PLATFORM_MB, memory_mb / 2))))


def _number(path: Path) -> int:
    try:
        return min(_BOUNDLESS, int(path.read_text()))
    except (OSError, ValueError):  # another kind of cgroup, or "max"
        return _BOUNDLESS


def _cpu_quota(cgroup: Path) -> tuple[float, float]:
    """Return quota and period; a quota of 0 is none."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
        return (0.0 if quota == "max" else float(quota)), float(period)
    except (OSError, ValueError):
        pass
    try:
        quota = (cgroup / "cpu/cpu.cfs_quota_us").read_text()
        period = (cgroup / "cpu/cpu.cfs_period_us").read_text()
        return float(quota), float(period)
    except (OSError, ValueError):
        return 0.0, 1.0
