"""What Kueue is told of the tree: organizations and their limits as Cohorts and ClusterQueues.

Pure. The same rule as in ``rules``, in Kueue's words: a school's guarantee is its ClusterQueue's
``nominalQuota``, of which nothing is lent (``lendingLimit: 0``); its ceiling is how much it may
borrow (``borrowingLimit``); what is guaranteed to nobody lies in the Cohorts above it. Nothing is
ever preempted. Where more is guaranteed than there is, nothing can be set aside: then all borrow
from what there is, and each no more than it was promised. ``kueue_reconcile`` brings it to the
cluster; docs/explanation/quotas.md has the table.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yanxiu.kube import names

from .rules import Limit, Resource

API = "kueue.x-k8s.io/v1beta2"
#: Above all organizations.
ROOT = "yanxiu"
OWNED: Mapping[str, str] = {
    "app.kubernetes.io/managed-by": "yanxiu",
    "app.kubernetes.io/part-of": "yanxiu-quota",
}
#: What the last look at the cluster found (``kueue_reconcile``), for the monitor.
FACT = "quota.kueue"
#: Ours → Kueue's. ``pods`` is counted by Kueue itself: every reservation is for one.
RESOURCES = {Resource.SERVERS: "pods", Resource.CPUS: "cpu", Resource.MEMORY_MB: "memory"}
#: Where nothing limits: more than any cluster has.
_ENDLESS = 1_000_000_000.0
_NEVER = {
    "reclaimWithinCohort": "Never",
    "withinClusterQueue": "Never",
    "borrowWithinCohort": {"policy": "Never"},
}

Amount = Mapping[Resource, float]


@dataclass(frozen=True)
class Node:
    """One organization: its limits, and what it is sure of with what follows from them.

    :param sure: ``tree.sure_of``: servers that are sure have their memory and processors too
    """

    kind: str
    code: str
    path: str
    limits: Mapping[Resource, Limit] = field(default_factory=dict)
    sure: Amount = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return its Cohort's or ClusterQueue's name."""
        return names.node(self.kind, self.code)


@dataclass(frozen=True)
class _Quota:
    """What one object has of one resource; None: no limit of that kind."""

    nominal: float
    borrowing: float | None = None
    lending: float | None = None


def objects(nodes: Iterable[Node], capacity: Amount) -> list[dict[str, Any]]:
    """Return every object of the cluster's that Kueue needs, in the order to apply them.

    :param capacity: what there is to share out; what is not named has no limit
    """
    every = sorted((n for n in nodes if n.kind != "research_group"), key=lambda n: n.path)
    below = _below(every)
    quotas: dict[str, dict[Resource, _Quota]] = {"/": {}}
    for resource in RESOURCES:
        _share("/", None, below, resource, capacity.get(resource, _ENDLESS), True, quotas)
    made: list[dict[str, Any]] = [
        {"apiVersion": API, "kind": "ResourceFlavor", "metadata": _about(names.FLAVOR)},
        _cohort(ROOT, None, quotas["/"]),
    ]
    above = {one.path: one.name for one in every if one.kind != "school"}
    for one in every:
        parent = above.get(_parent(one.path), ROOT)
        if one.kind == "school":
            made.append(_cluster_queue(one.name, parent, quotas[one.path]))
        else:
            made.append(_cohort(one.name, parent, quotas[one.path]))
    return made


def local_queue(school_code: str) -> dict[str, Any]:
    """Return the queue of a school's namespace, which leads to the school's ClusterQueue."""
    return {
        "apiVersion": API,
        "kind": "LocalQueue",
        "metadata": {
            **_about(names.SCHOOL_QUEUE),
            "namespace": names.school_namespace(school_code),
        },
        "spec": {"clusterQueue": names.node("school", school_code)},
    }


def workload(
    person_id: str, server_name: str, school_code: str, memory_mb: float, cpus: float
) -> dict[str, Any]:
    """Return the reservation of one server: a Workload that has no pod of its own.

    Kueue admits it and knows nothing of the pod, so nothing of Kueue can gate or delete that.
    """
    requests = {
        "cpu": quantity(Resource.CPUS, cpus),
        "memory": quantity(Resource.MEMORY_MB, memory_mb),
    }
    pod = {
        "restartPolicy": "Never",
        "containers": [
            {"name": "server", "image": "reservation", "resources": {"requests": requests}}
        ],
    }
    return {
        "apiVersion": API,
        "kind": "Workload",
        "metadata": {
            "name": workload_name(person_id, server_name),
            "namespace": names.school_namespace(school_code),
            "labels": {
                **OWNED,
                names.PERSON_LABEL: person_id,
                names.SERVER_LABEL: server_label(server_name),
            },
        },
        "spec": {
            "queueName": names.SCHOOL_QUEUE,
            "podSets": [{"name": "main", "count": 1, "template": {"spec": pod}}],
        },
    }


def workload_name(person_id: str, server_name: str) -> str:
    """Return the name of a server's reservation; a named server's has a digest of its name.

    >>> workload_name("uabcdefghij234567", "")
    'server-uabcdefghij234567'
    >>> workload_name("uabcdefghij234567", "second") == workload_name("uabcdefghij234567", "2")
    False
    """
    return "-".join(filter(None, (names.server_workload(person_id), server_label(server_name))))


def server_label(server_name: str) -> str:
    """Return what stands for a server's name, which may hold anything; empty for the default one."""
    return hashlib.sha256(server_name.encode()).hexdigest()[:10] if server_name else ""


def _below(nodes: list[Node]) -> dict[str, list[Node]]:
    """Return each node's children by its path; whose parent is not there hangs at the root."""
    known = {one.path for one in nodes}
    found: dict[str, list[Node]] = {"/": [], **{path: [] for path in known}}
    for one in nodes:
        parent = _parent(one.path)
        found[parent if parent in known else "/"].append(one)
    return found


def _parent(path: str) -> str:
    return path[: path.rstrip("/").rfind("/") + 1]


def _floor(node: Node, below: Mapping[str, list[Node]], resource: Resource) -> float:
    """Return what is kept for a node while nobody uses anything."""
    kept = sum(_floor(one, below, resource) for one in below[node.path])
    return max(kept, node.sure.get(resource, 0.0))


def _share(
    path: str,
    node: Node | None,
    below: Mapping[str, list[Node]],
    resource: Resource,
    most: float,
    backed: bool,
    quotas: dict[str, dict[Resource, _Quota]],
) -> None:
    """Share out what a node may have at most among those right below it.

    :param backed: what it is sure of is set aside for it; else it only borrows
    """
    children = below[path]
    kept = sum(_floor(one, below, resource) for one in children)
    fits = kept <= most
    floor = kept if node is None else _floor(node, below, resource)
    if node is None:
        quotas[path][resource] = _Quota(max(0.0, most - kept) if fits else most)
    elif backed:
        own = floor - kept if fits else min(floor, most)
        quotas.setdefault(path, {})[resource] = _Quota(max(0.0, own), max(0.0, most - floor), 0.0)
    else:
        quotas.setdefault(path, {})[resource] = _Quota(0.0, most, None)
    for one in children:
        ceiling = one.limits.get(resource, Limit()).ceiling
        share = most if ceiling is None else min(most, ceiling)
        sure = _floor(one, below, resource)
        if not fits:
            # All that there is, is promised: nobody gets more than that.
            share = min(share, sure)
        _share(one.path, one, below, resource, share, backed and fits, quotas)


def _about(name: str) -> dict[str, Any]:
    return {"name": name, "labels": dict(OWNED)}


def _cohort(name: str, parent: str | None, quotas: Mapping[Resource, _Quota]) -> dict[str, Any]:
    spec: dict[str, Any] = {"resourceGroups": _groups(quotas)}
    if parent is not None:
        spec["parentName"] = parent
    return {"apiVersion": API, "kind": "Cohort", "metadata": _about(name), "spec": spec}


def _cluster_queue(name: str, parent: str, quotas: Mapping[Resource, _Quota]) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "ClusterQueue",
        "metadata": _about(name),
        "spec": {
            "cohortName": parent,
            "namespaceSelector": {},
            "queueingStrategy": "BestEffortFIFO",
            "preemption": _NEVER,
            "resourceGroups": _groups(quotas),
        },
    }


def _groups(quotas: Mapping[Resource, _Quota]) -> list[dict[str, Any]]:
    resources = []
    for resource, called in RESOURCES.items():
        found = quotas[resource]
        one = {"name": called, "nominalQuota": quantity(resource, found.nominal)}
        if found.borrowing is not None:
            one["borrowingLimit"] = quantity(resource, found.borrowing)
        if found.lending is not None:
            one["lendingLimit"] = quantity(resource, found.lending)
        resources.append(one)
    flavors = [{"name": names.FLAVOR, "resources": resources}]
    return [{"coveredResources": list(RESOURCES.values()), "flavors": flavors}]


def quantity(resource: Resource, amount: float) -> str:
    """Return an amount as the API server writes it, so that reading it back shows no difference.

    >>> quantity(Resource.SERVERS, 3.0), quantity(Resource.CPUS, 0.06), quantity(Resource.CPUS, 2)
    ('3', '60m', '2')
    >>> quantity(Resource.MEMORY_MB, 1600.0), quantity(Resource.MEMORY_MB, 2048)
    ('1600Mi', '2Gi')
    """
    if resource is Resource.SERVERS:
        return str(int(amount))
    if resource is Resource.CPUS:
        milli = round(amount * 1000)
        return f"{milli // 1000}" if milli % 1000 == 0 else f"{milli}m"
    found, unit = round(amount), "Mi"
    for larger in ("Gi", "Ti", "Pi"):
        if found == 0 or found % 1024:
            break
        found, unit = found // 1024, larger
    return f"{found}{unit}" if found else "0"
