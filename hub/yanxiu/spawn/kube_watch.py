"""Know which pods and events there are, over all schools with one watch each.

KubeSpawner's reflector, kept going: it never gives up and never ends the hub, a round that brings
nothing ends by itself, and one that was missed is asked for again. A watch goes on where the
last one ended, so a quiet cluster of thousands of pods is not listed every ten seconds. Decides
nothing about servers. Called by ``kube_spawner``; one of each kind for the hub's process.
"""

import asyncio
from functools import partial
from typing import Any

from kubernetes_asyncio import watch
from kubernetes_asyncio.client import ApiException
from kubespawner.reflector import ResourceReflector
from kubespawner.spawner import EventReflector, PodReflector

#: The API server ends a watch after so many seconds; one that has not ended a while later is dead,
#: though its connection is open (a lost NAT entry, a proxy in between, a node that went away).
WATCH_S = 60
LATE_S = 10.0
#: How soon a new pod must be seen before the watch is asked for again.
SEEN_S = 5.0
#: Everything is listed anew after so many rounds, whatever the watch said.
FULL_LIST_EVERY = 20
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 15.0


class NotLoaded(Exception):
    """Nobody knows yet what there is: the API server has not answered once."""


class Steady(ResourceReflector):
    """A reflector that stays."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.watch_task: asyncio.Task[None] | None = None
        self.rounds = 0
        self._round: asyncio.Task[str | None] | None = None
        self._awaited: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin; what there is, is known when ``loaded`` returns."""
        if self.watch_task is None or self.watch_task.done():
            self.watch_task = asyncio.create_task(self._watch_and_update())

    async def loaded(self, within_s: float) -> None:
        """Wait until everything was listed once.

        :raises NotLoaded: not within so many seconds
        """
        done = asyncio.shield(self.first_load_future)
        try:
            await asyncio.wait_for(done, within_s)
        except TimeoutError:
            raise NotLoaded from None

    def reopen(self) -> None:
        """End the round that is under way: the next one lists everything."""
        if self._round is not None:
            self._round.cancel()

    def expect(self, key: str, within_s: float = SEEN_S) -> None:
        """Ask anew if what was just made is not seen soon."""
        task = asyncio.create_task(self._expect(key, within_s))
        self._awaited.add(task)
        task.add_done_callback(self._awaited.discard)

    async def _expect(self, key: str, within_s: float) -> None:
        until = asyncio.get_running_loop().time() + within_s
        while asyncio.get_running_loop().time() < until:
            if key in self.resources:
                return
            await asyncio.sleep(0.1)
        self.log.warning("The watch of %s does not show what is there; asking anew", self.kind)
        self.reopen()

    async def _watch_and_update(self) -> None:
        version: str | None = None
        pause = FIRST_PAUSE_S
        try:
            while True:
                full = version is None or self.rounds % FULL_LIST_EVERY == 0
                self.rounds += 1
                self._round = asyncio.create_task(self._once(None if full else version))
                await asyncio.wait({self._round})
                version, wrong = None, _wrong(self._round)
                if wrong is None:
                    version, pause = self._round.result(), FIRST_PAUSE_S
                    continue
                self.log.warning("The watch of %s ended: %s", self.kind, wrong)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        finally:
            if self._round is not None:
                self._round.cancel()

    async def _once(self, version: str | None) -> str:
        """Follow from ``version`` on, or from a list, until the API server ends it."""
        if version is None:
            async with asyncio.timeout(WATCH_S):
                version = await self._list_and_update()
        stream = watch.Watch()
        ask = partial(getattr(self.api, self.list_method_name), _preload_content=False)
        where = {} if self.omit_namespace else {"namespace": self.namespace}
        try:
            async with (
                asyncio.timeout(WATCH_S + LATE_S),
                stream.stream(
                    ask,
                    label_selector=self.label_selector,
                    field_selector=self.field_selector,
                    resource_version=version,
                    allow_watch_bookmarks=True,
                    timeout_seconds=WATCH_S,
                    **where,
                ) as changes,
            ):
                async for change in changes:
                    version = self._take(change) or version
        finally:
            stream.stop()
            await stream.close()
        return version

    def _take(self, change: Any) -> str | None:
        """Note a change; return up to where one has seen everything."""
        thing = change["raw_object"]
        metadata = thing["metadata"]
        if change["type"] != "BOOKMARK":
            key = f"{metadata['namespace']}/{metadata['name']}"
            if change["type"] == "DELETED":
                self.resources.pop(key, None)
            else:
                self.resources[key] = thing
        found: str | None = metadata.get("resourceVersion")
        return found


def _wrong(round_: asyncio.Task[str | None]) -> str | None:
    """Return what ended a round, None if the API server did as agreed. No sentence of its: they
    name things, and a log is read by others."""
    if round_.cancelled():
        return "asked anew"
    error = round_.exception()
    if error is None:
        return None
    return str(error.status) if isinstance(error, ApiException) else type(error).__name__


class PodWatch(Steady, PodReflector):
    """Every server's pod."""


class EventWatch(Steady, EventReflector):
    """What happened to them."""
