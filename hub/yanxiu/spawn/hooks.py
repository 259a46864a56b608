"""What happens around a start, whatever starts the server: plain functions for ``c.Spawner``.

JupyterHub calls them by its own options (``pre_spawn_hook``, ``options_from_form``,
``post_stop_hook``, ``apply_user_options``), so every spawner class carries them: the launcher's on one machine,
KubeSpawner, the simple one of the tests. They know the hub's spawner and nothing of how a
process is started; who may start and how much they may use is answered by functions that
``configure`` hands over, and whether there is a place by ``places``. A refusal is a ``SpawnException`` (``refusal``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jupyterhub.spawner import Spawner

from yanxiu.errors import Refused
from yanxiu.quota.sizes import Size
from yanxiu.settings.model import ServerLimits

from .desk import Desk
from .limits import Granted
from .refusal import refusal_of

MB = 1 << 20


@dataclass(frozen=True)
class Order:
    """What one start gets.

    :param environment: what the platform tells the person's server
    :param size: what the server is counted with
    """

    granted: Granted
    environment: Mapping[str, str]
    size: Size


def pre_spawn_hook(
    order_for: Callable[[str], Order],
    desk: Desk | None = None,
) -> Callable[[Spawner], Awaitable[None]]:
    """Return the hub's ``Spawner.pre_spawn_hook``: may they, how much, is there a place.

    :param order_for: called in a thread with the person's id at every start, so that a changed
        limit or school, or room that was made, holds from the next start on; raises ``Refused``
        when the person may not start
    :param desk: who gives the places; None where nothing is counted
    """

    async def before(spawner: Spawner) -> None:
        person = spawner.user.name
        if desk is not None:
            desk.nothing_taken(spawner)
        try:
            # One look at the database for all of it: of twenty starts at once each waits for all.
            order = await asyncio.to_thread(order_for, person)
            # Last: what is refused for another reason takes nobody's place, not for a moment.
            if desk is not None:
                await desk.take(spawner, order.size)
        except Refused as refused:
            raise refusal_of(refused) from refused
        set_limits(spawner, order.granted.limits)
        if spawner.has_trait("home_rule"):
            spawner.home_rule = order.granted.home_rule
        spawner.environment = {**spawner.environment, **order.environment}

    return before


def post_stop_hook(desk: Desk) -> Callable[[Spawner], Awaitable[None]]:
    """Return the hub's ``Spawner.post_stop_hook``: the place is free again.

    The hub calls it at the end of every server that it knows to have ended: stopped by its owner
    or the culler, found dead by a poll, failed to start, its user deleted.
    """

    async def after(spawner: Spawner) -> None:
        await desk.give_back(spawner)

    return after


def set_limits(spawner: Spawner, limits: ServerLimits) -> None:
    """Put the limits where this spawner class looks for them.

    Memory and processors are options of every spawner; a class that can hold down more says so
    by having the option.
    """
    spawner.mem_limit = limits.memory_mb * MB
    spawner.cpu_limit = limits.cpus
    more = {
        "pids_limit": limits.processes,
        "disk_limit": limits.disk_mb * MB,
        "files_limit": limits.files,
    }
    for name, value in more.items():
        if spawner.has_trait(name):
            setattr(spawner, name, value)


def no_options(form_data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a form or an address a start takes: nothing, nobody chooses (yet)."""
    return {}


def drop_options(spawner: Spawner, user_options: Mapping[str, Any]) -> None:
    """Forget options that somebody sent to the API anyway: the hub would keep them for good."""
    if user_options:
        spawner.user_options = spawner.orm_spawner.user_options = {}
