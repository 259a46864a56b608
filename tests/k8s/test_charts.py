"""helm/schools on a real cluster: what runs, who may do what, and what a school cannot."""

from collections.abc import Iterator

import pytest

from tests.k8s.charts import (
    FIRST,
    IMAGES,
    MONITORING,
    NAMESPACE,
    SECOND,
    THIRD,
    Charts,
    namespace,
    pod,
)
from tests.k8s.testbed import Cluster, until
from tests.support import postgres
from tests.support.site import ROOT, free_port

HEALTH = "/services/records/healthz"
RECORDS = ("pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/component=records")
SCHOOLS = tuple(map(namespace, (FIRST, SECOND, THIRD)))


def bring_images(cluster: Cluster) -> None:
    """Bring our images into the node where they are not; skip where they were never made."""
    there = cluster.json("nodes")["items"][0]["status"]["images"]
    names = {name for image in there for name in image.get("names") or ()}
    lacking = [one for one in IMAGES if f"localhost/yanxiu/{one}:dev" not in names]
    tars = [ROOT / "build" / "images" / f"{one}.tar" for one in lacking]
    if absent := [tar.name for tar in tars if not tar.exists()]:
        pytest.skip(f"needs our images (make images): {', '.join(absent)}")
    if tars:
        cluster.load(*tars)


@pytest.fixture(scope="module")
def charts(cluster: Cluster) -> Iterator[Charts]:
    """The release, installed and serving."""
    if why := postgres.why_not():
        pytest.skip(f"needs PostgreSQL: {why}")
    bring_images(cluster)
    port = free_port()
    with postgres.server(at=(cluster.host, port, "10.199.0.0/16")):
        url = f"postgresql+psycopg://yanxiu@{cluster.host}:{port}/postgres"
        found = Charts(cluster, url, port)
        found.remove(NAMESPACE, MONITORING, *SCHOOLS)
        cluster.kubectl("create", "namespace", NAMESPACE)
        cluster.kubectl("create", "namespace", MONITORING)
        found.make_secret()
        try:
            found.install("yanxiu", found.values(), "--wait")
            yield found
        finally:
            found.helm("uninstall", "yanxiu", "--no-hooks", "--wait", "--timeout", "2m")
            found.remove(NAMESPACE, MONITORING, *SCHOOLS)


def test_every_service_runs_and_records_answers_through_its_service(charts: Charts) -> None:
    ready = {
        one["metadata"]["name"]: one["status"].get("readyReplicas", 0)
        for one in charts.cluster.json("deployments", "-n", NAMESPACE)["items"]
    }
    assert ready == dict.fromkeys(("records", "housekeeping", "culler", "metrics"), 1)
    charts.run(NAMESPACE, "asks", component="hub")
    assert charts.fetch(NAMESPACE, "asks", charts.address("records") + HEALTH).startswith("200 ")


def test_nobody_comes_to_records_who_is_not_named(charts: Charts) -> None:
    charts.run(NAMESPACE, "stranger")
    records = charts.address("records") + HEALTH
    assert charts.fetch(NAMESPACE, "stranger", records) == "refused"
    # Not even the hub to what is for grading workers.
    charts.run(NAMESPACE, "as-hub", component="hub")
    (pod_of_records,) = charts.cluster.json(*RECORDS)["items"]
    internal = f"http://{pod_of_records['status']['podIP']}:8081/internal/v1/jobs"
    assert charts.fetch(NAMESPACE, "as-hub", internal) == "refused"


def test_a_monitor_reaches_the_metrics_and_is_asked_for_its_token(charts: Charts) -> None:
    charts.run(MONITORING, "monitor")
    (records,) = charts.cluster.json(*RECORDS)["items"]
    for url in (charts.address("metrics"), f"http://{records['status']['podIP']}:9100"):
        assert charts.fetch(MONITORING, "monitor", f"{url}/metrics")[:3] == "401"
    charts.run(NAMESPACE, "no-monitor")
    assert charts.fetch(NAMESPACE, "no-monitor", charts.address("metrics")) == "refused"


@pytest.mark.parametrize(
    ("account", "verb", "what", "where", "may"),
    [
        ("hub", "create", "pods", namespace(FIRST), True),
        ("hub", "delete", "pods", namespace(THIRD), True),
        ("hub", "create", "persistentvolumeclaims", namespace(SECOND), True),
        ("hub", "watch", "pods", None, True),
        ("hub", "create", "pods", "default", False),
        ("hub", "create", "pods", NAMESPACE, False),
        ("hub", "create", "pods/exec", namespace(FIRST), False),
        ("hub", "get", "secrets", namespace(FIRST), False),
        ("hub", "get", "secrets", NAMESPACE, False),
        ("hub", "patch", "resourcequotas", namespace(FIRST), False),
        ("hub", "delete", "networkpolicies", namespace(FIRST), False),
        ("hub", "create", "namespaces", None, False),
        ("default", "list", "pods", NAMESPACE, False),
    ],
)
def test_who_may_do_what(charts: Charts, account, verb, what, where, may) -> None:
    assert charts.may(account, verb, what, where) is may


def test_the_school_that_has_all_its_servers_gets_no_more(charts: Charts) -> None:
    """The outer wall; the platform's own quota says it before, and in Chinese."""
    school = namespace(SECOND)
    for name in ("one", "two"):
        charts.run(school, name)
    charts.cluster.kubectl("-n", school, "apply", "-f", "-", stdin=pod("three"), check=False)
    assert charts.cluster.names("pods", "-n", school) == ["one", "two"]
    # Another school's wall is its own.
    charts.run(namespace(THIRD), "three")


def test_a_pod_that_would_be_root_is_not_admitted(charts: Charts) -> None:
    manifest = pod("root").replace('"runAsNonRoot": true, "runAsUser": 1000', '"runAsUser": 0')
    charts.cluster.kubectl("-n", SCHOOLS[0], "apply", "-f", "-", stdin=manifest, check=False)
    assert "root" not in charts.cluster.names("pods", "-n", SCHOOLS[0])


def test_a_server_is_reached_by_hub_and_proxy_and_by_no_other_school(charts: Charts) -> None:
    serve = ("python", "-m", "http.server", "8888", "--directory", "/tmp")
    charts.run(SCHOOLS[0], "server", *serve, component="singleuser-server")
    charts.run(SCHOOLS[0], "colleague", component="singleuser-server")
    charts.run(SCHOOLS[2], "neighbour", component="singleuser-server")
    for component in ("hub", "proxy"):
        charts.run(NAMESPACE, f"the-{component}", component=component)
    url = f"http://{charts.pod_address(SCHOOLS[0], 'server')}:8888/"
    until(
        30, "the server answers the hub", lambda: "200" in charts.fetch(NAMESPACE, "the-hub", url)
    )
    assert charts.fetch(NAMESPACE, "the-proxy", url).startswith("200 ")
    assert charts.fetch(SCHOOLS[0], "colleague", url) == "refused"
    assert charts.fetch(SCHOOLS[2], "neighbour", url) == "refused"
    # And it reaches records, which is what it needs.
    records = charts.address("records") + HEALTH
    assert charts.fetch(SCHOOLS[2], "neighbour", records).startswith("200 ")


def test_a_school_taken_out_keeps_its_walls_and_comes_back_by_an_upgrade(charts: Charts) -> None:
    """Not by a rollback: helm 4 does not find again what it was told to keep."""
    stays, goes = "2133099004", "2133099005"
    both, one = (
        charts.values(services={"enabled": False}, schools={code: {} for code in schools})
        for schools in ((stays, goes), (stays,))
    )
    gone = namespace(goes)

    def walls() -> bool:
        kept = charts.cluster.names("networkpolicies,resourcequotas,limitranges", "-n", gone)
        return sorted(kept) == ["nothing", "school", "school"]

    try:
        charts.install("district", both)
        assert charts.may("hub", "create", "pods", gone)
        charts.install("district", one)
        assert walls() and not charts.may("hub", "create", "pods", gone)
        back = charts.helm("rollback", "district", "1")
        assert back.returncode != 0 and "not found" in back.stderr
        charts.install("district", both)
        assert charts.may("hub", "create", "pods", gone) and not walls()
        assert charts.helm("uninstall", "district").returncode == 0
        assert walls()
        # The release beside it is untouched.
        assert charts.may("hub", "create", "pods", namespace(THIRD))
    finally:
        charts.helm("uninstall", "district")
        charts.remove(gone, namespace(stays))


def test_an_upgrade_changes_the_settings_and_a_rollback_brings_them_back(charts: Charts) -> None:
    def processes() -> int:
        spec = charts.cluster.json("deployment", "records", "-n", NAMESPACE)["spec"]
        names = [one["name"] for one in spec["template"]["spec"]["containers"]]
        return sum(name.startswith("records-") for name in names)

    assert processes() == 2
    charts.install("yanxiu", charts.values(records={"processes": 1}), "--wait")
    assert processes() == 1
    assert charts.helm("rollback", "yanxiu", "--wait", "--timeout", "4m").returncode == 0
    assert processes() == 2
    charts.run(NAMESPACE, "after", component="hub")
    assert charts.fetch(NAMESPACE, "after", charts.address("records") + HEALTH).startswith("200 ")
