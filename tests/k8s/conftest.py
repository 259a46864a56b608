"""One real cluster for the whole session, namespaces for each file, and its events on failure.

A cluster that runs already (``make cluster-up``) is used and left; else one is started and taken
down. Without the binaries everything here is skipped and says what it needs.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.k8s import testbed
from tests.k8s.testbed import Cluster

IMAGES = Path(__file__).parents[2] / "build" / "images"
NEEDED = "needs a cluster: {}; see tests/k8s/cluster/README.md"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A real Kubernetes with one node."""
    if os.geteuid() != 0 or (lacking := testbed.missing()):
        pytest.skip(NEEDED.format("root" if os.geteuid() else lacking.replace("\n", ", ")))
    mine = not testbed.running()
    if mine:
        testbed.script("cluster.sh", "up", within_s=580)
    try:
        found = testbed.of_settings()
        # What ``make images`` made; each is brought in once.
        found.load(*sorted(IMAGES.glob("*.tar")))
        yield found
    finally:
        if mine:
            testbed.script("cluster.sh", "down")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Put the cluster's events beside the traceback of a test that failed."""
    outcome = yield
    report = outcome.get_result()
    found = getattr(item, "funcargs", {})
    if report.failed and "cluster" in found:
        namespaces = getattr(item.module, "NAMESPACES", [])
        report.sections.append(("cluster", found["cluster"].events(namespaces)))
        if "hub" in found:
            report.sections.append(("hub", found["hub"].said()))
