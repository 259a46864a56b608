"""Say whose home may only shrink: it is over its limit, or the disk under it is nearly full.

A server that ended because of its home starts the next time so that nothing there can grow
(``spec``, ``landlock``): its owner deletes, and gains nothing by starting again and again.
Only such a home is measured before a start; all others start at once. With little room on the
disk every server starts like that, for those who delete are what helps. Called by ``servers``.
"""

import contextlib
import json
import logging
import os
from pathlib import Path

from yanxiu.sandbox import files, limit_policy, process
from yanxiu.settings.limits import Limits

log = logging.getLogger("yanxiu.sandbox")
#: The number of the descriptor on which a child says what it counted.
_SAID = 3


class FullHomes:
    """Those of one data folder; it outlives the launcher.

    :param folder: of a mark for each
    :param min_free_percent: with less of the disk free, no home may grow; 0 for never
    """

    def __init__(self, folder: Path, min_free_percent: float = 0.0):
        self._folder = folder
        self._min_free_percent = min_free_percent

    def on_full_disk(self, home: Path) -> bool:
        """Say whether the disk under a home is nearly full."""
        disk = os.statvfs(home)
        return disk.f_bavail * 100 < self._min_free_percent * disk.f_blocks

    def note(self, person: str) -> None:
        """Remember that a home was found over its limit."""
        with contextlib.suppress(OSError):  # a disk without room: it is found again
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self._folder / person).touch(mode=0o600)

    async def look(self, person: str, home: Path, limits: Limits) -> files.Used | None:
        """Return what is in a home that is still over its limit, else None."""
        mark = self._folder / person
        if not mark.exists():
            return None
        found = await measured(home)
        if limit_policy.home_is_full(limits, found):
            return found
        mark.unlink(missing_ok=True)
        return None


async def measured(home: Path) -> files.Used:
    """Measure a home in a child: nobody but its owner waits for it."""
    heard, said = os.pipe()
    try:
        await process.apart(lambda: _say(home), {_SAID: said})
        os.close(said)
        said = -1
        return files.Used(**json.loads(os.read(heard, 200)))
    finally:
        os.close(heard)
        if said >= 0:
            os.close(said)


def _say(home: Path) -> None:
    found = files.measure(home)
    os.write(_SAID, json.dumps({"size": found.size, "names": found.names}).encode())
