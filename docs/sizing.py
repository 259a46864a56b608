"""How large a machine or a cluster must be, from what one server was measured to take.

Pure. ``generate.py`` writes the table into ``docs/how-to/sizing.md``, between two marks; what it is
made of stands here and is said on the page. Admission counts with ``quota.server_memory_mb`` and
``quota.server_cpus``: what this says fits, the platform lets in.
"""

import math
from dataclasses import dataclass

from yanxiu.quota.capacity import PLATFORM_MB
from yanxiu.settings.limits import RUN
from yanxiu.settings.model import GradingLimits
from yanxiu.settings.quota import QuotaSettings

_COUNTED = QuotaSettings()
#: Measured: a server whose notebook has imported pandas and matplotlib, its own memory (unique set
#: size of all its processes); without a notebook it is 104. On the page stands how.
MEASURED_MB = 207
#: What is reckoned with: never less than admission counts.
SERVER_MB = max(MEASURED_MB, _COUNTED.server_memory_mb)
SERVER_CPUS = _COUNTED.server_cpus
#: Graders' runs beside them, each up to its limit, as many as a machine has by default.
GRADING_MB = GradingLimits().workers * RUN.memory_mb
#: What a node keeps for the system, and how many pods it takes (kubelet's default is 110).
NODE_CORES, NODE_GB, NODE_SHARE, NODE_PODS = 8, 32, 0.85, 100
#: One more node than needed, so that one may be away.
SPARE_NODES = 1
#: Teachers of a county, and how many of a hundred have Jupyter open at the same time.
TEACHERS = (300, 1_000, 5_000, 15_000, 35_000)
SHARES = (3, 10)


@dataclass(frozen=True)
class Size:
    """What so many open servers need."""

    servers: int
    cores: int
    memory_gb: int
    nodes: int


def size(teachers: int, share: int) -> Size:
    """Return what is needed when ``share`` of a hundred have a server open.

    >>> size(1_000, 10)
    Size(servers=100, cores=2, memory_gb=24, nodes=2)
    """
    servers = math.ceil(teachers * share / 100)
    memory_mb = servers * SERVER_MB + GRADING_MB + PLATFORM_MB
    cores = servers * SERVER_CPUS
    on_a_node = min(
        int(NODE_GB * 1024 * NODE_SHARE // SERVER_MB),
        int(NODE_CORES * NODE_SHARE // SERVER_CPUS),
        NODE_PODS,
    )
    return Size(
        servers=servers,
        cores=max(2, math.ceil(cores)),
        memory_gb=math.ceil(memory_mb / 1024),
        nodes=math.ceil(servers / on_a_node) + SPARE_NODES,
    )


def table() -> str:
    """Return the table of the page."""
    lines = [
        "| 老师 | 同时开着 Jupyter | 一台机器：核 | 一台机器：内存 | 集群：8 核 32 GB 的节点 |",
        "| --- | --- | --- | --- | --- |",
    ]
    for teachers in TEACHERS:
        for share in SHARES:
            one = size(teachers, share)
            lines.append(
                f"| {teachers:,} | {one.servers}（{share}%） | {one.cores} | {one.memory_gb} GB | {one.nodes} |"
            )
    return "\n".join(lines) + "\n"
