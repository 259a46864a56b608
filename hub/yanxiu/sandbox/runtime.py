"""What all sandboxes of one launcher have in common, and how one comes to be.

Made once by ``launcher``, used by ``servers`` and ``jobs``: they say what a sandbox and its
programs are, this makes them, ``lifetime`` follows them to their end.
"""

import contextlib
import secrets
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from yanxiu.sandbox import bwrap, environment, host, limits, logfile, process, sandbox
from yanxiu.sandbox.cgroups import Group, Tree
from yanxiu.sandbox.full_homes import FullHomes
from yanxiu.sandbox.home_sizes import HomeSizes
from yanxiu.sandbox.ids import Ids
from yanxiu.sandbox.lifetime import Lifetime
from yanxiu.sandbox.limits import MB
from yanxiu.sandbox.monitor import ResourceMonitor
from yanxiu.sandbox.relays import Relays
from yanxiu.sandbox.spec import SCRATCH, ProgramSpec, SandboxSpec
from yanxiu.sandbox.trash import Trash
from yanxiu.settings.limits import RUN

#: A server's descriptor of the socket that it accepts on.
LISTENER = 3


@dataclass
class Runtime:
    """One launcher's; to be made in its event loop.

    :param data: ``$DATA``
    :param host: what sandboxes see of the machine, or None with ``--no-isolation``
    :param tree: control groups, or None
    :param ids: user ids to give to sandboxes
    :param min_free_percent: of the disk; with less, homes open for deleting alone
    """

    data: Path
    host: bwrap.Host | None
    tree: Tree | None
    ids: Ids = field(default_factory=Ids)
    monitor: ResourceMonitor = field(default_factory=ResourceMonitor)
    relays: Relays = field(default_factory=Relays)
    min_free_percent: float = 0.0

    #: (``server`` or ``run``, outcome) → how many have ended so since the start.
    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: What sandboxes do not keep apart here, for the operator.
    not_isolated: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.trash = Trash(make_folder(self.folder / "trash"))
        self.full_homes = FullHomes(self.folder / "full-homes", self.min_free_percent)
        self.home_sizes = HomeSizes(self.homes)

    @property
    def folder(self) -> Path:
        """Return the launcher's own folder."""
        return self.data / "run" / "launcher"

    @property
    def isolated(self) -> bool:
        """Say whether sandboxes are sandboxes."""
        return self.host is not None

    @property
    def homes(self) -> Path:
        """Return the folder with everybody's home."""
        return self.data / "homes"

    def how(self) -> tuple[str, bool, bool]:
        """Return what holds the limits, and whether there are sandboxes, and ids for them."""
        return self.limits_by(), self.isolated, self.ids.available is not None

    async def may_give_ids(self) -> bool:
        """Try whether a program with an id of its own can read what it needs to start."""
        with self.ids.of_run() as user:
            spec = SandboxSpec(limits=RUN, is_run=True, folder=None, user=user)
            start = self.program("quick", spec, home=(SCRATCH, self.folder), env={}, plain={})
            start = replace(start, argv=(sys.executable, "-c", "import inside.quick, nbformat"))
            try:
                tried = await self.start("trial", spec, start, self.folder / "trial.log")
            except sandbox.NotStarted:
                return False
            return (await tried.follow()).exit_code == 0

    def limits_by(self) -> str:
        """Return what holds the limits, in the protocol's words."""
        return f"cgroup{self.tree.version}" if self.tree else "rlimit"

    def program(
        self,
        name: str,
        spec: SandboxSpec,
        *,
        home: tuple[str, Path],
        env: Mapping[str, str],
        plain: Mapping[str, str],
        listener: int | None = None,
    ) -> ProgramSpec:
        """Return how a module under ``inside`` is started.

        :param home: its home inside, and where that is on the machine
        :param plain: variables without isolation, in place of the paths inside
        """
        at = home[0] if self.isolated else str(home[1])
        scratch = "/tmp" if self.isolated else at  # noqa: S108
        base = environment.base(PurePosixPath(sys.prefix), at, spec.limits, scratch=scratch)
        return ProgramSpec(
            argv=(sys.executable, "-m", f"inside.{name}"),
            env={**base, **env, **({} if self.isolated else plain)},
            folder=host.PROGRAMS if self.isolated else str(host.INSIDE.parent),
            descriptors={} if listener is None else {LISTENER: listener},
        )

    async def start(
        self, name: str, spec: SandboxSpec, program: ProgramSpec, log: Path
    ) -> Lifetime:
        """Make a sandbox, start its main program, and return it under watch.

        :raises sandbox.NotStarted: the machine refused
        """
        async with contextlib.AsyncExitStack() as undo:
            group = Group.make(self.tree, name, spec.limits) if self.tree else None
            if group:
                undo.push_async_callback(group.remove)
            printed = logfile.LogFile(log, spec.limits.output_mb * MB, begin_anew=not spec.is_run)
            undo.callback(printed.close)
            made = (
                await sandbox.make(self.host, spec, group, printed.writer)
                if self.host
                else sandbox.Plain(group, spec)
            )
            undo.push_async_callback(made.gone)
            watched = self.monitor.watch(name, made, spec)
            # Before it is gone: another process may have its numbers after that.
            undo.push_async_callback(watched.final)
            main = await self.enter(made, spec, program, printed.writer)
            watched.entered(main.pid)
            printed.started()
            undo.pop_all()
        return Lifetime(made, main, watched, printed, spec)

    async def enter(
        self, made: sandbox.Sandbox, spec: SandboxSpec, program: ProgramSpec, log_fd: int
    ) -> process.Child:
        """Start a program in a sandbox that exists, under the sandbox's limits."""
        return await made.enter(
            program,
            log_fd,
            limits.rlimits(spec.limits, own_users=self.isolated, by_cgroup=self.tree is not None),
            nice=10 if spec.is_run else 5,
        )

    async def stop(self) -> None:
        """End the helpers."""
        await self.monitor.stop()
        await self.relays.stop()


def new_handle() -> str:
    """Return a name for a sandbox that cannot be guessed."""
    return secrets.token_hex(16)


def make_folder(path: Path) -> Path:
    """Make a folder that only its owner can open, and its parents."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
