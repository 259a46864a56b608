"""Let the hub's process do something beside its own work, from its start on.

``install`` wraps the hub's ``start``: no setting reaches there. Called by ``recount`` and
``home_sizes``.
"""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any

from jupyterhub.app import JupyterHub

_works: dict[str, Callable[[Any], Coroutine[Any, Any, None]]] = {}


def install(name: str, work: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    """Begin ``work`` once the hub has started; of one name the last is meant.

    :param work: called with the hub; goes on until it is cancelled, and lets nothing out
    """
    _works[name] = work
    stock = JupyterHub.start
    if hasattr(stock, "stock"):
        return

    @functools.wraps(stock)
    async def start(self: Any) -> None:
        await stock(self)
        if getattr(self, "users", None) is not None:
            # Kept, or the loop would forget them.
            self.yanxiu_tasks = [asyncio.create_task(one(self)) for one in _works.values()]

    start.stock = stock  # type: ignore[attr-defined]
    JupyterHub.start = start
