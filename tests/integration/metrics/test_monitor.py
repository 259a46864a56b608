"""The running platform is measured: everything in the reference is there, and nothing else is."""

import re
import subprocess
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.site import ROOT, YANXIU, Running, platform

REFERENCE = ROOT / "docs/reference/metrics.md"
#: Families of the process itself.
OWN = ("process_", "python_")


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    with platform(tmp_path_factory.mktemp("up") / "data") as running:
        yield running


def asked(running: Running, *options: str) -> subprocess.CompletedProcess[str]:
    command = [YANXIU, "metrics", "--data", running.data, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_reference_says_what_there_is(running):
    httpx.get(f"{running.url}/services/records/healthz")
    shown = asked(running)
    assert shown.returncode == 0, shown.stderr
    found = {}
    of_the_hub = asked(running, "--hub").stdout
    ours = [
        *text_string_to_metric_families(shown.stdout),
        *(
            family
            for family in text_string_to_metric_families(of_the_hub)
            if family.name.startswith("yanxiu_") and not family.name.endswith("_created")
        ),
    ]
    for family in ours:
        end = {"counter": "_total", "info": "_info"}.get(family.type, "")
        if not family.name.startswith(OWN):
            name = family.name.removesuffix(end or "-") + end
            labels = {label for one in family.samples for label in one.labels} - {"le"}
            found[name] = labels if family.samples else None
    told = {
        name: set(filter(None, labels.split(",")))
        for name, labels in re.findall(
            r"^\| `([a-z_]+)(?:\{([a-z_,0-9]*)\})?` \|", REFERENCE.read_text("utf-8"), re.M
        )
    }
    assert found.keys() == told.keys()
    # A family without samples (nothing is in trouble) has no labels to compare.
    assert {name: told[name] for name in found if found[name] is not None} == {
        name: labels for name, labels in found.items() if labels is not None
    }


def test_the_portal_counts_its_requests_in_every_process(running):
    labels = 'route="/healthz",method="GET",status="200"'
    shown = asked(running).stdout
    line = next(
        line for line in shown.splitlines() if "http_requests_total{" in line and "/healthz" in line
    )
    assert all(part in line for part in labels.split(","))
    assert float(line.split()[-1]) >= 1


def test_the_launcher_tells_what_it_does(running):
    shown = asked(running).stdout
    assert "yanxiu_launcher_up 1.0" in shown
    assert 'yanxiu_launcher_requests_total{outcome="ok",verb="ping"}' in shown


def test_the_hub_s_own_metrics_are_handed_on(running):
    shown = asked(running, "--hub")
    assert shown.returncode == 0, shown.stderr
    assert "jupyterhub_running_servers" in shown.stdout


def test_only_the_token_opens_them(running):
    url, file = asked(running, "--where").stdout.split()
    token = (running.data / "secrets/metrics").read_text().strip()
    assert file == str(running.data / "secrets/metrics")
    assert httpx.get(url).status_code == 401
    assert httpx.get(url, headers={"Authorization": f"Bearer {token[::-1]}"}).status_code == 401
    assert httpx.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    # Neither the portal's origin nor the servers' leads there.
    for origin in (running.url, running.servers):
        answer = httpx.get(f"{origin}/metrics", headers={"Authorization": f"Bearer {token}"})
        assert "yanxiu_" not in answer.text


def test_where_nothing_runs_it_says_so(tmp_path):
    shown = subprocess.run(
        [YANXIU, "metrics", "--data", tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 1
    assert "yanxiu up" in shown.stderr
    assert "Traceback" not in shown.stderr
