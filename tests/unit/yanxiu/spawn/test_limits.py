"""What a server may use: the site's limits, with what its school has otherwise over them."""

import pytest
from yanxiu.settings.model import County, School, SchoolServer, ServerLimits, Site, Text
from yanxiu.spawn.limits import limits_for

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
