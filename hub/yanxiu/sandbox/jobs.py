"""Open, run and close jobs: an inbox, a run without any network, an outbox.

Decides what a run sees and what of its outbox its caller may read. Called by
``service``; the grading worker is the caller, and the import of a course.
"""

import asyncio
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yanxiu.errors import N_, Invalid
from yanxiu.sandbox import files, process
from yanxiu.sandbox.lifetime import End, Lifetime
from yanxiu.sandbox.limits import MB, limits_from
from yanxiu.sandbox.runtime import Runtime, make_folder, new_handle
from yanxiu.sandbox.spec import OUTBOX, SCRATCH, Bind, SandboxSpec
from yanxiu.settings.limits import RUN, Limits

log = logging.getLogger("yanxiu.sandbox")

#: What each program may leave in its outbox.
PROGRAMS = {
    "execute": frozenset({"executed.ipynb", "answers.json", "result.json"}),
    "show": frozenset({"executed.ipynb", "executed.html", "answers.json", "result.json"}),
    "score": frozenset({"scores.json", "error.json"}),
    "nbgrade": frozenset({"executed.json", "result.json"}),
    "autotest": frozenset({"expanded.json", "result.json"}),
}
#: The number of the outbox's descriptor in a child that reads it.
_LEFT = 3


@dataclass
class Job:
    """One job: its folders, and its run while there is one."""

    folder: Path
    running: Lifetime | None = None
    unwanted: bool = False
    #: Nothing is going on; else there is a run, from the moment it is asked for.
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.idle.set()

    @property
    def busy(self) -> bool:
        """Say whether a run is going on, or just being started."""
        return not self.idle.is_set()


class Jobs:
    """All jobs of one launcher."""

    def __init__(self, on: Runtime):
        self._on = on
        self._jobs: dict[str, Job] = {}

    @property
    def running(self) -> int:
        """Return how many runs there are now."""
        return sum(job.busy for job in self._jobs.values())

    def open(self) -> dict[str, Any]:
        """Make a job and return where its inbox and outbox are."""
        handle = new_handle()
        folder = make_folder(self._on.folder / "jobs" / handle)
        for name in ("in", "out"):
            make_folder(folder / name)
        self._jobs[handle] = Job(folder)
        return {"handle": handle, "inbox": str(folder / "in"), "outbox": str(folder / "out")}

    async def run(self, handle: str, program: object, asked: object) -> dict[str, Any]:
        """Run a program and return how it ended. Not to be cancelled: ``stop`` it.

        :raises Invalid: no such job or program, unusable limits, or a run is going on
        :raises sandbox.NotStarted: the machine refused
        """
        job = self._job(handle)
        if not isinstance(program, str) or program not in PROGRAMS:
            raise Invalid(
                "launcher.program",
                N_("没有这个程序；可用的有：{known}。"),
                known=", ".join(PROGRAMS),
            )
        limits = limits_from(asked, RUN)
        if job.busy:
            raise Invalid("launcher.busy", N_("这个任务正在运行。"), status=409)
        job.idle.clear()
        job.unwanted = False
        try:
            with self._on.ids.of_run() as user:
                end = await self._run(job, program, limits, user)
        finally:
            job.running = None
            job.idle.set()
        self._on.ends["run", end.outcome] += 1
        return {
            "outcome": end.outcome,
            "exit_code": end.exit_code,
            "wall_s": round(end.wall_s, 3),
            "cpu_s": round(end.cpu_s, 3),
            "peak_bytes": end.peak_bytes,
        }

    async def _run(self, job: Job, program: str, limits: Limits, user: int | None) -> End:
        outbox, inbox = job.folder / "out", job.folder / "in"
        self._empty(outbox)
        # Nobody else comes to it: the folder above is the launcher's alone.
        await process.apart(lambda: files.show(inbox))
        scratch = make_folder(job.folder / "work")
        spec = SandboxSpec(
            limits=limits,
            is_run=True,
            folder=None if self._on.isolated else outbox,
            binds=(Bind(inbox, "/in"),),
            user=user,
        )
        start = self._on.program(
            program,
            spec,
            home=(SCRATCH, scratch),
            env={"YANXIU_ISOLATED": "1"} if self._on.isolated else {},
            plain={
                "YANXIU_IN": str(inbox),
                "YANXIU_OUT": str(outbox),
                "YANXIU_WORK": str(scratch),
            },
        )
        job.running = await self._on.start(new_handle(), spec, start, job.folder / "log")
        following = asyncio.ensure_future(job.running.follow())
        # The outbox is memory, which is there for as long as somebody holds it open. It is read
        # when nobody writes there any more.
        left = job.running.sandbox.open(OUTBOX) if self._on.isolated else _folder(outbox)
        try:
            if job.unwanted:
                await job.running.stop(0)
            end = await following
            aside = self._empty(outbox)
            names, most = PROGRAMS[program], limits.file_mb * MB
            await process.apart(lambda: files.copy_out(_LEFT, outbox, names, most), {_LEFT: left})
            self._on.trash.throw(aside)
        finally:
            os.close(left)
            self._on.trash.throw(scratch)
        return end

    async def stop(self, handle: str, grace_s: float) -> bool:
        """End the run of a job, if there is one; say whether the job is known."""
        job = self._jobs.get(handle)
        if job and job.running:
            await job.running.stop(grace_s)
        elif job:
            job.unwanted = True  # it may just be being started
            await job.idle.wait()
        return job is not None

    async def close(self, handle: str) -> dict[str, Any]:
        """Remove a job and its folders."""
        job = self._job(handle)
        if job.busy:
            raise Invalid("launcher.busy", N_("这个任务正在运行。"), status=409)
        del self._jobs[handle]
        self._on.trash.throw(job.folder)
        return {}

    async def abandon(self, handle: str) -> None:
        """Remove a job whose caller is gone, and its run with it; it may be closed already."""
        job = self._jobs.get(handle)
        if job is None:
            return
        await self.stop(handle, 0)
        await job.idle.wait()
        if self._jobs.pop(handle, None):
            self._on.trash.throw(job.folder)

    async def stop_all(self) -> None:
        """End every run."""
        await asyncio.gather(*(self.stop(handle, 0) for handle in list(self._jobs)))

    def _job(self, handle: str) -> Job:
        try:
            return self._jobs[handle]
        except KeyError:
            raise Invalid("launcher.handle", N_("没有这个任务。"), status=404) from None

    def _empty(self, outbox: Path) -> Path:
        """Put an empty folder in an outbox's place; return where the old one is now."""
        left = outbox.with_name("left")
        self._on.trash.throw(left)
        outbox.rename(left)
        make_folder(outbox)
        return left


def _folder(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
