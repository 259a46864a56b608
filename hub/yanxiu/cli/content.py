"""Find what the wheel ``yanxiu-courses`` brings: the demonstration's site, the authors' tools.

Content with no privileges: it is found and run, never imported. In the source tree nothing is
installed: ``make run`` names the site, and the tools are found in the folder one stands in.
"""

from importlib.util import find_spec
from pathlib import Path

PACKAGE = "yanxiu_courses"


def installed() -> Path | None:
    """Return the wheel's folder, None where it is not installed."""
    spec = find_spec(PACKAGE)
    places = (spec.submodule_search_locations if spec else None) or ()
    return next((Path(place) for place in places), None)
