"""Compare the places with the servers that this hub really has, once at its start and ever again.

What the hooks could not say (a hub that crashed, an engine that was silent, a launcher that was
killed) is healed by it, and it is what keeps the ledger's servers alive. In the hub's process,
because only the hub knows which starts are under way. Called by ``configure``.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from yanxiu.errors import place
from yanxiu.quota.engine import Drift, Running
from yanxiu.quota.sizes import Size

from . import background
from .places import Places

EVERY_S = 20.0
#: What is known of a server from its first recount on.
_KNOWN = "_yanxiu_running"

log = logging.getLogger("yanxiu.quota")


def install(
    places: Places,
    size_of: Callable[[str], Size],
    found: Callable[[Drift], None],
    every_s: float = EVERY_S,
) -> None:
    """Let the hub recount while it runs. A second call takes the place of the first.

    :param size_of: what a server is counted with that has no place; called in a thread
    :param found: what was wrong and is healed, for the metrics
    """
    background.install(
        "recount", lambda hub: forever(hub.users.values, places, size_of, found, every_s)
    )


async def forever(
    users: Callable[[], Iterable[Any]],
    places: Places,
    size_of: Callable[[str], Size],
    found: Callable[[Drift], None],
    every_s: float,
) -> None:
    """Recount until cancelled; what fails is tried again the next time."""
    while True:
        try:
            found(await once(users(), places, size_of))
        except Exception as error:
            log.error("No recount: %s at %s", type(error).__name__, place(error))
        await asyncio.sleep(every_s)


async def once(users: Iterable[Any], places: Places, size_of: Callable[[str], Size]) -> Drift:
    """Compare once; return what was wrong."""
    listed_at = datetime.now(UTC)
    running, starting = [], set()
    for user in list(users):
        for spawner in list(user.spawners.values()):
            if spawner.pending == "spawn":
                starting.add((user.name, spawner.name))
            # Also one that is being stopped or checked: its place is its own until that is over.
            elif spawner.server is not None:
                running.append(spawner)
    known = [await _known(spawner, size_of) for spawner in running]
    drift = await places.recount(known, listed_at=listed_at, starting=starting)
    if drift.total:
        log.warning("The places were not right, and are now: %s", drift)
    return drift


async def _known(spawner: Any, size_of: Callable[[str], Size]) -> Running:
    """Return what the engine is told of a server; asked once in its life."""
    started = spawner.orm_spawner.started
    found: Running | None = getattr(spawner, _KNOWN, None)
    if found is None or started is None or found.started_at != _aware(started):
        size = await asyncio.to_thread(size_of, spawner.user.name)
        found = Running(
            spawner.user.name,
            spawner.name,
            # A stop forgets it a moment before the server is gone.
            _aware(started) if started else datetime.now(UTC),
            size.memory_mb,
            size.cpus,
        )
        setattr(spawner, _KNOWN, found)
    return found


def _aware(instant: datetime) -> datetime:
    """Return an instant of the hub's database, which keeps UTC without saying so."""
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
