"""What happens around a start, whatever starts the server: plain functions for ``c.Spawner``.

JupyterHub calls them by its own options (``pre_spawn_hook``, ``options_from_form``,
``apply_user_options``), so every spawner class carries them: the launcher's on one machine,
KubeSpawner, the simple one of the tests. They know the hub's spawner and nothing of how a
process is started; who may start and how much they may use is answered by functions that
``configure`` hands over. A refusal is a ``SpawnException`` (``refusal``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jupyterhub.spawner import Spawner

from yanxiu.errors import Refused
from yanxiu.settings.model import ServerLimits

from .refusal import refusal_of

MB = 1 << 20


def pre_spawn_hook(
    check_start: Callable[[str], None],
    limits_for: Callable[[str], ServerLimits],
    environment: Mapping[str, str],
) -> Callable[[Spawner], Awaitable[None]]:
    """Return the hub's ``Spawner.pre_spawn_hook``: may they, how much, and what is told.

    :param check_start: called in a thread with the person's id; raises ``Refused``, or not
    :param limits_for: called in a thread with the person's id at every start, so that a changed
        limit or school holds from the next start on
    :param environment: what the platform tells every server
    """

    async def before(spawner: Spawner) -> None:
        person = spawner.user.name
        try:
            await asyncio.to_thread(check_start, person)
            limits = await asyncio.to_thread(limits_for, person)
        except Refused as refused:
            raise refusal_of(refused) from refused
        set_limits(spawner, limits)
        spawner.environment = {**spawner.environment, **environment}

    return before


def set_limits(spawner: Spawner, limits: ServerLimits) -> None:
    """Put the limits where this spawner class looks for them.

    Memory and processors are options of every spawner; a class that can hold down more says so
    by having the option.
    """
    spawner.mem_limit = limits.memory_mb * MB
    spawner.cpu_limit = limits.cpus
    more = {"pids_limit": limits.processes, "disk_limit": limits.disk_mb * MB}
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
