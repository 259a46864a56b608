"""The engine of a site: made here for every process that asks one (hub, portal, commands).

On Kubernetes another engine takes the records engine's place; nobody but this module knows which,
and what it needs is only loaded where a site has it.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from yanxiu.settings.model import Site
from yanxiu.store.engine import Store

from .capacity import Capacity, of_machine
from .engine import Engine
from .records_engine import RecordsEngine
from .rules import Resource

if TYPE_CHECKING:
    from lightkube import Client

#: Of one call to the API server; a verdict of Kueue takes several.
_CALL_S = 1.5
#: Of one call in a look at all that is there.
_LOOK_S = 20.0


def engine_for(store: Store, site: Site, *, rules_cluster: bool = False) -> Engine | None:
    """Return the engine that answers for this site, None where nothing is counted.

    :param rules_cluster: this process may write the cluster's queues, and does when limits change
    """
    if site.quota.engine == "none":
        return None
    if site.quota.engine == "kueue":
        from .kueue import Reservations
        from .kueue_engine import KueueEngine

        bring = partial(bring_to_cluster, store, site) if rules_cluster else None
        reservations = Reservations(_client(_CALL_S))
        return KueueEngine(store, site, _cluster_capacity(site), reservations, bring)
    capacity = of_machine(site)
    return RecordsEngine(store, site, lambda: capacity)


def capacity_for(site: Site) -> Mapping[Resource, float]:
    """Return what there is to share out, where no engine is at hand to say so."""
    if site.quota.engine == "kueue":
        return _cluster_capacity(site)().ceilings()
    return of_machine(site).ceilings()


def bring_to_cluster(store: Store, site: Site) -> dict[str, int]:
    """Bring the tree and its limits to Kueue; return how much was not as it should be.

    :raises KueueSilent: the cluster does not answer
    """
    from .kueue_reconcile import reconcile

    brought = reconcile(store, site, _client(_LOOK_S), _cluster_capacity(site)().ceilings())
    return {"applied": brought.applied, "removed": brought.removed}


@cache
def _client(timeout_s: float) -> "Client":
    """Return the process's client: its connections are for all who ask."""
    from yanxiu.kube.client import connect

    return connect("yanxiu-quota", timeout_s)


def _cluster_capacity(site: Site) -> Callable[[], Capacity]:
    from .kueue_capacity import ClusterCapacity

    return ClusterCapacity(_client(_CALL_S), site)
