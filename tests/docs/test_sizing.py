"""The table of sizes is what the platform's own counting comes to."""

import doctest
import importlib.util

import pytest
from yanxiu.quota.sizes import size_of

from tests.support.county import SITE
from tests.support.site import ROOT

SPEC = importlib.util.spec_from_file_location("sizing", ROOT / "docs" / "sizing.py")
assert SPEC is not None and SPEC.loader is not None
sizing = importlib.util.module_from_spec(SPEC)


@pytest.fixture(scope="module", autouse=True)
def loaded(request):
    import sys

    sys.modules["sizing"] = sizing  # dataclasses look their module up
    SPEC.loader.exec_module(sizing)
    yield
    del sys.modules["sizing"]


def test_the_example_of_it_holds():
    assert doctest.testmod(sizing).failed == 0


def test_what_is_said_to_fit_is_let_in():
    counted = size_of(SITE, None)
    assert counted.memory_mb <= sizing.SERVER_MB
    assert counted.cpus <= sizing.SERVER_CPUS


def test_more_teachers_never_need_less():
    for share in sizing.SHARES:
        found = [sizing.size(teachers, share) for teachers in range(0, 40_000, 500)]
        for name in ("servers", "cores", "memory_gb", "nodes"):
            values = [getattr(one, name) for one in found]
            assert values == sorted(values)


@pytest.mark.parametrize("teachers", [1_000, 35_000])
def test_what_a_machine_is_said_to_hold_fits_into_it(teachers):
    one = sizing.size(teachers, 10)
    assert one.servers * sizing.SERVER_MB + sizing.GRADING_MB + sizing.PLATFORM_MB <= (
        one.memory_gb * 1024
    )
    assert one.servers * sizing.SERVER_CPUS <= one.cores
    per_node = one.servers / (one.nodes - sizing.SPARE_NODES)
    assert per_node <= sizing.NODE_PODS
    assert per_node * sizing.SERVER_MB <= sizing.NODE_GB * 1024 * sizing.NODE_SHARE
