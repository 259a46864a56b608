"""Judge a start: is there room for it, in the school and in everything above it?

Pure: no clock, no database, no hub. ``records_engine`` counts, this judges, the hub tells the
teacher. Change a rule here and only ``tests/unit/yanxiu/quota/test_rules.py`` should need to follow.

An organization's *demand* is what must be kept for it: what it uses, or its guarantee if that is
more; above a school, the demands of all below it. A start is admitted when every ceiling on its
way holds the demand that there would be: so nobody takes what another was guaranteed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Resource(StrEnum):
    """What a pool holds."""

    SERVERS = "servers"
    CPUS = "cpus"
    MEMORY_MB = "memory_mb"
    STORAGE_MB = "storage_mb"
    SERVER_HOURS = "server_hours"
    APP_KERNELS = "app_kernels"
    GRADING_SHARE = "grading_share"


class PlaceKind(StrEnum):
    """What a place is for."""

    SERVER = "server"
    APP = "app"


class PlaceState(StrEnum):
    """Where a place stands."""

    #: Kept for the next in line until she comes.
    HELD = "held"
    #: A start is under way.
    RESERVED = "reserved"
    RUNNING = "running"


class Code(StrEnum):
    """Why a start is not admitted."""

    #: An organization on the way is at its ceiling.
    CEILING = "quota.ceiling"
    #: The platform itself is full.
    CAPACITY = "quota.capacity"
    #: There is room, but all of it is guaranteed to others.
    GUARANTEED = "quota.guaranteed"
    #: There is room for teachers, but something else of the cluster takes it now.
    CLUSTER = "quota.cluster"
    #: One person's own limit.
    PER_TEACHER = "quota.per_teacher"
    #: The month's server hours are used up.
    HOURS = "quota.server_hours"
    #: Nothing any more: who stands in line is about to be served.
    NEXT = "quota.next"


#: What waiting for a place cannot cure.
PERSONAL = frozenset({Code.PER_TEACHER, Code.HOURS})
#: Resources that a running place takes, and that are counted along the tree.
COUNTED = (Resource.SERVERS, Resource.APP_KERNELS, Resource.CPUS, Resource.MEMORY_MB)
#: Resources of which something can be kept for an organization.
GUARANTEED = frozenset(COUNTED)
#: Sums of binary fractions: 0.1 + 0.2 cores are 0.3.
_GRAIN = 1e-6


@dataclass(frozen=True)
class Limit:
    """What is set for one organization and one resource; ``None``: nothing is."""

    guarantee: float | None = None
    ceiling: float | None = None
    per_teacher: float | None = None


@dataclass(frozen=True)
class Reason:
    """Why not, with the numbers for the sentence: “县三小 30/30 台在用”.

    :param org: name of the organization whose limit it is; empty for the platform itself
    :param kept: how much of the room is kept for the guarantees of others
    """

    code: Code
    org: str
    org_code: str
    resource: Resource
    used: float
    limit: float
    kept: float = 0.0
    #: Of the organization: who waits for the same thing is below it.
    path: str = "/"


@dataclass(frozen=True)
class Stand:
    """One organization on the way from the platform down to a school, for one resource.

    :param needed: its own use and the demands of all right below it, before its own guarantee
    """

    name: str = ""
    code: str = ""
    path: str = "/"
    guarantee: float = 0.0
    ceiling: float | None = None
    used: float = 0.0
    needed: float = 0.0

    @property
    def demand(self) -> float:
        """Return what must be kept for it.

        >>> Stand(guarantee=10, needed=4).demand, Stand(guarantee=10, needed=12).demand
        (10, 12)
        """
        return max(self.needed, self.guarantee)


Way = Sequence[Stand]


def charged(way: Way, amount: float) -> list[Stand]:
    """Return the way with ``amount`` more in use at its end (less, if negative).

    >>> county, school = Stand(needed=10), Stand(guarantee=10, used=4, needed=4)
    >>> [(one.used, one.demand) for one in charged([county, school], 1)]
    [(1.0, 10.0), (5.0, 10)]
    """
    after: list[Stand] = []
    grown = amount
    for one in reversed(way):
        more = replace(one, used=_even(one.used + amount), needed=_even(one.needed + grown))
        grown = more.demand - one.demand
        after.append(more)
    return after[::-1]


def _even(value: float) -> float:
    """Return a sum without the dust that binary fractions leave."""
    return round(value, 6) + 0.0


def judge(way: Way, resource: Resource, amount: float) -> Reason | None:
    """Return why ``amount`` more at the end of ``way`` is not admitted, or None.

    From the school upwards: what is nearest is what somebody can be asked about.
    """
    if amount <= 0:
        return None
    for before, after in zip(reversed(way), reversed(charged(way, amount)), strict=True):
        if before.ceiling is None:
            continue
        if after.used > before.ceiling + _GRAIN:
            return _reason(Code.CEILING, before, resource)
        # Within somebody's guarantee below, or its own: it was kept for just this. Limits that
        # were lowered since may have made the sum of all demands too much; that is not its doing.
        within = after.demand - before.demand <= _GRAIN
        if not within and after.demand > before.ceiling + _GRAIN:
            return _reason(Code.GUARANTEED, before, resource)
    return None


def _reason(code: Code, stand: Stand, resource: Resource) -> Reason:
    assert stand.ceiling is not None
    if code is Code.CEILING and not stand.code:
        code = Code.CAPACITY
    return Reason(
        code,
        stand.name,
        stand.code,
        resource,
        stand.used,
        stand.ceiling,
        kept=max(0.0, _even(stand.demand - stand.used)),
        path=stand.path,
    )


@dataclass(frozen=True)
class Own:
    """One limit on a single person that holds where she starts something."""

    name: str
    code: str
    path: str
    limit: float


def judge_person(
    own: Sequence[Own], resource: Resource, used: float, amount: float
) -> Reason | None:
    """Return which limit on one person ``amount`` more would break: each on the way holds."""
    for one in sorted(own, key=lambda o: o.limit):
        if used + amount > one.limit + _GRAIN:
            return Reason(
                Code.PER_TEACHER, one.name, one.code, resource, used, one.limit, path=one.path
            )
    return None


def judge_hours(way: Way) -> Reason | None:
    """Return which month's pool is used up. Nothing is asked for in advance: a start in a pool
    that has a minute left is admitted.
    """
    for one in reversed(way):
        if one.ceiling is not None and one.used >= one.ceiling - _GRAIN:
            return Reason(
                Code.HOURS,
                one.name,
                one.code,
                Resource.SERVER_HOURS,
                one.used,
                one.ceiling,
                path=one.path,
            )
    return None


def amounts(kind: PlaceKind, memory_mb: float, cpus: float) -> dict[Resource, float]:
    """Return what a place takes of each counted resource.

    >>> amounts(PlaceKind.SERVER, 160, 0.02)[Resource.SERVERS]
    1.0
    """
    one = Resource.SERVERS if kind is PlaceKind.SERVER else Resource.APP_KERNELS
    return {one: 1.0, Resource.CPUS: cpus, Resource.MEMORY_MB: float(memory_mb)}


def guarantees(
    limits: Mapping[Resource, Limit], memory_mb: float, cpus: float
) -> dict[Resource, float]:
    """Return what an organization is sure of, of each counted resource.

    Who is sure of ten servers is sure of what ten servers take, unless it says otherwise: a
    guarantee of places without memory would be none.

    >>> guarantees({Resource.SERVERS: Limit(guarantee=10)}, 160, 0.02)[Resource.MEMORY_MB]
    1600.0
    """
    sure = {r: limits.get(r, Limit()).guarantee for r in COUNTED}
    places = (sure[Resource.SERVERS] or 0.0) + (sure[Resource.APP_KERNELS] or 0.0)
    implied = {Resource.CPUS: places * cpus, Resource.MEMORY_MB: places * memory_mb}
    return {r: _even(implied.get(r, 0.0) if found is None else found) for r, found in sure.items()}


def estimate_s(place: int, ended: int, window_s: float) -> float | None:
    """Return how long the ``place``-th in line waits, if places go on falling free as they did.

    :param ended: servers that ended in the last ``window_s``, where a place is waited for; fewer
        than three tell nothing

    >>> estimate_s(2, 12, 3600.0), estimate_s(1, 2, 3600.0)
    (600.0, None)
    """
    if ended < 3:
        return None
    return math.ceil(place * window_s / ended)
