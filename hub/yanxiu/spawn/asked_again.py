"""Take a start that is asked for again, from another tab or by a second click, as the same one.

The hub looks whether a start is under way, and begins one a few awaits later: two requests that
meet there end with *RuntimeError … pending spawn*, a 500 for the teacher. And a page that has
waited for a second leaves its start alone, so that a later refusal is nobody's: asyncio would
write it into the log as a traceback. Both are mended around ``BaseHandler.spawn_single_user``,
because no setting reaches there. Decides nothing about starts. Called by ``configure``.
"""

import asyncio
import functools
from typing import Any

from jupyterhub.handlers.base import BaseHandler
from jupyterhub.spawner import SpawnException


def install() -> None:
    """Mend the hub's way into a start. A second call changes nothing."""
    stock = BaseHandler.spawn_single_user
    if hasattr(stock, "yanxiu"):
        return

    @functools.wraps(stock)
    async def spawn_single_user(
        self: Any, user: Any, server_name: str = "", *args: Any, **kwargs: Any
    ) -> None:
        known = user.spawners.get(server_name)
        if known is not None and known.pending:
            return  # the page goes on to the one that shows what is under way
        try:
            await stock(self, user, server_name, *args, **kwargs)
        except SpawnException:
            task = asyncio.current_task()
            if task is not None:
                task.add_done_callback(_seen)
            raise

    spawn_single_user.yanxiu = True  # type: ignore[attr-defined]
    BaseHandler.spawn_single_user = spawn_single_user


def _seen(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()
