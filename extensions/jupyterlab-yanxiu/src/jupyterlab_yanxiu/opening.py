"""Open a unit: is its folder there, else fetch and write it; a new version goes beside.

Decides the order of the steps. ``folder`` writes, ``records`` asks. Called by ``handlers``
(the portal's button) and ``api`` (the panel).
"""

import asyncio
import errno
from collections.abc import Sequence
from pathlib import Path

from . import folder, release, released
from .errors import CannotOpen
from .records import Records, ask, connect, unit_of

#: One at a time: a double click must not make two folders.
_OPENING = asyncio.Lock()
#: What the panel may ask for when a unit has a newer version than the folder.
CHOICES = ("", "keep", "beside")


async def open_unit(root: Path, assignment: str, language: str, choice: str = "") -> Path:
    """Return the path of the unit's notebook below ``root``; it is there afterwards.

    A folder that is there is opened as it is, and nobody is asked.

    :param choice: ``keep`` goes on in the folder and asks about this newer version no more;
        ``beside`` puts the platform's version into a new folder
    :raises CannotOpen: nothing was written, or only what was missing
    """
    async with _OPENING:
        try:
            return await _open(root, assignment, connect(language), choice)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise CannotOpen("disk_full" if full else "disk", status=507 if full else 500) from None


async def _open(root: Path, assignment: str, records: Records, choice: str) -> Path:
    there = await asyncio.to_thread(folder.all_of, root, assignment)
    if there and choice == "keep":
        unit = await unit_of(records, assignment)
        await asyncio.to_thread(folder.choose, there[0], keep=unit.get("learner"))
    if there and choice != "beside" and (notebook := there[0].notebook) is not None:
        return (there[0].folder / notebook).relative_to(root)
    unit = await unit_of(records, assignment)
    notebooks = tuple(unit.get("notebooks") or ())
    files, notebook = await release_files(records, assignment, unit.get("learner"), notebooks)
    if there and choice != "beside":
        target = there[0].folder
        await asyncio.to_thread(folder.add_missing, target, files)
    else:
        mark = {
            "assignment": assignment,
            "url": records.page(assignment),
            "notebook": notebook,
            "release": unit.get("release"),
            "learner": unit.get("learner"),
        }
        name = folder.safe_name(str(unit["folder"]))
        target = await asyncio.to_thread(folder.make, root, name, files, mark)
    return (target / notebook).relative_to(root)


async def release_files(
    records: Records, assignment: str, learner: str | None, notebooks: Sequence[str]
) -> tuple[dict[str, bytes], str]:
    """Fetch the unit's release; return its files and the notebook that opens first.

    :param learner: its digest, under which is kept which cells are the course's own
    :param notebooks: as the records service names them
    """
    files = release.files_of(await ask(records.release, assignment))
    notebook = release.notebook_of(files, notebooks)
    if learner is not None:
        sources = released.of_release(files, notebook)
        await asyncio.to_thread(released.remember, learner, sources)
    return files, notebook
