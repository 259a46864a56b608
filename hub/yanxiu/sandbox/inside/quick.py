"""Leave out what costs a server dear and is not used.

``rfc3987_syntax`` compiles a grammar when it is imported: two seconds of processor time,
more than the rest of JupyterLab together. ``jsonschema`` takes it to check the format
``iri``, which no schema in here has, and does without it when it is missing.

``aiodns`` takes an inotify instance in every process that asks the hub something. A user has
128 of them: a hundred servers would leave none for traefik, which then follows no route any
more. ``aiohttp`` resolves names without it, and in here there is only 127.0.0.1.
Called by ``server`` and ``execute`` before Jupyter is imported.
"""

import sys
from typing import Any


def leave_out() -> None:
    """Make their import fail at once, as if they were not installed."""
    modules: dict[str, Any] = sys.modules
    for name in ("rfc3987_syntax", "aiodns"):
        modules.setdefault(name, None)
