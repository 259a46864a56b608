"""Know how much every home takes, and tell whoever asks what is new since they asked last.

Of a home whose server runs the sampler knows it. One whose server has ended is measured once more,
and all of them once a day, which finds what was restored or removed by hand: one after another in
a child, for a small share of the time. Decides nothing. Made by ``runtime``, told by ``servers``.
"""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from yanxiu.names import is_person_id
from yanxiu.sandbox import files, process
from yanxiu.sandbox.limits import MB
from yanxiu.settings.limits import SERVER

log = logging.getLogger("yanxiu.sandbox")

#: Of one answer.
MOST_NEWS = 1000
#: Homes that one child measures: what it says fits into a pipe.
_BATCH = 200
#: Of all the time, how much measuring may take.
_SHARE = 0.05
_DAY_S = 24 * 3600.0
#: The number of the descriptor on which a child says what it counted.
_SAID = 3


class HomeSizes:
    """Those of one data folder.

    :param homes: of a folder for each person
    """

    def __init__(self, homes: Path):
        self._homes = homes
        #: Of this launcher: one that is started anew counts from the beginning.
        self._run = secrets.token_hex(8)
        self._count = 0
        #: Person → number of the change, bytes; the newest change last.
        self._known: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._unsure: OrderedDict[str, None] = OrderedDict()
        self._more = asyncio.Event()

    def note(self, person: str, size: int) -> None:
        """Remember what was measured."""
        # It hides from being measured: it counts as what one may have, or its owner alone
        # would fill the whole school's share.
        size = SERVER.disk_mb * MB if size == files.UNMEASURABLE else size
        if self._known.get(person, (0, None))[1] == size:
            return
        self._count += 1
        self._known[person] = (self._count, size)
        self._known.move_to_end(person)

    def changed(self, person: str) -> None:
        """Have a home measured whose server has ended."""
        self._unsure[person] = None
        self._more.set()

    def news(self, run: object, after: object) -> dict[str, Any]:
        """Return what changed after change number ``after`` of ``run``, the oldest first.

        :param run: as an earlier answer said it; another one begins anew
        """
        since = after if run == self._run and isinstance(after, int) else 0
        found: list[tuple[str, int]] = []
        last = since
        for person, (number, size) in self._known.items():
            if number > since:
                if len(found) == MOST_NEWS:
                    break
                found.append((person, size))
                last = number
        return {"run": self._run, "after": last, "homes": found}

    async def measure(self) -> None:
        """Measure what is unsure, and all of them once a day, until cancelled."""
        every = 0.0
        while True:
            if time.monotonic() >= every:
                every = time.monotonic() + _DAY_S
                self._all()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, every - time.monotonic())):
                    await self._more.wait()
            self._more.clear()
            while self._unsure:
                most = min(_BATCH, len(self._unsure))
                batch = [self._unsure.popitem(last=False)[0] for _ in range(most)]
                try:
                    for person, size in await _measured(self._homes, batch):
                        self.note(person, size)
                except OSError as error:
                    log.warning("homes were not measured: %s", error.strerror)

    def _all(self) -> None:
        with contextlib.suppress(OSError):
            names = os.listdir(self._homes)  # noqa: PTH208 - names alone
            # What is gone is nothing, and is to be said once more.
            for person in {*filter(is_person_id, names), *self._known}:
                self.changed(person)


async def _measured(homes: Path, people: Sequence[str]) -> list[tuple[str, int]]:
    heard, said = os.pipe()
    try:
        await process.apart(lambda: _say(homes, people), {_SAID: said})
        os.close(said)
        said = -1
        with open(heard, encoding="ascii", closefd=False) as lines:
            return [(person, size) for person, size in map(json.loads, lines)]
    finally:
        os.close(heard)
        if said >= 0:
            os.close(said)


def _say(homes: Path, people: Sequence[str]) -> None:
    os.nice(19)
    for person in people:
        began = time.process_time()
        size = files.measure(homes / person).size
        os.write(_SAID, json.dumps([person, size]).encode() + b"\n")
        took = time.process_time() - began
        time.sleep(took / _SHARE - took)
