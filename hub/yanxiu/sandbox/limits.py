"""Check how much a caller asks for, and put it in the kernel's words.

Pure: no process is touched here. ``cgroups`` and ``enter`` put the numbers in force,
``limit_policy`` judges what was used. Called by the launcher and by its client.
"""

import math
from collections.abc import Mapping
from dataclasses import fields, replace

from yanxiu_formats.numbers import is_number

from yanxiu.errors import N_, Invalid
from yanxiu.settings.limits import Limits

MB = 1 << 20
SPARE_PROCESSES = 16

#: Outcomes of a sandbox, in the words of docs/reference/launcher.md.
OUTCOMES = (
    "ok",
    "failed",
    "timeout",
    "memory",
    "processes",
    "disk",
    "output",
    "stopped",
)


_NAMES = frozenset(field.name for field in fields(Limits))
_WHOLE = frozenset({"memory_mb", "processes", "disk_mb", "files", "file_mb", "output_mb"})
_RUNS_ONLY = frozenset({"wall_s", "cpu_s"})


def limits_from(asked: object, defaults: Limits) -> Limits:
    """Return ``defaults`` with what the caller asked for put over them.

    :raises Invalid: an unknown name, or a value that is not a positive number
    """
    if asked is None:
        return defaults
    if not isinstance(asked, Mapping):
        raise Invalid("launcher.limits", N_("limits 应是一个对象。"))
    for name, value in asked.items():
        if name not in _NAMES:
            raise Invalid(
                "launcher.limits",
                N_("limits 里没有 {name} 这一项；可用的有：{known}。"),
                name=name,
                known=", ".join(sorted(_NAMES)),
            )
        if value is None and name in _RUNS_ONLY:
            continue
        if not is_number(value) or value <= 0:
            raise Invalid("launcher.limits", N_("limits.{name} 应是大于零的数。"), name=name)
        if name in _WHOLE and value != int(value):
            raise Invalid("launcher.limits", N_("limits.{name} 应是整数。"), name=name)
    return replace(defaults, **{k: int(v) if k in _WHOLE else v for k, v in asked.items()})


def rlimits(limits: Limits, *, own_users: bool, by_cgroup: bool) -> dict[str, int]:
    """Return the resource limits that a program gets when it enters.

    :param own_users: the sandbox has its own user namespace: only there does
        ``RLIMIT_NPROC`` count this sandbox and not everything its owner runs
    :param by_cgroup: a cgroup counts memory, so the address space need not
    """
    out = {
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 4096,
        "RLIMIT_FSIZE": limits.file_mb * MB,
    }
    if own_users:
        # A refused fork leaves no trace: who reaches the limit must be seen beyond it.
        out["RLIMIT_NPROC"] = limits.processes + (0 if by_cgroup else SPARE_PROCESSES)
    if limits.cpu_s is not None:
        # The backstop for one process; the sampler adds up all of them.
        out["RLIMIT_CPU"] = math.ceil(limits.cpu_s) + 1
    if not by_cgroup:
        # One process can then never outrun the sampler, which looks a few times a second.
        out["RLIMIT_DATA"] = limits.memory_mb * MB
    return out


def threads(limits: Limits) -> int:
    """Return how many threads a numeric library should start."""
    return max(1, math.ceil(limits.cpus))
