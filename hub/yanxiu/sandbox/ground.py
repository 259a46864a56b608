"""What every sandbox of one launcher stands on: folders, host, limits, isolation.

Made once by ``launcher``, used by ``servers`` and ``jobs``. Starts a sandbox and puts it
under watch; what the sandbox is for, they say.
"""

import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from yanxiu.sandbox import bwrap, environment, host, limits, logfile, meters, process, watch
from yanxiu.sandbox.cgroups import Group, Tree
from yanxiu.sandbox.limits import MB, Limits

#: Room for programs' temporary files beside the scratch folder, bytes.
_TMP = 128 * MB
_SHM = 64 * MB


@dataclass
class Ground:
    """The launcher's ground.

    :param data: ``$DATA``
    :param host: what sandboxes see of the machine, or None with ``--no-isolation``
    :param tree: control groups, or None
    """

    data: Path
    host: bwrap.Host | None
    tree: Tree | None

    @property
    def run(self) -> Path:
        """Return the launcher's own folder."""
        return self.data / "run" / "launcher"

    @property
    def isolated(self) -> bool:
        """Say whether sandboxes are sandboxes."""
        return self.host is not None

    def limits_by(self) -> str:
        """Return what holds the limits, in the protocol's words."""
        return f"cgroup{self.tree.version}" if self.tree else "rlimit"


@dataclass(frozen=True)
class Order:
    """One sandbox to start.

    :param program: name of a module under ``inside``
    :param plain: variables for a plain process, in place of the paths inside
    """

    program: str
    limits: Limits
    is_run: bool
    env: Mapping[str, str]
    binds: tuple[bwrap.Bind, ...]
    plain: Mapping[str, str]
    folder: watch.Folder
    log: Path
    home: tuple[str, Path]
    listener: int | None = None


def new_handle() -> str:
    """Return a name for a sandbox that cannot be guessed."""
    return secrets.token_hex(16)


def make_folder(path: Path) -> Path:
    """Make a folder that only its owner can open, and its parents."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


async def start(ground: Ground, handle: str, order: Order) -> watch.Watch:
    """Start what is ordered and return it under watch; the caller awaits ``follow``.

    :raises process.NotStarted: bubblewrap refused
    """
    group = Group(ground.tree, handle, order.limits) if ground.tree else None
    log = logfile.LogFile(order.log, order.limits.output_mb * MB, begin_anew=not order.is_run)
    command = process.Command(
        inside=(ground.host, _room(ground, order)) if ground.host else None,
        plain=(
            [sys.executable, "-m", f"inside.{order.program}"],
            host.INSIDE.parent,
            _env(ground, order, str(order.home[1])) | dict(order.plain),
        ),
        fds=() if order.listener is None else (order.listener,),
        doors=tuple(group.doors()) if group else (),
        nice=10 if order.is_run else 5,
    )
    try:
        started = await process.start(command, log.writer)
    except BaseException:
        log.close()
        if group:
            await group.remove()
        raise
    log.started()
    meter: meters.Meter = (
        meters.GroupMeter(group)
        if group
        else meters.TreeMeter(
            started.root,
            order.limits,
            isolated=ground.isolated,
            tmpfs=_tmpfs(order),
        )
    )
    return watch.Watch(
        started,
        order.limits,
        meter,
        log,
        is_run=order.is_run,
        folder=order.folder,
        scratch=_scratch(order) if order.is_run and ground.isolated else None,
        group=group,
    )


def _env(ground: Ground, order: Order, home: str) -> dict[str, str]:
    scratch = "/tmp" if ground.isolated else home  # noqa: S108
    own = environment.base(PurePosixPath(sys.prefix), home, order.limits, scratch=scratch)
    wanted = limits.rlimits(
        order.limits, own_users=ground.isolated, by_cgroup=ground.tree is not None
    )
    own["YANXIU_RLIMITS"] = json.dumps(wanted)
    if order.listener is not None:
        own["YANXIU_LISTEN_FD"] = str(order.listener)
    return {**own, **order.env}


def _room(ground: Ground, order: Order) -> bwrap.Room:
    return bwrap.Room(
        program=(sys.executable, "-m", f"inside.{order.program}"),
        chdir=host.PROGRAMS,
        env=_env(ground, order, order.home[0]),
        tmpfs=_tmpfs(order),
        binds=order.binds,
    )


def _scratch(order: Order) -> tuple[str, int]:
    return "/work", order.limits.disk_mb * MB if order.is_run else _TMP


def _tmpfs(order: Order) -> tuple[tuple[str, int], ...]:
    return ("/tmp", _TMP), ("/dev/shm", _SHM), _scratch(order)  # noqa: S108
