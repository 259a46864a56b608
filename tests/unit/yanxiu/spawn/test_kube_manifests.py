"""The pod and the claim that a start on a cluster makes, as an API server gets them."""

from types import SimpleNamespace

import pytest
from kubernetes_asyncio.client import ApiClient
from yanxiu.kube.server import server_options
from yanxiu.quota.sizes import Size
from yanxiu.settings.kubernetes import KubernetesSettings
from yanxiu.settings.model import ServerLimits
from yanxiu.spawn import kube_spawner
from yanxiu.spawn.hooks import set_limits
from yanxiu.spawn.kube_spawner import School, SchoolSpawner

ALICE = "uabcdefghij234567"
CODE = "2133000001"


@pytest.fixture
def spawner(monkeypatch):
    """A spawner whose owner belongs to a school; there is no API server."""
    monkeypatch.setattr("kubespawner.spawner.load_config", lambda **_: None)
    monkeypatch.setattr("kubespawner.spawner.shared_client", lambda _: None)
    settings = KubernetesSettings(image="r/singleuser:1", storage_class="fast")
    made = SchoolSpawner(
        user=SimpleNamespace(name=ALICE, id=1, url="/user/x", settings={}),
        hub=SimpleNamespace(public_host="", api_url="http://hub/api", base_url="/hub/"),
        _mock=True,
        school_of=lambda _: School(CODE, "县三小"),
        size_of=lambda _: Size(300, 0.1),
        organizers=lambda _: [],
        **server_options(settings),
    )
    monkeypatch.setattr(made, "get_env", lambda: {"JUPYTERHUB_USER": ALICE})

    async def there_already(*_):
        """No home to bring."""

    monkeypatch.setattr(kube_spawner.Homes, "bring", there_already)
    return made


async def manifests(spawner):
    await spawner._settle()
    as_json = ApiClient.sanitize_for_serialization
    client = object.__new__(ApiClient)
    pod = as_json(client, await spawner.get_pod_manifest())
    return pod, as_json(client, spawner.get_pvc_manifest())


@pytest.mark.parametrize(
    ("limits", "requests_", "limited", "storage"),
    [
        (ServerLimits(memory_mb=512, cpus=1.0, disk_mb=1024),
         {"cpu": 0.1, "memory": 300 << 20}, {"cpu": 1.0, "memory": 512 << 20}, "1024Mi"),
        # A limit below what is counted: a request above its limit is refused by the cluster.
        (ServerLimits(memory_mb=256, cpus=0.05, disk_mb=50),
         {"cpu": 0.05, "memory": 256 << 20}, {"cpu": 0.05, "memory": 256 << 20}, "50Mi"),
    ],
)  # fmt: skip
async def test_what_it_may_use_is_what_one_machine_gives(
    spawner, limits, requests_, limited, storage
):
    set_limits(spawner, limits)
    pod, claim = await manifests(spawner)
    [container] = pod["spec"]["containers"]
    assert container["resources"] == {"requests": requests_, "limits": limited}
    assert claim["spec"]["resources"]["requests"] == {"storage": storage}
    assert claim["spec"]["storageClassName"] == "fast"


async def test_it_is_as_restricted_as_pod_security_asks(spawner):
    set_limits(spawner, ServerLimits())
    pod, _ = await manifests(spawner)
    spec, [container] = pod["spec"], pod["spec"]["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["fsGroup"] == 1000
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    security = container["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["runAsUser"] == 1000
    assert "serviceAccountName" not in spec
    assert [one["name"] for one in spec["volumes"]] == ["home"]


async def test_names_and_labels_are_the_houses(spawner):
    set_limits(spawner, ServerLimits())
    pod, claim = await manifests(spawner)
    assert spawner.namespace == f"school-{CODE}"
    assert pod["metadata"]["name"] == f"jupyter-{ALICE}"
    assert claim["metadata"]["name"] == f"home-{ALICE}"
    for made in (pod, claim):
        assert made["metadata"]["labels"]["yanxiu.io/person"] == ALICE
    assert pod["spec"]["volumes"][0]["persistentVolumeClaim"] == {"claimName": f"home-{ALICE}"}


async def test_another_school_is_another_namespace_and_nothing_stays_of_the_first(spawner):
    set_limits(spawner, ServerLimits())
    await manifests(spawner)
    spawner._pvc_exists = True
    spawner.school_of = lambda _: School("2133000002", "城关镇中心校")
    await spawner._settle()
    assert spawner.namespace == "school-2133000002"
    assert ".school-2133000002." in f"{spawner.dns_name}."
    assert not spawner._pvc_exists


@pytest.mark.parametrize(
    "sent", [{"namespace": "kube-system"}, {"profile": "x"}, {"image": "evil"}]
)
async def test_what_a_user_sends_changes_nothing(spawner, sent):
    set_limits(spawner, ServerLimits())
    before = await manifests(spawner)
    spawner.user_options = sent
    await spawner.load_user_options()
    assert await manifests(spawner) == before


async def test_who_has_no_school_is_told(spawner):
    spawner.school_of = lambda _: None
    with pytest.raises(kube_spawner.SpawnException) as raised:
        await spawner._start()
    assert "没有所属学校" in str(raised.value.jupyterhub_message)
    assert raised.value.status_code == 409
    await spawner.stop()  # nothing was made, so nobody is asked


async def test_what_was_never_started_does_not_run(spawner):
    assert await spawner.poll() == 0
