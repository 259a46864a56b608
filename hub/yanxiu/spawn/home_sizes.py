"""Bring what the launcher measured of homes to the records: who uses how much of a school's share.

In the hub's process, beside the recount of places. A launcher that is away is asked again the next
time. Decides nothing. Called by ``configure``.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from yanxiu.errors import YanxiuError, place
from yanxiu.sandbox.client import HomeSizes, Launcher

from . import background

EVERY_S = 20.0

log = logging.getLogger("yanxiu.quota")


def install(socket: Path, report: Callable[[Mapping[str, int]], None]) -> None:
    """Let the hub ask while it runs.

    :param report: writes bytes by person down; called in a thread
    """
    background.install("home sizes", lambda _hub: forever(Launcher(socket), report))


async def forever(
    launcher: Launcher, report: Callable[[Mapping[str, int]], None], every_s: float = EVERY_S
) -> None:
    """Ask until cancelled; what fails is asked for again the next time."""
    told = HomeSizes()
    while True:
        try:
            told = await once(launcher, report, told)
        except YanxiuError as error:
            log.warning("The sizes of homes are not known: %s", type(error).__name__)
        except Exception as error:
            log.error("No sizes of homes: %s at %s", type(error).__name__, place(error))
        await asyncio.sleep(every_s)


async def once(
    launcher: Launcher, report: Callable[[Mapping[str, int]], None], told: HomeSizes
) -> HomeSizes:
    """Ask for all that is new and write it down; return what is known by now."""
    while True:
        news = await launcher.home_sizes(told)
        if not news.homes:
            return news
        await asyncio.to_thread(report, dict(news.homes))
        told = news
