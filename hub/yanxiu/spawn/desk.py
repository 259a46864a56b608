"""Take a place for one start, and follow it: between the hub's spawner and ``places``.

Decides when a server counts as running and when its place is given back. Knows of a spawner only
what every class of the hub has. Called by ``hooks``.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from jupyterhub.spawner import Spawner

from yanxiu.quota.engine import Ask
from yanxiu.quota.sizes import Size

from .places import Places
from .refusal import no_place

#: How often a start is looked at, until it has come to something. The hub has no hook for that.
LOOK_S = 0.25
#: Whether this start was given a place. A server that an earlier hub started has no such mark.
_MARK = "_yanxiu_place"


class Desk:
    """Gives places to starts.

    :param organizers: the names to ask about places, by a person's id; called in a thread
    """

    def __init__(
        self,
        places: Places,
        organizers: Callable[[str], Sequence[str]],
    ):
        self._places = places
        self._organizers = organizers
        self._watches: set[asyncio.Task[None]] = set()

    def nothing_taken(self, spawner: Spawner) -> None:
        """Note that this start has no place yet: its end must not give back another's."""
        setattr(spawner, _MARK, False)

    async def take(self, spawner: Spawner, size: Size) -> None:
        """Take a place before anything starts, for a server that is counted with ``size``.

        :raises Full: there is none, with what the person is told
        :raises Refused: nobody knows whether there is one
        """
        person = spawner.user.name
        ask = Ask(person, spawner.name, size.memory_mb, size.cpus)
        answer = await self._places.reserve(ask)
        if answer is not None:
            names = await asyncio.to_thread(self._organizers, person)
            raise no_place(answer, names)
        setattr(spawner, _MARK, True)
        watch = asyncio.create_task(self._follow(spawner))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)

    async def give_back(self, spawner: Spawner) -> None:
        """Give the place back, if this server had one.

        Unless the platform itself sent the start away for a moment, which a spawner says by
        ``sent_away``: who has stood in line for the place does not stand there again for that.
        """
        if not getattr(spawner, _MARK, True):
            return
        away = getattr(spawner, "sent_away", False)
        tell = self._places.hold if away else self._places.release
        await tell(spawner.user.name, spawner.name)

    async def _follow(self, spawner: Any) -> None:
        """Say that the server runs as soon as it does; a failure says so itself."""
        while spawner.pending == "spawn":
            await asyncio.sleep(LOOK_S)
        if spawner.ready:
            await self._places.confirm(spawner.user.name, spawner.name)
