"""What a server may use: the site's limits, with what its school has otherwise over them."""

import pytest
from yanxiu.quota.storage import Filled
from yanxiu.settings.model import County, School, SchoolServer, ServerLimits, Site, Text
from yanxiu.spawn.limits import granted, limits_for

SITE = Site(
    name=Text(zh_CN="示范县研修平台"),
    county=County(code="330100", name="示范县"),
    server=ServerLimits(memory_mb=1000, cpus=0.5, processes=100, disk_mb=200, idle_minutes=7),
    schools={
        "2133000001": School(name="县三小"),
        "2133000002": School(name="城关镇中心校", server=SchoolServer(memory_mb=512)),
        "2133000003": School(
            name="县一中",
            server=SchoolServer(memory_mb=2048, cpus=2.0, processes=300, disk_mb=4096),
        ),
    },
)


@pytest.mark.parametrize(
    ("school", "memory_mb", "cpus", "processes", "disk_mb"),
    [
        ("2133000001", 1000, 0.5, 100, 200),
        ("2133000002", 512, 0.5, 100, 200),
        ("2133000003", 2048, 2.0, 300, 4096),
        ("2133000009", 1000, 0.5, 100, 200),  # added in the portal: the settings know it not
        (None, 1000, 0.5, 100, 200),
    ],
)
def test_a_school_has_the_sites_limits_but_where_it_has_its_own(
    school, memory_mb, cpus, processes, disk_mb
):
    found = limits_for(SITE, school)
    assert (found.memory_mb, found.cpus) == (memory_mb, cpus)
    assert (found.processes, found.disk_mb) == (processes, disk_mb)
    assert found.idle_minutes == 7


OWN, SCHOOL = "", "县三小"


@pytest.mark.parametrize(
    ("stored", "size_mb", "disk_mb", "rule"),
    [
        ([], 0, 200, ""),
        ([], 199.9, 200, ""),
        ([], 200, 200, "check"),  # the site's own limit was lowered below what it has
        ([(OWN, 50, 100)], 50, 100, ""),
        ([(OWN, 100, 100)], 100, 100, "check"),
        ([(OWN, 150, 100)], 150, 100, "check"),
        ([(OWN, 50, 500)], 50, 200, ""),  # more than the site gives anybody
        ([(OWN, 0, 0)], 0, 1, "shrink"),
        ([(SCHOOL, 99, 100)], 50, 200, ""),
        ([(SCHOOL, 100, 100)], 0, 200, "shrink"),
        ([(SCHOOL, 10, 100), ("云溪县", 900, 800)], 10, 200, "shrink"),
        ([(OWN, 150, 100), (SCHOOL, 150, 100)], 150, 100, "shrink"),
    ],
)
def test_storage_stops_no_start_and_says_what_may_happen_in_the_home(
    stored, size_mb, disk_mb, rule
):
    found = granted(SITE.server, [Filled(*one) for one in stored], size_mb)
    assert (found.limits.disk_mb, found.home_rule) == (disk_mb, rule)
    assert found.limits.memory_mb == 1000
