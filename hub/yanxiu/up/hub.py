"""Run JupyterHub, without a grammar that it would compile at each start and never use.

``jsonschema`` imports ``rfc3987_syntax`` when it is installed, to check IRIs in schemas; the
import compiles a grammar, which took more than half of the hub's start. The hub's event
schemas hold no IRI. ``None`` in ``sys.modules`` makes the import fail, as if the optional
package were not there. Started by ``parts``; takes the arguments of ``jupyterhub``.
"""

import sys
from typing import Any

UNUSED = "rfc3987_syntax"


def main() -> None:
    """Run the hub until it is told to end."""
    modules: dict[str, Any] = sys.modules
    modules[UNUSED] = None
    from jupyterhub.app import main as jupyterhub

    jupyterhub()


if __name__ == "__main__":
    main()
