"""What each part of a running platform holds: descriptors, memory, threads, processes.

Decides what counts as growth. Called by ``soak``.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import median

import psutil

#: How a part shows in a command line; the first that fits. What teachers' code runs in last.
PARTS = {
    "yanxiu.portal.serve": "records",
    "traefik": "proxy",
    "yanxiu.sandbox.relay": "relay",
    "yanxiu.sandbox.launcher": "launcher",
    "yanxiu.grading.worker": "worker",
    "yanxiu.housekeeping": "housekeeping",
    "ipykernel_launcher": "kernels",
    "jupyterhub-idle-culler": "culler",
    "yanxiu.culler": "culler",
    "-m jupyterhub": "hub",
    "inside/server.py": "servers",
    "inside.server": "servers",
}


@dataclass(frozen=True)
class Reading:
    """Of one part at one moment: sums over its processes.

    :param memory_mb: private, in 10⁶ bytes
    """

    processes: int = 0
    descriptors: int = 0
    threads: int = 0
    memory_mb: float = 0.0

    def __add__(self, other: "Reading") -> "Reading":
        return Reading(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(self))
        )


#: What may be added between the two halves, in parts of one and in absolute terms: a pool that
#: is not yet full, a log file that is opened again, an allocator that keeps what it had.
ALLOWED = {
    "processes": (0.0, 2),
    "descriptors": (0.05, 24),
    "threads": (0.05, 12),
    "memory_mb": (0.15, 48.0),
}


def read(root: psutil.Process) -> dict[str, Reading]:
    """Return what the parts that ``root`` started hold now; a run of a moment is "others"."""
    found: defaultdict[str, Reading] = defaultdict(Reading)
    for one in root.children(recursive=True):
        try:
            name = _part(one)
            memory = one.memory_full_info().uss / 1e6
            found[name] += Reading(1, one.num_fds(), one.num_threads(), memory)
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return dict(found)


def growth(taken: Sequence[dict[str, Reading]]) -> list[str]:
    """Return a sentence for everything that the second half holds more of than the first.

    Compares medians of the halves of what was read once everybody worked. What starts and
    ends by itself all the time ("others": runs of the grading) is not compared.

    >>> growth([{"hub": Reading(1, 40, 9, 90.0)}, {"hub": Reading(1, 90, 9, 91.0)}])
    ['hub: descriptors 40 → 90']
    """
    half = len(taken) // 2
    said = []
    for part in sorted({name for one in taken for name in one} - {"others"}):
        for what, (share, more) in ALLOWED.items():
            first, second = (
                median(getattr(one.get(part, Reading()), what) for one in taken[side])
                for side in (slice(half), slice(half, None))
            )
            if second > first * (1 + share) + more:
                said.append(f"{part}: {what} {first:.0f} → {second:.0f}")
    return said


def _part(process: psutil.Process) -> str:
    name = _named(process)
    # The grading's runs have kernels too, which live for a moment.
    if name == "kernels" and _named(process.parent()) != "servers":
        return "others"
    return name


def _named(process: psutil.Process | None) -> str:
    command = " ".join(process.cmdline()) if process else ""
    return next((name for mark, name in PARTS.items() if mark in command), "others")
