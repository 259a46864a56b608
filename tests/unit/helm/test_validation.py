"""Both charts are what Kubernetes of every supported version takes, and small enough to be released."""

import time

import kubernetes_validate
import pytest

from .conftest import ALL, CHART, PLACES, THREE, Helm, many, release_bytes

VERSIONS = ("1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
#: Of an object in etcd, and so of a release.
MOST_BYTES = 1 << 20
#: Not Kubernetes' own: their schemas are of Kueue and traefik.
OTHERS = ("kueue.x-k8s.io/", "traefik.io/")


def valid(manifests, version):
    kinds = set()
    for one in manifests:
        if not one["apiVersion"].startswith(OTHERS):
            kubernetes_validate.validate(one, version, strict=True)
            kinds.add(one["kind"])
    return kinds


@pytest.mark.parametrize("version", VERSIONS)
def test_three_schools_and_all_that_can_be_turned_on_are_valid(helm: Helm, version: str):
    kinds = valid(helm(THREE | ALL, "--kube-version", version), version)
    assert kinds >= {"Deployment", "Job", "CronJob", "NetworkPolicy", "ResourceQuota", "Namespace"}


def test_three_hundred_schools_are_valid_and_quickly_rendered(helm: Helm, capsys):
    values = many(300) | {"network": PLACES, "kueue": {"enabled": True}}
    began = time.monotonic()
    text = helm.text(values)
    took = time.monotonic() - began
    manifests = helm(values)
    # One of each kind and school differs from the next by its name.
    valid(manifests[::7], "1.35")
    assert len([one for one in manifests if one["kind"] == "Namespace"]) == 300
    size = release_bytes(text, values)
    with capsys.disabled():
        print(f"\n300 schools, one release: {len(manifests)} objects in {took:.1f} s, {size} bytes")


@pytest.mark.parametrize("schools", [30, 300])
def test_a_release_of_a_district_stays_far_below_what_helm_can_keep(helm: Helm, schools, capsys):
    """Split as docs/how-to/install-on-kubernetes.md says: a district, a release, without services."""
    values = many(schools) | {"services": {"enabled": False}}
    text = helm.text(values, name="schools-330199")
    size = release_bytes(text, values)
    with capsys.disabled():
        print(f"\na district of {schools} schools: a release of {size} bytes")
    assert size < MOST_BYTES / 4


@pytest.mark.parametrize("values", [{}, THREE, THREE | ALL, many(300) | {"network": PLACES}])
def test_helm_has_nothing_to_say_against_it(helm: Helm, values):
    assert "0 chart(s) failed" in helm.run("lint", "--strict", str(CHART), values=values)


@pytest.mark.parametrize(
    ("version", "taken"), [("1.31.9", False), ("1.32.0", True), ("1.38.0", False)]
)
def test_a_cluster_that_was_not_tried_is_refused(helm: Helm, version, taken):
    try:
        helm.text(THREE, "--kube-version", version)
    except Exception as refusal:
        assert not taken and "kubeVersion" in str(refusal)
    else:
        assert taken
