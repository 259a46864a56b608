"""What limits may be set: each by itself, and all of them together.

Pure. A guarantee is a promise: it is refused when it cannot be kept, with the numbers. Called by
``verbs.set_limits`` and by ``verbs.seed_limits``.
"""

import math
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from yanxiu.errors import N_, Invalid, Refused
from yanxiu.settings.model import Site

from .rules import COUNTED, GUARANTEED, Limit, Resource
from .tree import PLATFORM, Limits, Org, ancestry, sure_of, tally

#: Of these there is no half.
WHOLE = frozenset({Resource.SERVERS, Resource.APP_KERNELS, Resource.MEMORY_MB, Resource.STORAGE_MB})
_MOST = 1e9
_MOST_SHARE = 1000
_GRAIN = 1e-6


def check_limit(resource: Resource, limit: Limit) -> None:
    """Raise unless such a limit means something. :raises Invalid: says what is wrong"""
    given = [v for v in (limit.guarantee, limit.ceiling, limit.per_teacher) if v is not None]
    if any(not math.isfinite(v) or not 0 <= v <= _MOST for v in given):
        raise Invalid("quota.number", N_("限额应是 0 到十亿之间的数，空着就是不限，没有改动。"))
    if resource in WHOLE and any(v != int(v) for v in given):
        raise Invalid("quota.whole", N_("台数、个数和 MB 应是整数，没有改动。"))
    if resource is Resource.GRADING_SHARE:
        _check_share(limit)
        return
    if resource not in GUARANTEED and limit.guarantee is not None:
        raise Invalid("quota.no_guarantee", N_("存储和每月小时数只有上限，没有保证数，没有改动。"))
    if None not in (limit.guarantee, limit.ceiling) and limit.guarantee > limit.ceiling:  # type: ignore[operator]
        raise Invalid(
            "quota.order",
            N_(
                "保证数（{guarantee:.10g}）不能大于上限（{ceiling:.10g}），没有改动。请改其中一个。"
            ),
            guarantee=limit.guarantee,
            ceiling=limit.ceiling,
        )


def _check_share(limit: Limit) -> None:
    if limit.ceiling is not None or limit.per_teacher is not None:
        raise Invalid("quota.share_only", N_("批改份额只有一个数，没有上限，没有改动。"))
    if limit.guarantee is not None and not 0 < limit.guarantee <= _MOST_SHARE:
        raise Invalid("quota.share", N_("批改份额应大于 0，最多 1000；空着就是 1，没有改动。"))


@dataclass(frozen=True)
class Excess:
    """More is guaranteed than there is."""

    org: Org
    resource: Resource
    guaranteed: float
    limit: float


_TOO_MUCH: Mapping[Resource, tuple[str, str]] = {
    Resource.SERVERS: (
        N_("服务器的保证数合计 {guaranteed:.10g} 台，超过{org}的上限 {limit:.10g} 台，没有改动。"
           "请调低保证数，或先提高上限。"),
        N_("服务器的保证数合计 {guaranteed:.10g} 台，超过平台的总量 {limit:.10g} 台，没有改动。"
           "请调低保证数。"),
    ),
    Resource.CPUS: (
        N_("处理器的保证数合计 {guaranteed:.10g} 核，超过{org}的上限 {limit:.10g} 核，没有改动。"
           "请调低保证数，或先提高上限。"),
        N_("处理器的保证数合计 {guaranteed:.10g} 核（含服务器的保证数要用的），超过平台的总量 {limit:.10g} 核，没有改动。"
           "请调低保证数。"),
    ),
    Resource.MEMORY_MB: (
        N_("内存的保证数合计 {guaranteed:.10g} MB，超过{org}的上限 {limit:.10g} MB，没有改动。"
           "请调低保证数，或先提高上限。"),
        N_("内存的保证数合计 {guaranteed:.10g} MB（含服务器的保证数要用的），超过平台的总量 {limit:.10g} MB，没有改动。"
           "请调低保证数。"),
    ),
    Resource.APP_KERNELS: (
        N_("应用内核的保证数合计 {guaranteed:.10g} 个，超过{org}的上限 {limit:.10g} 个，没有改动。"
           "请调低保证数，或先提高上限。"),
        N_("应用内核的保证数合计 {guaranteed:.10g} 个，超过平台的总量 {limit:.10g} 个，没有改动。"
           "请调低保证数。"),
    ),
}  # fmt: skip


def check_fits(
    site: Site,
    capacity: Mapping[Resource, float],
    orgs: Collection[Org],
    before: Limits,
    after: Limits,
    changed: Iterable[str],
) -> None:
    """Raise when what is guaranteed below some organization is more than it may have.

    Only what the change makes worse is refused: where limits and capacity do not fit any more
    (a machine became smaller), every step back towards a fit is open.

    :param changed: paths of the organizations whose limits change
    """
    over = excesses(site, capacity, orgs, after, changed)
    if not over:
        return
    was = {
        (one.org.id, one.resource): one.guaranteed - one.limit
        for one in excesses(site, capacity, orgs, before, changed)
    }
    for one in over:
        if one.guaranteed - one.limit > was.get((one.org.id, one.resource), 0.0) + _GRAIN:
            below, everywhere = _TOO_MUCH[one.resource]
            raise Refused(
                "quota.too_much",
                everywhere if one.org is PLATFORM else below,
                status=409,
                org=one.org.name,
                guaranteed=one.guaranteed,
                limit=one.limit,
            )


def excesses(
    site: Site,
    capacity: Mapping[Resource, float],
    orgs: Collection[Org],
    limits: Limits,
    changed: Iterable[str],
) -> list[Excess]:
    """Return where more is guaranteed than there is, on the ways to ``changed``, nearest first."""
    stands = tally(orgs, sure_of(site, orgs, limits), {})
    paths = {one for path in changed for one in ancestry(path)}
    found = []
    on_the_way = sorted((o for o in orgs if o.path in paths), key=lambda o: o.path.count("/"))
    for org in [PLATFORM, *on_the_way][::-1]:
        for resource in COUNTED:
            stand = stands.get((org.id, resource.value))
            ceiling = _ceiling(org, resource, capacity, limits)
            if stand and ceiling is not None and stand.demand > ceiling + _GRAIN:
                found.append(Excess(org, resource, stand.demand, ceiling))
    return found


def _ceiling(
    org: Org, resource: Resource, capacity: Mapping[Resource, float], limits: Limits
) -> float | None:
    if org is PLATFORM:
        return capacity.get(resource)
    return limits.get(org.id, {}).get(resource, Limit()).ceiling


def merged(before: Limits, org_id: uuid.UUID, wanted: Mapping[Resource, Limit]) -> Limits:
    """Return all limits with those of one organization changed."""
    return {**before, org_id: {**before.get(org_id, {}), **wanted}}
