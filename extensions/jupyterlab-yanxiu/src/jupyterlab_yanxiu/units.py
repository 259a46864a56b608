"""A teacher's units as the panel shows them: what records says, and what lies in the home.

Decides which files the browser hears of: paths below the server's root and which tasks are
done, never an answer. Called by ``api``.
"""

from pathlib import Path
from typing import Any

from . import tasks
from .folder import Found, all_of
from .submitting import Submitter

#: What of a row of ``GET units`` goes to the browser.
SHOWN = (
    "assignment",
    "course",
    "unit",
    "point",
    "title",
    "state",
    "passed",
    "opens_at",
    "due_at",
    "late_until",
    "attempts",
    "max_attempts",
)


def described(root: Path, row: dict[str, Any], submitter: Submitter) -> dict[str, Any]:
    """Return one unit for the panel.

    ``folder`` is null before it was opened; ``newer`` says that the platform has another
    version; ``others`` are folders with other versions, which are still there; ``submit`` is
    how the newest submit goes.
    """
    there = all_of(root, row["assignment"])
    learner = row.get("learner")
    return {
        **{name: row.get(name) for name in SHOWN},
        "folder": _folder(root, there[0]) if there else None,
        "newer": bool(there) and there[0].is_older_than(learner),
        "others": [_folder(root, one) for one in there[1:]],
        "submit": submitter.described(row["assignment"], there[0].folder if there else None),
    }


def _folder(root: Path, one: Found) -> dict[str, Any]:
    return {
        "name": one.folder.name,
        "path": one.folder.relative_to(root).as_posix(),
        "notebook": one.notebook,
        "tasks": tasks.progress(one.folder),
    }
