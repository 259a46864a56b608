"""How much a sandbox may use: what there is to limit, and the one table of defaults.

``model`` makes the settings' defaults of it (and ``docs/reference/settings.md`` of those), the
sandbox launcher falls back on it for what a caller leaves out. Pure data, and no pydantic:
the launcher, which every server is forked beside, need not load the settings' model.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What one sandbox may use. Units are in the names; ``None`` is no limit.

    :param memory_mb: all its processes together
    :param cpus: cores' worth of time; without cgroups only a lower priority
    :param processes: processes and threads together
    :param wall_s: seconds from start to end (runs only)
    :param cpu_s: seconds of processor time, all processes together (runs only)
    :param disk_mb: the home of a server, the scratch folder of a run
    :param files: names of files and folders in it
    :param file_mb: one file
    :param output_mb: the log, and what a notebook's cells may print
    """

    memory_mb: int
    cpus: float
    processes: int
    wall_s: float | None
    cpu_s: float | None
    disk_mb: int
    files: int
    file_mb: int
    output_mb: int

    def as_json(self) -> dict[str, Any]:
        """Return the limits as the protocol sends them."""
        return asdict(self)


#: User ids of sandboxes where root runs the launcher: far from those of accounts, of containers
#: and of systemd (https://systemd.io/UIDS-GIDS), below 2^31.
FIRST_ID = 1_900_000_000
IDS = 131_072
#: Half of these are for homes, the rest for runs (``sandbox.ids``).
FEWEST_IDS = 512
#: Memory of one grading worker's own process, which reads what runs leave.
WORKER_MEMORY_MB = 1024
#: Enough for JupyterLab, one kernel and pandas; a school with little memory can lower it.
SERVER = Limits(
    memory_mb=1536,
    cpus=1.0,
    processes=200,
    wall_s=None,
    cpu_s=None,
    disk_mb=1024,
    files=100_000,
    file_mb=512,
    output_mb=8,
)
#: A run's longest time, and its processor time: all of that time on one core.
RUN_S = 180
#: Enough to execute a course unit with pandas and matplotlib.
RUN = Limits(
    memory_mb=1024,
    cpus=1.0,
    processes=100,
    wall_s=RUN_S,
    cpu_s=RUN_S,
    disk_mb=64,
    files=20_000,
    file_mb=64,
    output_mb=8,
)
