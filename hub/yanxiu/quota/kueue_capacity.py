"""How much there is to share out on a cluster: what its nodes can give, asked now and then.

What ``site.yaml`` says (``quota.capacity``) goes first. Other tenants of the cluster, and what the
platform itself needs, are not known here: who shares a cluster says there what is for teachers.
"""

import logging
import threading
import time
from collections.abc import Callable

from lightkube import Client
from lightkube.resources.core_v1 import Node
from lightkube.utils.quantity import parse_quantity

from yanxiu.kube.client import ApiError, Unreachable
from yanxiu.settings.model import Site

from .capacity import Capacity, of_machine
from .kueue import KueueSilent

log = logging.getLogger("yanxiu.quota")

#: Nodes come and go by the hour, and a start must not wait for the list.
_FRESH_S = 60.0


class ClusterCapacity:
    """What the nodes can give. Call it; it answers at once with what it last heard.

    Asked for within transactions: so who finds it old only sends somebody to look.
    """

    def __init__(self, client: Client, site: Site, monotonic: Callable[[], float] = time.monotonic):
        self._client, self._site, self._monotonic = client, site, monotonic
        self._lock = threading.Lock()
        self._known: Capacity | None = None
        self._asked_at = monotonic()
        if None in (site.quota.capacity.cpus, site.quota.capacity.memory_mb):
            self._look()
        else:
            self._known = of_machine(site, Capacity())
            self._asked_at = float("inf")

    def __call__(self) -> Capacity:
        """Return it. :raises KueueSilent: the cluster has not answered yet"""
        with self._lock:
            stale = self._monotonic() - self._asked_at > (_FRESH_S if self._known else 1.0)
            if stale:
                self._asked_at = self._monotonic()
                threading.Thread(target=self._look, name="nodes", daemon=True).start()
        if self._known is None:
            raise KueueSilent("nobody knows what the nodes can give")
        return self._known

    def _look(self) -> None:
        try:
            self._known = self._measured()
        except (ApiError, Unreachable) as error:
            log.warning("What the nodes can give is not known anew: %s", type(error).__name__)

    def _measured(self) -> Capacity:
        cpus = memory = 0.0
        for node in self._client.list(Node):
            has = node.status.allocatable if node.status else None
            if has and not (node.spec and node.spec.unschedulable):
                cpus += float(parse_quantity(has["cpu"]) or 0)
                memory += float(parse_quantity(has["memory"]) or 0)
        return of_machine(self._site, Capacity(cpus=cpus, memory_mb=float(memory // (1 << 20))))
