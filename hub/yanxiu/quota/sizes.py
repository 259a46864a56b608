"""What one server is counted with. Pure; the hub's side asks, and so do guarantees.

Counted is what a server usually takes, not the limit at which it is stopped: like the
guarantee that a cluster's scheduler counts. Counting limits, a machine of 24 GB would be full with
fifteen teachers, who together use a twentieth of it.
"""

from dataclasses import dataclass

from yanxiu.settings.model import Site


@dataclass(frozen=True)
class Size:
    """Of one server, as it is counted."""

    memory_mb: int
    cpus: float


def size_of(site: Site, school_code: str | None) -> Size:
    """Return the size of a server of somebody in this school.

    Where a school's servers may use more than all others', they are counted with as much more.

    :param school_code: None, or a school that the settings do not know: what holds for all
    """
    common = Size(site.quota.server_memory_mb, site.quota.server_cpus)
    school = site.schools.get(school_code) if school_code else None
    if school is None:
        return common
    memory = (school.server.memory_mb or site.server.memory_mb) / site.server.memory_mb
    cpus = (school.server.cpus or site.server.cpus) / site.server.cpus
    return Size(max(1, round(common.memory_mb * memory)), round(common.cpus * cpus, 3))
