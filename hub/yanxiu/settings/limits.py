"""How much a sandbox may use when nobody says otherwise: the one table of defaults.

``model`` makes the settings' defaults of it (and ``docs/reference/settings.md`` of those), the
sandbox launcher falls back on it for what a caller leaves out. Pure data, and no pydantic:
the launcher, which every server is forked beside, need not load the settings' model.
"""

from typing import TypedDict


class LimitTable(TypedDict):
    """One row each; units are in the names, ``None`` is no limit (``sandbox.limits.Limits``)."""

    memory_mb: int
    cpus: float
    processes: int
    wall_s: float | None
    cpu_s: float | None
    disk_mb: int
    file_mb: int
    output_mb: int


#: Enough for JupyterLab, one kernel and pandas; a school with little memory can lower it.
SERVER: LimitTable = {
    "memory_mb": 1536,
    "cpus": 1.0,
    "processes": 200,
    "wall_s": None,
    "cpu_s": None,
    "disk_mb": 1024,
    "file_mb": 512,
    "output_mb": 8,
}
#: A run's longest time, and its processor time: all of that time on one core.
RUN_S = 180
#: Enough to execute a course unit with pandas and matplotlib.
RUN: LimitTable = {
    "memory_mb": 1024,
    "cpus": 1.0,
    "processes": 100,
    "wall_s": RUN_S,
    "cpu_s": RUN_S,
    "disk_mb": 64,
    "file_mb": 64,
    "output_mb": 8,
}
