"""Judge what a sandbox used: may it go on, and if not, what its end is called.

Pure: ``meters`` measures, ``sampler`` asks while it runs and ``lifetime`` at its end. Change
a rule here and only ``tests/unit/yanxiu/sandbox/test_limit_policy.py`` should need to follow.
"""

from dataclasses import dataclass

from yanxiu.sandbox import files
from yanxiu.sandbox.limits import MB
from yanxiu.settings.limits import Limits

#: How long a server may stand at its process limit before it is ended, and how long a
#: run whose process was killed for memory may take to write down how far it came.
PATIENCE_S = 5.0
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
    used: files.Used = files.NOTHING,
    allowed: files.Used | None = None,
) -> str | None:
    """Return the outcome with which the sandbox has to be ended now, or None.

    A server whose kernel was killed for memory goes on: its teacher sees the kernel
    restart. A run gets a moment to save the notebook up to there.

    :param crowded_s: how long it has stood at its process limit
    :param hurt_s: how long ago its first process was killed for memory
    :param outbox_full: nothing that a run would still hand over has any room
    :param used: by its home or outbox, against what is ``allowed``
    """
    reasons = {
        "memory": is_run and hurt_s >= PATIENCE_S,
        "processes": _too_many(limits, usage) if is_run else crowded_s >= PATIENCE_S,
        "timeout": is_run and (_over(wall_s, limits.wall_s) or _over(usage.cpu_s, limits.cpu_s)),
        "disk": outbox_full or (allowed is not None and is_over(used, allowed)),
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


def folder_allowed(limits: Limits) -> files.Used:
    """Return what a home, or without isolation an outbox, may take."""
    return files.Used(limits.disk_mb * MB, limits.files)


def is_over(used: files.Used, allowed: files.Used) -> bool:
    """Say whether a folder takes more than it may, in bytes or in names.

    >>> is_over(files.Used(10, 4), files.Used(10, 4)), is_over(files.Used(0, 5), files.Used(10, 4))
    (False, True)
    """
    return used.size > allowed.size or used.names > allowed.names


def home_is_full(limits: Limits, used: files.Used) -> bool:
    """Say whether nothing in a home may grow until something was deleted."""
    return is_over(used, folder_allowed(limits))
