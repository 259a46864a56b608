"""The engine of a site: made here for every process that asks one (hub, portal, commands).

On Kubernetes another engine takes the records engine's place; nobody but this module knows which.
"""

from collections.abc import Mapping

from yanxiu.settings.model import Site
from yanxiu.store.engine import Store

from .capacity import of_machine
from .engine import Engine
from .records_engine import RecordsEngine
from .rules import Resource


def engine_for(store: Store, site: Site) -> Engine | None:
    """Return the engine that answers for this site, None where nothing is counted."""
    if site.quota.engine == "none":
        return None
    capacity = of_machine(site)
    return RecordsEngine(store, site, lambda: capacity)


def capacity_for(site: Site) -> Mapping[Resource, float]:
    """Return what there is to share out, where no engine is at hand to say so."""
    return of_machine(site).ceilings()
