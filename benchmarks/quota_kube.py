"""Reservations through Kueue with 300 schools: how many a second, and how long one waits for its answer.

Needs a cluster with Kueue (``KUBECONFIG``; ``tests/k8s/cluster`` makes one). Stock is what Kueue
alone did with 300 queues when its reservations were first tried (1,500 at once from one client):
108 a second, p95 149 ms one by one. Then pods that become ready with and without a reservation
before them: what the engine adds to a start.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from typing import Any

from lightkube import Client
from lightkube.models.core_v1 import Container, PodSpec, ResourceRequirements
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Pod
from yanxiu.kube import names
from yanxiu.kube.client import (
    ApiError,
    ClusterQueue,
    Cohort,
    LocalQueue,
    Unreachable,
    Workload,
    connect,
)
from yanxiu.quota.kueue import Reservations
from yanxiu.quota.kueue_objects import Node, local_queue, objects, workload
from yanxiu.quota.kueue_reconcile import covers
from yanxiu.quota.rules import Limit, Resource

from benchmarks.result import Result, percentile

NAME = "quota-kube"
COUNTIES, SCHOOLS, RESERVATIONS, CLIENTS, STARTS = 10, 300, 900, 16, 15
STOCK_RATE, STOCK_P95_S = 108.0, 0.149
IMAGE = os.environ.get("YANXIU_BENCH_IMAGE", "localhost/yanxiu/pause:1")
_KINDS = {"Cohort": Cohort, "ClusterQueue": ClusterQueue, "LocalQueue": LocalQueue}


def why_not() -> str | None:
    """Return what is lacking to measure anything, or None."""
    if not os.environ.get("KUBECONFIG"):
        return "needs a cluster with Kueue: KUBECONFIG is not set (tests/k8s/cluster/README.md)"
    try:
        list(connect("yanxiu-bench", 5).list(Cohort))
    except (ApiError, Unreachable) as error:
        return f"needs a cluster with Kueue: {type(error).__name__}"
    return None


def run() -> Result:
    """Measure."""
    client = connect("yanxiu-bench", 30)
    schools = [f"21339{number:05}" for number in range(SCHOOLS)]
    with prepared(client, schools):
        reservations = Reservations(client, 60)
        alone = [timed(reservations, schools, number) for number in range(100)]
        drop(client, schools)
        began = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            crowd = list(pool.map(lambda n: timed(reservations, schools, n), range(RESERVATIONS)))
        rate = RESERVATIONS / (time.perf_counter() - began)
        drop(client, schools)
        starts = interleaved(client, reservations, schools[0])
    return Result(
        rate,
        STOCK_RATE,
        "reservations/s",
        rate / STOCK_RATE,
        {
            "alone_p50_s": percentile(alone, 0.5),
            "alone_p95_s": percentile(alone, 0.95),
            "stock_p95_s": STOCK_P95_S,
            "crowd_p95_s": percentile(crowd, 0.95),
            "clients": CLIENTS,
            "start_s": {name: median(found) for name, found in starts.items()},
            "load": os.getloadavg()[0],
        },
    )


def person(number: int) -> str:
    """Return somebody's id."""
    return "u" + f"{number:016d}".translate(str.maketrans("0189", "abcd"))


def timed(reservations: Reservations, schools: list[str], number: int) -> float:
    """Make one reservation; return how long its answer took."""
    began = time.perf_counter()
    school = schools[number % len(schools)]
    verdict = reservations.make(workload(person(number), "", school, 160, 0.02))
    assert verdict.admitted, verdict.said
    return time.perf_counter() - began


def interleaved(client: Client, reservations: Reservations, school: str) -> dict[str, list[float]]:
    """Start pods in turn with and without a reservation; return the seconds until each was ready."""
    found: dict[str, list[float]] = {"with": [], "without": []}
    for number in range(2 * STARTS):
        way = ("without", "with")[number % 2]
        began = time.perf_counter()
        if way == "with":
            wanted = workload(person(number), "", school, 160, 0.02)
            assert reservations.make(wanted).admitted
        start_pod(client, names.school_namespace(school), f"bench-{number}")
        found[way].append(time.perf_counter() - began)
    return found


def start_pod(client: Client, namespace: str, name: str) -> None:
    """Make a pod, wait until it is ready, and remove it."""
    requests = ResourceRequirements(requests={"cpu": "10m", "memory": "16Mi"})
    container = Container(name="c", image=IMAGE, imagePullPolicy="Never", resources=requests)
    spec = PodSpec(containers=[container], restartPolicy="Never", terminationGracePeriodSeconds=0)
    client.create(Pod(metadata=ObjectMeta(name=name, namespace=namespace), spec=spec))
    client.wait(Pod, name, namespace=namespace, for_conditions=["Ready"])
    client.delete(Pod, name, namespace=namespace, grace_period=0)


@contextmanager
def prepared(client: Client, schools: list[str]) -> Iterator[None]:
    """Give a cluster with the tree of a city: ten counties, thirty schools in each."""
    nodes = [Node("county", f"3399{n:02}", f"/3399{n:02}/") for n in range(COUNTIES)]
    for number, code in enumerate(schools):
        above = nodes[number % COUNTIES]
        sure = {Resource.SERVERS: 2.0, Resource.CPUS: 0.04, Resource.MEMORY_MB: 320.0}
        limits = {Resource.SERVERS: Limit(2, 30)}
        nodes.append(Node("school", code, f"{above.path}{code}/", limits, sure))
    wanted = [one for one in objects(nodes, {Resource.SERVERS: 3000.0}) if one["kind"] in _KINDS]
    wanted += [local_queue(code) for code in schools]
    try:
        for code in schools:
            again(lambda code=code: client.create(_namespace(code)))
        for one in wanted:
            client.apply(_KINDS[one["kind"]](**one), force=True)
        _wait_active(client, schools)
        yield
    finally:
        drop(client, schools)
        for code in schools:
            client.delete(Namespace, names.school_namespace(code))
        for one in reversed(wanted):
            if one["kind"] != "LocalQueue":
                client.delete(_KINDS[one["kind"]], one["metadata"]["name"])


def _namespace(code: str) -> Namespace:
    return Namespace(metadata=ObjectMeta(name=names.school_namespace(code)))


def again(call: Callable[[], Any]) -> None:
    """Make what may be there from a run before."""
    try:
        call()
    except ApiError as error:
        if error.status.code != 409:
            raise


def _wait_active(client: Client, schools: list[str]) -> None:
    active = {"status": {"conditions": [{"type": "Active", "status": "True"}]}}
    waiting = {names.node("school", code) for code in schools}
    while waiting:
        for one in client.list(ClusterQueue):
            if covers(dict(one), active):
                waiting.discard(one["metadata"]["name"])
        time.sleep(0.2)


def drop(client: Client, schools: list[str]) -> None:
    """Remove every reservation of the schools."""
    for code in schools:
        client.deletecollection(Workload, namespace=names.school_namespace(code))
    mine = {names.school_namespace(code) for code in schools}
    while any(one["metadata"]["namespace"] in mine for one in client.list(Workload, namespace="*")):
        time.sleep(0.1)
