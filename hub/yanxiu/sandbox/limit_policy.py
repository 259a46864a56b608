"""Judge what a sandbox used: may it go on, and if not, what its end is called.

Pure: ``meters`` measures, ``sampler`` asks while it runs and ``lifetime`` at its end. Change
a rule here and only ``tests/unit/yanxiu/sandbox/test_limit_policy.py`` should need to follow.
"""

from dataclasses import dataclass

from yanxiu.sandbox.limits import MB
from yanxiu.settings.limits import Limits

#: How long a server may stand at its process limit before it is ended, and how long a
#: run whose process was killed for memory may take to write down how far it came.
PATIENCE_S = 5.0
#: A home may grow by this much after its server was started over the limit, in bytes.
SLACK = 50 * MB
#: What a program inside exits with when it says that its memory was not enough.
EXIT_MEMORY = 86


@dataclass(frozen=True)
class Usage:
    """What one sandbox has used up to now.

    :param memory: bytes now, all processes and its tmpfs
    :param peak: the most it ever was, bytes
    :param tasks: processes and threads now
    :param cpu_s: processor seconds, all processes
    :param oom_kills: processes that the kernel or the sampler killed for memory
    :param fork_refusals: forks that the process limit refused
    """

    memory: int = 0
    peak: int = 0
    tasks: int = 0
    cpu_s: float = 0.0
    oom_kills: int = 0
    fork_refusals: int = 0


def must_end(
    limits: Limits,
    usage: Usage,
    *,
    is_run: bool,
    wall_s: float,
    crowded_s: float = 0.0,
    hurt_s: float = 0.0,
    outbox_full: bool = False,
    files: int = 0,
    files_allowed: int | None = None,
) -> str | None:
    """Return the outcome with which the sandbox has to be ended now, or None.

    A server whose kernel was killed for memory goes on: its teacher sees the kernel
    restart. A run gets a moment to save the notebook up to there.

    :param crowded_s: how long it has stood at its process limit
    :param hurt_s: how long ago its first process was killed for memory
    :param outbox_full: nothing that a run would still hand over has any room
    :param files: bytes in its home or outbox, against ``files_allowed``
    """
    reasons = {
        "memory": is_run and hurt_s >= PATIENCE_S,
        "processes": _too_many(limits, usage) if is_run else crowded_s >= PATIENCE_S,
        "timeout": is_run and (_over(wall_s, limits.wall_s) or _over(usage.cpu_s, limits.cpu_s)),
        "disk": outbox_full or (files_allowed is not None and files > files_allowed),
    }
    return next((outcome for outcome, so in reasons.items() if so), None)


def _too_many(limits: Limits, usage: Usage) -> bool:
    return usage.fork_refusals > 0 or usage.tasks >= limits.processes


def _over(used: float, limit: float | None) -> bool:
    return limit is not None and used >= limit


def ended(limits: Limits, usage: Usage, *, is_run: bool, exit_code: int, full: bool = False) -> str:
    """Return what the end of a sandbox is called that ended by itself.

    :param exit_code: of the program, negative for a signal
    :param full: a folder of a run had no room left
    """
    killed = exit_code in (-9, 137)
    if usage.oom_kills and (is_run or killed):
        return "memory"
    if is_run:
        if exit_code == EXIT_MEMORY:
            return "memory"
        if usage.fork_refusals:
            return "processes"
        if _over(usage.cpu_s, limits.cpu_s):
            return "timeout"
        if full:
            return "disk"
    return "ok" if exit_code == 0 else "failed"


def disk_allowed(limits: Limits, at_start: int) -> int:
    """Return how large a home may become, in bytes.

    A home over the limit still opens, so that its owner can make room.

    >>> from yanxiu.sandbox.limits import SERVER
    >>> disk_allowed(SERVER, 0) == SERVER.disk_mb * MB
    True
    """
    return max(limits.disk_mb * MB, at_start + SLACK)
