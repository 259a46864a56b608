"""Leave out what costs seconds at every start and is not used.

``rfc3987_syntax`` compiles a grammar when it is imported: two seconds of processor time,
more than the rest of JupyterLab together. ``jsonschema`` takes it to check the format
``iri``, which no schema in here has, and does without it when it is missing.
Called by ``server`` and ``execute`` before Jupyter is imported.
"""

import sys
from typing import Any


def leave_out() -> None:
    """Make ``import rfc3987_syntax`` fail at once, as if it were not installed."""
    modules: dict[str, Any] = sys.modules
    modules.setdefault("rfc3987_syntax", None)
