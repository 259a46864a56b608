"""Two hundred schools, one hub: two watches in all, counted by the API server itself."""

import asyncio
import random
import re
import time
from types import SimpleNamespace

import pytest
from kubernetes_asyncio import config
from yanxiu.kube.server import server_options
from yanxiu.names import new_person_id
from yanxiu.quota.sizes import Size
from yanxiu.settings.kubernetes import KubernetesSettings
from yanxiu.settings.model import ServerLimits
from yanxiu.spawn.hooks import set_limits
from yanxiu.spawn.kube_spawner import SchoolSpawner
from yanxiu.spawn.schools import School

from tests.k8s.hub import IMAGE, account, make_school, namespace
from tests.k8s.testbed import Cluster, until

#: As many start in the same instant.
AT_ONCE = 25
#: Of this run alone: those of the last may still be on their way out.
RUN = random.randrange(10_000)
SCHOOLS = [f"313{RUN:04}{number:03}" for number in range(200)]


@pytest.fixture(scope="module")
def schools(cluster: Cluster, tmp_path_factory):
    kubeconfig = account(cluster, tmp_path_factory.mktemp("account"))
    make_school(cluster, *SCHOOLS)
    yield kubeconfig
    cluster.kubectl("delete", "namespace", *map(namespace, SCHOOLS), "--wait=false")


def watches(cluster: Cluster) -> dict[str, int]:
    """Return how many watches of pods and of events are open, by what they are over."""
    text = cluster.kubectl("get", "--raw", "/metrics")
    found: dict[str, int] = {}
    for line in text.splitlines():
        if not line.startswith("apiserver_longrunning_requests{") or 'verb="WATCH"' not in line:
            continue
        labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
        if labels["resource"] in {"pods", "events"}:
            key = f"{labels['resource']} {labels['scope']}"
            found[key] = found.get(key, 0) + int(float(line.rsplit(" ", 1)[1]))
    return found


async def test_two_hundred_schools_take_two_watches(cluster, schools, monkeypatch):
    await config.load_kube_config(config_file=str(schools))
    monkeypatch.setattr("kubespawner.spawner.load_config", lambda **_: None)
    options = server_options(KubernetesSettings(image=IMAGE, image_pull="Never"))
    # Nothing of it need run: what is counted is who watches.
    options["node_selector"] = {"nowhere": "yes"}
    before = watches(cluster)
    spawners = [spawner_of(code, options) for code in SCHOOLS]
    for spawner in spawners:
        set_limits(spawner, ServerLimits(memory_mb=256))
    began = time.monotonic()
    starts: list[asyncio.Future[str]] = []
    try:
        async with asyncio.timeout(400):
            for first in range(0, len(spawners), AT_ONCE):
                wave = spawners[first : first + AT_ONCE]
                starts += [spawner.start() for spawner in wave]
                while not seen(wave):
                    ended = [start for start in starts if start.done()]
                    assert not ended, ended[0].exception()
                    await asyncio.sleep(0.1)
        print(f"200 pods in 200 namespaces made and seen: {time.monotonic() - began:.1f} s")
        after = watches(cluster)
        more = {key: after.get(key, 0) - before.get(key, 0) for key in after}
        print(f"watches more than before: {more}")
        assert len(SchoolSpawner.reflectors) == 2
        assert more.get("pods namespace", 0) == more.get("events namespace", 0) == 0
        assert more["pods cluster"] == more["events cluster"] == 1
        assert [await spawner.poll() for spawner in spawners[:5]] == [None] * 5
    finally:
        for start in starts:
            start.cancel()
        await asyncio.gather(*starts, return_exceptions=True)
        await asyncio.gather(*(spawner.stop(now=True) for spawner in spawners))
        await let_go()


def seen(spawners: list[SchoolSpawner]) -> bool:
    """Say whether every pod is there, as the one watch shows them."""
    return all(one.pod_reflector and one._key in one.pod_reflector.pods for one in spawners)


def spawner_of(code: str, options: dict) -> SchoolSpawner:
    person = new_person_id()
    made = SchoolSpawner(
        user=SimpleNamespace(name=person, id=1, url="/user/x", settings={}),
        hub=SimpleNamespace(public_host="", api_url="http://hub/api", base_url="/hub/"),
        _mock=True,
        school_of=lambda _: School(code, code),
        size_of=lambda _: Size(100, 0.01),
        organizers=lambda _: [],
        **options,
    )
    made.get_env = lambda: {"JUPYTERHUB_USER": person}
    return made


async def let_go() -> None:
    """End the watches, which else live as long as the hub."""
    for watch in SchoolSpawner.reflectors.values():
        watch.watch_task.cancel()
        await asyncio.wait({watch.watch_task})
    SchoolSpawner.reflectors.clear()


def test_the_hubs_account_may_hand_over_homes_and_no_other_volume(cluster, schools):
    hub = "--as=system:serviceaccount:yanxiu-test:hub"
    [other, *_] = [
        one["metadata"]["name"]
        for one in cluster.json("pv")["items"]
        if one["status"]["phase"] == "Available"
    ]
    theirs = '{"metadata": {"annotations": {"test": "x"}}}'

    def refused() -> bool:
        patch = (hub, "patch", "pv", other, "--type=merge", "-p", theirs)
        return "not a home" in cluster.refusal(*patch)

    until(60, "the policy holds", refused)
    school = namespace(SCHOOLS[0])
    may = {
        f"create pods -n {school}": "yes",
        f"get secrets -n {school}": "no",
        "create pods -n kube-system": "no",
        "create pods -n yanxiu-test": "no",
        "create namespaces": "no",
        "delete persistentvolumes": "no",
        "list pods -A": "yes",
    }
    answers = {
        ask: cluster.kubectl("auth", "can-i", *ask.split(), hub, check=False).strip() for ask in may
    }
    assert answers == may
