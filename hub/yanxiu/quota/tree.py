"""The tree of organizations as the rules see it: who stands where, and what all demand together.

Pure. ``counters`` keeps what ``tally`` makes; ``policies`` ask it what new limits would come to.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from yanxiu.settings.model import Site

from .rules import COUNTED, Limit, Resource, Stand, guarantees
from .sizes import size_of

#: Of the platform itself, which stands above all organizations.
SITE = uuid.UUID(int=0)
#: By organization, what is set for it.
Limits = Mapping[uuid.UUID, Mapping[Resource, Limit]]
#: By organization, how much of each counted resource.
Amounts = Mapping[uuid.UUID, Mapping[Resource, float]]


@dataclass(frozen=True)
class Org:
    """One organization."""

    id: uuid.UUID
    name: str
    code: str
    path: str


PLATFORM = Org(SITE, "", "", "/")


def ancestry(path: str) -> list[str]:
    """Return the paths from the root down to ``path``.

    >>> ancestry("/330199/2133000001/")
    ['/330199/', '/330199/2133000001/']
    """
    codes = path.strip("/").split("/")
    return ["/" + "/".join(codes[: n + 1]) + "/" for n in range(len(codes))]


def sure_of(site: Site, orgs: Iterable[Org], limits: Limits) -> Amounts:
    """Return what each organization is sure of."""
    found = {}
    for one in orgs:
        size = size_of(site, one.code)
        found[one.id] = guarantees(limits.get(one.id, {}), size.memory_mb, size.cpus)
    return found


def tally(orgs: Iterable[Org], sure: Amounts, own: Amounts) -> dict[tuple[uuid.UUID, str], Stand]:
    """Return the counters that are not all zero, from the leaves up.

    :param own: what each organization itself uses
    """
    used: dict[tuple[str, Resource], float] = defaultdict(float)
    needed: dict[tuple[str, Resource], float] = defaultdict(float)
    found: dict[tuple[uuid.UUID, str], Stand] = {}
    for one in [*sorted(orgs, key=lambda o: o.path.count("/"), reverse=True), PLATFORM]:
        above = None if one is PLATFORM else one.path[: one.path.rstrip("/").rfind("/") + 1]
        for resource in COUNTED:
            mine = own.get(one.id, {}).get(resource, 0.0)
            key = (one.path, resource)
            stand = Stand(
                one.name,
                one.code,
                one.path,
                guarantee=sure.get(one.id, {}).get(resource, 0.0),
                used=round(used[key] + mine, 6),
                needed=round(needed[key] + mine, 6),
            )
            if stand.used or stand.needed or stand.guarantee:
                found[one.id, resource.value] = stand
            if above is not None:
                used[above, resource] += stand.used
                needed[above, resource] += stand.demand
    return found
