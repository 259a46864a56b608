"""Run a module without a grammar that it would compile at each start and never use.

``python -m yanxiu.up.light MODULE …``. ``jsonschema`` imports ``rfc3987_syntax`` when it is
installed, to check IRIs in schemas; the import compiles a grammar, which takes more than
half of the hub's start and most of the records service's. No schema of theirs holds an
IRI. ``None`` in ``sys.modules`` makes the import fail, as if the optional package were not
there. Started by ``parts``.
"""

import runpy
import sys
from typing import Any

UNUSED = "rfc3987_syntax"


def main(arguments: list[str]) -> None:
    """Become the module named first, with the other arguments as its own."""
    modules: dict[str, Any] = sys.modules
    modules[UNUSED] = None
    sys.argv = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
