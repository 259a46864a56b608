"""Say what a sandbox is and what a program in it is: two things, made at two moments.

Pure. ``servers`` and ``jobs`` write them, ``runtime`` makes them real, ``bwrap`` and ``enter``
are told by them what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from yanxiu.sandbox import files, limit_policy
from yanxiu.sandbox.limits import MB
from yanxiu.settings.limits import RUN, Limits

#: Room for programs' temporary files beside the scratch folder, bytes.
_TMP = 128 * MB
_SHM = 64 * MB
#: Names in an outbox: each costs the kernel a kilobyte that no limit of bytes counts.
_RESULTS = 1_000
#: Inside: where work may be lost, and where a run leaves its results.
SCRATCH, OUTBOX = "/work", "/out"


@dataclass(frozen=True)
class Bind:
    """A folder or file of the machine that one sandbox sees."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class SandboxSpec:
    """What one sandbox is, whatever will run in it.

    :param is_run: a grading run, which ends at any of its limits; else somebody's server,
        which survives what its kernels do
    :param folder: on the machine's disk, measured against ``disk_mb``: a home, or without
        isolation an outbox; None where nothing is on a disk
    :param over: what is in a home that is over its limit: nothing in it may grow, and nothing
        but deleting makes a change
    :param user: the id of its programs (``ids``); None: the launcher's own
    :param network: share the machine's network; only the tests ask for it, to show
        what an attack does without this defence
    """

    limits: Limits
    is_run: bool
    folder: Path | None
    binds: tuple[Bind, ...] = ()
    over: files.Used | None = None
    user: int | None = None
    network: bool = field(default=False)

    @property
    def allowed(self) -> files.Used:
        """Return what ``folder`` may take."""
        return self.over or limit_policy.folder_allowed(self.limits)

    @property
    def may_grow(self) -> tuple[str, ...] | None:
        """Return the folders in which alone anything may be written; None: no such rule."""
        return None if self.over is None else ("/dev", "/proc", *(at for at, _, _ in self.tmpfs))

    @property
    def tmpfs(self) -> tuple[tuple[str, int, int], ...]:
        """Return (path inside, size in bytes, most files) of every folder that is memory."""
        large = self.limits.disk_mb * MB if self.is_run else _TMP
        out = (
            ("/tmp", _TMP, RUN.files),  # noqa: S108
            ("/dev/shm", _SHM, RUN.files),  # noqa: S108
            (SCRATCH, large, RUN.files),
        )
        return (*out, (OUTBOX, large, _RESULTS)) if self.is_run else out


@dataclass(frozen=True)
class ProgramSpec:
    """One program to start in a sandbox; there may be several in one.

    :param argv: the first word is a path inside
    :param folder: where it starts, inside
    :param descriptors: its number of a descriptor → ours; beyond 0, 1 and 2
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    folder: str
    descriptors: Mapping[int, int] = field(default_factory=dict)
