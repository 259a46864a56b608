"""Limit a grading worker's own process: it reads what hostile runs leave.

The runs themselves have limits of their own (``sandbox``). Called by ``worker`` when it starts.
"""

import resource
from contextlib import suppress
from pathlib import Path

MB = 1 << 20


def limit(memory_mb: int) -> None:
    """Let this process hold so much memory and no more; then Python raises ``MemoryError``.

    A job that needs more fails for itself. Should the machine run out of memory, a worker goes
    before the portal and after any sandbox: its job is leased anew.
    """
    most = memory_mb * MB
    hardest = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hardest != resource.RLIM_INFINITY:
        most = min(most, hardest)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # where /proc is closed, memory is limited all the same
        Path("/proc/self/oom_score_adj").write_text("300")
