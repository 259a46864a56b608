"""Which cells of a unit's notebook are the course's own, so that they may run by themselves.

Opening a notebook never runs anything in Jupyter, because a stranger may have written it.
So only code is named here that the platform itself handed out: it is kept outside the
folder, where a copied notebook does not reach it. Called by ``api``.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir

from .folder import read_json, write_json


def of_release(files: dict[str, bytes], notebook: str) -> list[str]:
    """Return the sources of the locked cells that show tasks and texts, each once.

    Not those that test the learner's work: they belong after it, and to grading.

    :param files: the release, by name from inside the folder
    """
    try:
        cells = json.loads(files[notebook])["cells"]
        sources = [_source(cell) for cell in cells if _is_shown(cell)]
    except (KeyError, ValueError, TypeError, AttributeError):
        return []
    return list(dict.fromkeys(sources))


def remember(learner: str, sources: list[str]) -> None:
    """Keep what ``of_release`` said about the release whose digest is ``learner``."""
    path = _path(learner)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"sources": sources})


def recall(learner: str) -> list[str] | None:
    """Return what was kept, or None."""
    sources = read_json(_path(learner)).get("sources")
    return sources if isinstance(sources, list) else None


def _path(learner: str) -> Path:
    plain = learner if re.fullmatch(r"[0-9a-f]{8,128}", learner) else _digest(learner)
    return Path(jupyter_data_dir(), "yanxiu", f"{plain}.json")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_shown(cell: dict[str, Any]) -> bool:
    mark = cell["metadata"].get("nbgrader", {})
    ours = mark.get("locked") and not mark.get("grade") and not mark.get("solution")
    return bool(ours) and cell["cell_type"] == "code"


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
