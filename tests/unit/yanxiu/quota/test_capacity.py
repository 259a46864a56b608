"""Capacity: of the machine, of a container in it, and what the settings say over it."""

import os

import pytest
from yanxiu.quota import capacity
from yanxiu.quota.capacity import Capacity, of_machine
from yanxiu.quota.sizes import Size, size_of
from yanxiu.settings.model import Site

from tests.support.county import SITE


def site(**more):
    return Site.model_validate({**SITE.model_dump(mode="json", exclude_defaults=True), **more})


def test_a_machine_without_limits(tmp_path):
    found = capacity.measure(tmp_path)
    assert found.servers is None
    assert found.cpus == len(os.sched_getaffinity(0))
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 20)
    assert total / 2 - 1 <= found.memory_mb < total


@pytest.mark.parametrize(
    ("limit_mb", "left_mb"), [(4096, 4096 - 1536), (3072, 1536), (1024, 512), (512, 256)]
)
def test_the_platform_keeps_its_part_but_at_most_half(tmp_path, limit_mb, left_mb):
    (tmp_path / "memory.max").write_text(f"{limit_mb << 20}\n")
    assert capacity.measure(tmp_path).memory_mb == left_mb


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"cpu.max": "50000 100000"}, 0.5),
        ({"cpu.max": "max 100000"}, None),
        ({"cpu/cpu.cfs_quota_us": "25000", "cpu/cpu.cfs_period_us": "100000"}, 0.25),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ({"cpu.max": "nonsense"}, None),
    ],
)
def test_a_container_has_a_part_of_the_cores(tmp_path, files, cores):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = capacity.measure(tmp_path).cpus
    assert found == (len(os.sched_getaffinity(0)) if cores is None else cores)


@pytest.mark.parametrize("text", ["max", f"{(1 << 63) - 4096}"])
def test_a_container_without_a_limit_has_the_machines_memory(tmp_path, text):
    bare = capacity.measure(tmp_path).memory_mb
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory/memory.limit_in_bytes").write_text(text)
    assert capacity.measure(tmp_path).memory_mb == bare


def test_the_settings_say_otherwise():
    measured = Capacity(cpus=2, memory_mb=4000)
    said = site(quota={"capacity": {"servers": 30, "memory_mb": 9000}})
    assert of_machine(said, measured) == Capacity(servers=30, cpus=2, memory_mb=9000)
    assert of_machine(SITE, measured) == measured


def test_a_server_is_counted_with_what_it_usually_takes():
    assert size_of(SITE, "2133000001") == size_of(SITE, None) == Size(160, 0.02)


def test_larger_servers_are_counted_larger():
    said = site(
        schools={
            "2133000001": {"name": "县三小", "server": {"memory_mb": 3072, "cpus": 0.5}},
            "2133000002": {"name": "城关镇中心校"},
        }
    )
    assert size_of(said, "2133000001") == Size(320, 0.01)
    assert size_of(said, "2133000002") == size_of(said, "2133000099") == Size(160, 0.02)
