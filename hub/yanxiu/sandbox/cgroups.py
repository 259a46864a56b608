"""Put a sandbox into a control group of its own, version 1 or 2, where that is allowed.

Finds the place by reading ``/proc/self/mountinfo`` and ``/proc/self/cgroup`` and by
trying; without one the launcher falls back on resource limits. Called by the launcher
only. The files are the kernel's: Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from yanxiu.sandbox.limit_policy import Usage
from yanxiu.sandbox.limits import MB
from yanxiu.sandbox.proctree import started
from yanxiu.settings.limits import Limits

_NEEDED = ("memory", "pids", "cpu")
_NAME = "yanxiu-"


@dataclass(frozen=True)
class Tree:
    """A folder for this launcher's groups in each hierarchy.

    :param roots: controller → folder; in version 2 they are all the same
    """

    version: int
    roots: dict[str, Path]

    @property
    def folders(self) -> list[Path]:
        """Return each folder once."""
        return list(dict.fromkeys(self.roots.values()))


@dataclass(frozen=True)
class Place:
    """Where a hierarchy is mounted and which of its groups this process is in."""

    version: int
    controllers: frozenset[str]
    mount: Path
    own: Path


def places(mountinfo: str, own_cgroup: str) -> list[Place]:
    """Return the hierarchies of this process, from the two files of ``/proc/self``."""
    groups: dict[str, str] = {}
    for line in own_cgroup.splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(",") if names else ["unified"]:
            groups[name] = path
    out = []
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields, kind, options = left.split(), right.split()[0], right.split()[-1]
        if kind not in ("cgroup", "cgroup2"):
            continue
        root, mount = PurePosixPath(fields[3]), Path(fields[4])
        if kind == "cgroup2":
            called = frozenset({"unified"})
            controllers = frozenset(_read(mount / "cgroup.controllers").split())
        else:
            called = controllers = frozenset(options.split(",")) & {*_NEEDED, "cpuacct"}
        inside = next((groups[name] for name in sorted(called) if name in groups), None)
        if inside is None:
            continue
        group = PurePosixPath(inside)
        # A container's mount shows a part of the hierarchy: paths count from there.
        inner = group.relative_to(root) if group.is_relative_to(root) else PurePosixPath()
        out.append(Place(2 if kind == "cgroup2" else 1, controllers, mount, mount / inner))
    return out


def find(mountinfo: str | None = None, own_cgroup: str | None = None) -> Tree | None:
    """Make this launcher's folders and return them, or None where it may not.

    Groups of a launcher that is gone are ended and removed on the way.
    """
    listed = places(
        mountinfo if mountinfo is not None else _read(Path("/proc/self/mountinfo")),
        own_cgroup if own_cgroup is not None else _read(Path("/proc/self/cgroup")),
    )
    name = f"{_NAME}{os.getpid()}-{started(os.getpid()) or 0}"
    for place in listed:
        if place.version == 2 and place.controllers >= set(_NEEDED):
            for parent in dict.fromkeys((place.mount, place.own)):
                folder = _make_v2(parent, name)
                if folder is not None:
                    return Tree(2, dict.fromkeys(_NEEDED, folder))
    roots: dict[str, Path] = {}
    for place in listed:
        for controller in place.controllers if place.version == 1 else ():
            roots[controller] = place.own
    if not set(_NEEDED) <= set(roots):
        return None
    made = {}
    for controller, parent in roots.items():
        sweep(parent)
        try:
            (parent / name).mkdir(exist_ok=True)
        except OSError:
            continue
        made[controller] = parent / name
    if set(_NEEDED) <= set(made):
        return Tree(1, made)
    for folder in set(made.values()):
        folder.rmdir()
    return None


def _make_v2(parent: Path, name: str) -> Path | None:
    """Make ``parent/name`` with the controllers switched on, or return None."""
    sweep(parent)
    try:
        if not set(_NEEDED) <= set(_read(parent / "cgroup.subtree_control").split()):
            _empty(parent)
            _switch_on(parent)
        folder = parent / name
        folder.mkdir(exist_ok=True)
        _switch_on(folder)
    except OSError:
        return None
    return folder


def _switch_on(folder: Path) -> None:
    (folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in _NEEDED))


def _empty(parent: Path) -> None:
    """Move the processes of a delegated group down: a group with children may have none."""
    pids = _read(parent / "cgroup.procs").split()
    if not pids or parent == parent.parent or not (parent / "cgroup.type").exists():
        return  # the root group is exempt from that rule and has no cgroup.type
    aside = parent / "yanxiu"
    aside.mkdir(exist_ok=True)
    for pid in pids:
        (aside / "cgroup.procs").write_text(pid)


def sweep(parent: Path) -> None:
    """End and remove the groups of launchers that are gone."""
    for folder in parent.glob(f"{_NAME}*-*"):
        pid, _, since = folder.name.removeprefix(_NAME).partition("-")
        gone = pid.isdigit() and str(started(int(pid)) or "gone") != since
        if gone and folder.stat().st_uid == os.getuid():  # another account's is its own matter
            discard(folder)


def discard(folder: Path) -> None:
    """Remove a launcher's folder with whatever is left in it."""
    for group in [*folder.glob("*/"), folder]:
        _kill(group)
        with contextlib.suppress(OSError):
            group.rmdir()


class Group:
    """The control group of one sandbox, which exists.

    :param at: controller → folder
    """

    def __init__(self, version: int, at: Mapping[str, Path]):
        self._version = version
        self._at = at

    @classmethod
    def make(cls, tree: Tree, name: str, limits: Limits) -> "Group":
        """Make it, or leave nothing; ``name`` is unique among the living."""
        group = cls(
            tree.version, {controller: root / name for controller, root in tree.roots.items()}
        )
        with contextlib.ExitStack() as undo:
            for folder in group._folders():
                folder.mkdir()
                undo.callback(folder.rmdir)
            for controller, file, value in settings(tree.version, limits):
                path = group._at[controller] / file
                if path.exists():
                    path.write_text(value)
            undo.pop_all()
        return group

    def as_json(self) -> dict[str, Any]:
        """Return it for another process, which makes it anew of these words."""
        return {"version": self._version, "at": {name: str(at) for name, at in self._at.items()}}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Group":
        """Return the group that another process speaks of."""
        return cls(said["version"], {name: Path(at) for name, at in said["at"].items()})

    @property
    def tasks_file(self) -> Path:
        """Return the file that says how many processes and threads there are now."""
        return self._at["pids"] / "pids.current"

    def pids(self) -> list[int]:
        """Return its processes."""
        return [int(pid) for pid in _read(self._at["pids"] / "cgroup.procs").split()]

    def _folders(self) -> list[Path]:
        return list(dict.fromkeys(self._at.values()))

    def doors(self) -> list[Path]:
        """Return the files into which a process writes 0 to enter."""
        return [folder / "cgroup.procs" for folder in self._folders()]

    def usage(self) -> Usage:
        """Return what its processes used up to now."""
        memory, pids = self._at["memory"], self._at["pids"]
        now, peak, events = (
            ("memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control")
            if self._version == 1
            else ("memory.current", "memory.peak", "memory.events")
        )
        if self._version == 2:
            cpu_s = _keyed(self._at["cpu"] / "cpu.stat").get("usage_usec", 0) / 1e6
        elif "cpuacct" in self._at:
            cpu_s = _number(self._at["cpuacct"] / "cpuacct.usage") / 1e9
        else:
            cpu_s = 0.0
        return Usage(
            memory=_number(memory / now),
            peak=_number(memory / peak),
            tasks=_number(self.tasks_file),
            cpu_s=cpu_s,
            oom_kills=_keyed(memory / events).get("oom_kill", 0),
            fork_refusals=_keyed(pids / "pids.events").get("max", 0),
        )

    def kill(self) -> None:
        """Kill every process in it."""
        for folder in self._folders():
            _kill(folder)

    async def remove(self) -> None:
        """Remove it; what the kernel does not let go within two seconds waits for a sweep."""
        for folder in self._folders():
            for _ in range(200):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    await asyncio.sleep(0.01)


def settings(version: int, limits: Limits) -> Iterable[tuple[str, str, str]]:
    """Return (controller, file, value) for each limit, in the order to write them."""
    memory, period = str(limits.memory_mb * MB), 100_000
    quota = str(int(limits.cpus * period))
    if version == 1:
        yield "memory", "memory.limit_in_bytes", memory
        yield "memory", "memory.memsw.limit_in_bytes", memory
        yield "cpu", "cpu.cfs_period_us", str(period)
        yield "cpu", "cpu.cfs_quota_us", quota
    else:
        yield "memory", "memory.max", memory
        yield "memory", "memory.swap.max", "0"
        yield "cpu", "cpu.max", f"{quota} {period}"
    yield "pids", "pids.max", str(limits.processes)


def _kill(folder: Path) -> None:
    with contextlib.suppress(OSError):
        os.close(os.open(folder / "cgroup.kill", os.O_WRONLY))
        (folder / "cgroup.kill").write_text("1")
        return
    for pid in _read(folder / "cgroup.procs").split():
        with contextlib.suppress(OSError):
            os.kill(int(pid), signal.SIGKILL)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _number(path: Path) -> int:
    text = _read(path).strip()
    return int(text) if text.isdigit() else 0


def _keyed(path: Path) -> dict[str, int]:
    pairs = (line.split() for line in _read(path).splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
