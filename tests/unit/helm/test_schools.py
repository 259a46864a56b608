"""What a school, and each service, has and has not: read from the rendered manifests."""

import pytest
import yaml
from yanxiu.settings.secrets import VARIABLES

from .conftest import ALL, SITE, THREE, Helm, of

SCHOOL = "school-2133000001"
#: Which secrets a process is given; whoever is not named is given none.
SECRETS = {
    "records": {"database_url", "worker", "portal_session", "id_numbers", "records_api"},
    "metrics beside records": {"metrics"},
    "housekeeping": {"database_url", "id_numbers"},
    "culler": {"database_url", "culler_api"},
    "metrics": {"database_url", "metrics", "metrics_api"},
    "upgrade": {"database_url"},
    "apply": {"database_url", "id_numbers"},
    "backup": {"database_url"},
}
OBJECT_KEYS = {"s3_access_key_id", "s3_secret_access_key"}
#: Who opens blobs.
WITH_OBJECTS = {"records", "housekeeping", "apply", "backup"}


def pods(manifests):
    """Give the name of the workload and its pod's specification."""
    for one in manifests:
        spec = one.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if one["kind"] in ("Deployment", "Job", "CronJob"):
            yield one["metadata"]["name"], spec["template"]["spec"]


def containers(manifests):
    """Give what each container is called in ``SECRETS``, and the container."""
    for workload, pod in pods(manifests):
        for one in pod["containers"]:
            name = one["name"].rstrip("-0123456789")
            beside = workload == "records" and name == "metrics"
            yield "metrics beside records" if beside else name, one


def keys(container):
    found = {}
    for one in container.get("env", ()):
        if "secretKeyRef" in one.get("valueFrom", {}):
            found[one["name"]] = one["valueFrom"]["secretKeyRef"]["key"]
    return found


def test_a_process_gets_its_own_secrets_and_nobody_elses(helm: Helm):
    found = dict(containers(helm(THREE | ALL)))
    assert {name: set(keys(one).values()) - OBJECT_KEYS for name, one in found.items()} == SECRETS
    with_objects = {name for name, one in found.items() if set(keys(one).values()) >= OBJECT_KEYS}
    assert with_objects == WITH_OBJECTS


def test_secrets_arrive_under_the_names_that_the_processes_read(helm: Helm):
    """The hub's name for a service's token apart, as on one machine (up/parts.py)."""
    theirs = {"YANXIU_DATABASE_URL", "JUPYTERHUB_API_TOKEN"}
    for _, one in containers(helm(THREE)):
        for variable, key in keys(one).items():
            assert variable in theirs or VARIABLES[key] == variable


def test_no_process_runs_as_root_or_may_change_its_image(helm: Helm):
    manifests = helm(THREE | ALL)
    for _, pod in pods(manifests):
        assert (
            pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 1000
        )
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for _, one in containers(manifests):
        context = one["securityContext"]
        assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert set(one["resources"]) == {"requests", "limits"}


def test_only_who_asks_kubernetes_has_an_account_there(helm: Helm):
    """Tokens are mounted where they are used, and nowhere else."""
    with_kueue = {name: pod.get("serviceAccountName") for name, pod in pods(helm(THREE | ALL))}
    assert {name for name, account in with_kueue.items() if account} == {
        "housekeeping",
        "records",
    }
    for name, pod in pods(helm(THREE)):
        assert not pod["automountServiceAccountToken"], name


def test_nobody_may_read_secrets_or_act_on_the_whole_cluster(helm: Helm):
    manifests = helm(THREE | ALL)
    for role in of(manifests, "ClusterRole") + of(manifests, "Role"):
        for rule in role["rules"]:
            assert not {"secrets", "*"} & {*rule["resources"], *rule["verbs"], *rule["apiGroups"]}
    bound = {one["roleRef"]["name"] for one in of(manifests, "ClusterRoleBinding")}
    writing = {
        role["metadata"]["name"]
        for role in of(manifests, "ClusterRole")
        if any({"create", "delete", "patch"} & set(rule["verbs"]) for rule in role["rules"])
    }
    # The reconciler's queues belong to no namespace, nor do volumes: the hub hands a home from
    # school to school, and a policy of the API server's holds it to that (tests/k8s).
    assert bound & writing == {"yanxiu-queues", "yanxiu-hub"}
    (hub,) = of(manifests, "ClusterRole", name="yanxiu-hub")
    written = [one for one in hub["rules"] if {"patch", "create", "delete"} & set(one["verbs"])]
    assert [(one["resources"], one["verbs"]) for one in written] == [
        (["persistentvolumes"], ["get", "patch"])
    ]
    (policy,) = of(manifests, "ValidatingAdmissionPolicy")
    (who,) = policy["spec"]["matchConditions"]
    assert '"system:serviceaccount:yanxiu:hub"' in who["expression"]
    assert policy["spec"]["failurePolicy"] == "Fail"


@pytest.mark.parametrize(
    ("code", "district", "pods"),
    [
        ("2133000001", "330199", 33),  # as the defaults say
        ("3133000003", "330198", 7),  # its own
    ],
)
def test_a_school_has_what_the_defaults_say_and_it_does_not(helm: Helm, code, district, pods):
    manifests = helm(THREE)
    (namespace,) = of(manifests, "Namespace", name=f"school-{code}")
    assert namespace["metadata"]["labels"]["yanxiu.io/school"] == code
    assert namespace["metadata"]["labels"]["yanxiu.io/district"] == district
    (quota,) = of(manifests, "ResourceQuota", namespace=f"school-{code}")
    assert quota["spec"]["hard"]["pods"] == pods
    assert quota["spec"]["hard"]["requests.memory"] == "24Gi"


def test_one_schools_numbers_do_not_reach_the_next(helm: Helm):
    """Merging changes its first argument: the defaults are copied for each."""
    schools = {"2133000001": {"quota": {"pods": 1}}, "2133000002": {}, "2133000003": {}}
    manifests = helm(THREE | {"schools": schools})
    hard = [one["spec"]["hard"]["pods"] for one in of(manifests, "ResourceQuota", name="school")]
    assert hard == [1, 33, 33]


def test_a_school_that_is_taken_out_keeps_its_homes_and_its_walls(helm: Helm):
    manifests = [
        one
        for one in helm(THREE)
        if SCHOOL in (one["metadata"].get("namespace"), one["metadata"]["name"])
    ]
    kept = {
        (one["kind"], one["metadata"]["name"])
        for one in manifests
        if one["metadata"].get("annotations", {}).get("helm.sh/resource-policy") == "keep"
    }
    assert kept == {
        ("Namespace", SCHOOL),
        ("NetworkPolicy", "nothing"),
        ("ResourceQuota", "school"),
        ("LimitRange", "school"),
    }


def test_a_school_is_shut_to_all_but_hub_proxy_records_and_names(helm: Helm):
    policies = of(helm(THREE), "NetworkPolicy", namespace=SCHOOL)
    nothing, servers = sorted(policies, key=lambda one: one["metadata"]["name"])
    assert nothing["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (coming,) = servers["spec"]["ingress"]
    assert coming["ports"] == [{"protocol": "TCP", "port": 8888}]
    reached = [rule["ports"][0]["port"] for rule in servers["spec"]["egress"]]
    assert reached == [8081, 8080, 53]
    assert "ipBlock" not in yaml.safe_dump(servers)


def test_with_the_internet_the_metadata_addresses_stay_shut(helm: Helm):
    manifests = helm(THREE | {"network": {**THREE["network"], "internet": True}})
    (servers,) = of(manifests, "NetworkPolicy", namespace=SCHOOL, name="servers")
    block = servers["spec"]["egress"][-1]["to"][0]["ipBlock"]
    assert block["cidr"] == "0.0.0.0/0"
    assert {"169.254.0.0/16", "100.64.0.0/10", "192.0.0.192/32", "10.0.0.0/8"} <= set(
        block["except"]
    )


def test_what_is_for_workers_is_led_to_by_nothing(helm: Helm):
    """It is answered on a port of its own, and there are no workers on a cluster yet."""
    manifests = helm(THREE)
    (records,) = of(manifests, "Deployment", name="records")
    for one in records["spec"]["template"]["spec"]["containers"][:2]:
        assert one["command"][-2:] == ["--internal-port", "8081"]
    ports = [port["port"] for one in of(manifests, "Service") for port in one["spec"]["ports"]]
    assert 8081 not in ports
    (policy,) = of(manifests, "NetworkPolicy", name="records")
    assert [rule["ports"][0]["port"] for rule in policy["spec"]["ingress"]] == [8080]


def test_records_has_its_processes_and_replicas(helm: Helm):
    values = THREE | {"records": {"replicas": 3, "processes": 2}, "data": {"claim": "shared"}}
    manifests = helm(values)
    (records,) = of(manifests, "Deployment", name="records")
    assert records["spec"]["replicas"] == 3
    names = [one["name"] for one in records["spec"]["template"]["spec"]["containers"]]
    assert names == ["records-1", "records-2", "metrics"]
    budgets = {one["metadata"]["name"] for one in of(manifests, "PodDisruptionBudget")}
    assert budgets == {"records"}


def test_without_kueue_nothing_of_kueue_is_there(helm: Helm):
    assert "kueue" not in helm.text(THREE).replace("kueue.enabled", "")
    queues = of(helm(THREE | {"kueue": {"enabled": True}}), "LocalQueue")
    assert {(one["metadata"]["namespace"], one["metadata"]["name"]) for one in queues} == {
        (f"school-{code}", "yanxiu") for code in THREE["schools"]
    }


def test_a_release_of_schools_alone_has_no_service_in_it(helm: Helm):
    kinds = {one["kind"] for one in helm(THREE | {"services": {"enabled": False}}, site="")}
    assert kinds == {"Namespace", "ResourceQuota", "LimitRange", "RoleBinding", "NetworkPolicy"}


def test_the_settings_arrive_byte_for_byte(helm: Helm):
    site = SITE + '# 注释 "{{ }}"\n'
    (config,) = of(helm(THREE, site=site), "ConfigMap")
    assert config["data"]["site.yaml"] == site
