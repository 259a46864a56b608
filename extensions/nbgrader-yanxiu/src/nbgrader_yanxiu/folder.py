"""The mark that says which unit a folder is: ``.yanxiu.json``.

Reads it; who makes the folder writes it (jupyterlab-yanxiu, ``exchange.fetch_assignment``).
"""

import json
import uuid
from pathlib import Path

from nbgrader_yanxiu.errors import NotPacked

MARK = ".yanxiu.json"


def assignment_of(folder: Path) -> str:
    """Return the id of the assignment that ``folder`` belongs to.

    :raises NotPacked: there is no mark, or it says nothing of use
    """
    try:
        content = json.loads((folder / MARK).read_bytes())
        return str(uuid.UUID(content["assignment"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise NotPacked("no_assignment") from None
