"""The launcher's side of the sampler: have sandboxes watched, and hear when one must end.

Called by ``runtime`` and ``lifetime``.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from yanxiu.sandbox.helper import Helper, Message, Parcel
from yanxiu.sandbox.limit_policy import Usage
from yanxiu.sandbox.sandbox import Sandbox
from yanxiu.sandbox.spec import SandboxSpec

#: How long its last figures may take; without them the run is judged by what is known.
FINAL_S = 2.0


@dataclass(frozen=True)
class Final:
    """What the sampler knew of a sandbox at its end; ``full``: a folder of it was."""

    usage: Usage = field(default_factory=Usage)
    full: bool = False


class Watched:
    """One sandbox that the sampler watches."""

    def __init__(self, monitor: "ResourceMonitor", said: dict[str, Any]):
        self.said = said
        self.programs: list[int] = []
        loop = asyncio.get_running_loop()
        #: The outcome with which it has to be ended, once that is so.
        self.must_end: asyncio.Future[str] = loop.create_future()
        self.last: asyncio.Future[Final] = loop.create_future()
        #: Bytes in its home, once they are measured.
        self.home_size: int | None = None
        self._monitor = monitor

    def entered(self, program: int) -> None:
        """Count a program's processes too."""
        self.programs.append(program)
        self._monitor.tell({"of": self.said["add"], "program": program})

    async def final(self) -> Final:
        """Return the last figures; it is watched no longer."""
        return await self._monitor.drop(self)


class ResourceMonitor:
    """Everything that is watched."""

    def __init__(self) -> None:
        self._all: dict[str, Watched] = {}
        self._helper = Helper("yanxiu.sandbox.sampler", self._heard, self._everything)
        self.tell = self._helper.tell
        self.stop = self._helper.stop

    @property
    def pid(self) -> int | None:
        """Return the sampler's process id, while there is one."""
        return self._helper.pid

    def watch(self, name: str, sandbox: Sandbox, spec: SandboxSpec) -> Watched:
        """Have a sandbox watched from now on."""
        watched = Watched(
            self,
            {
                "add": name,
                "limits": spec.limits.as_json(),
                "is_run": spec.is_run,
                "first": sandbox.root,
                "tmpfs": spec.tmpfs,
                "folder": None if spec.folder is None else str(spec.folder),
                "allowed": asdict(spec.allowed),
                "group": sandbox.group.as_json() if sandbox.group else None,
            },
        )
        self._all[name] = watched
        self.tell(watched.said)
        return watched

    async def drop(self, watched: Watched) -> Final:
        """Watch it no longer; return its last figures."""
        name = watched.said["add"]
        self.tell({"drop": name})
        try:
            async with asyncio.timeout(FINAL_S):
                return await watched.last
        except TimeoutError:
            return Final()
        finally:
            self._all.pop(name, None)

    def _everything(self) -> Iterable[Parcel]:
        for name, watched in self._all.items():
            yield watched.said, ()
            for program in watched.programs:
                yield {"of": name, "program": program}, ()

    def _heard(self, message: Message) -> None:
        if "end" in message:
            watched = self._all.get(message["end"])
            if watched and not watched.must_end.done():
                watched.must_end.set_result(message["outcome"])
        elif "size" in message:
            watched = self._all.get(message["size"])
            if watched:
                watched.home_size = message["bytes"]
        elif "final" in message:
            watched = self._all.get(message["final"])
            if watched and not watched.last.done():
                usage = Usage(**message.get("usage", {}))
                watched.last.set_result(Final(usage, message.get("full", False)))
