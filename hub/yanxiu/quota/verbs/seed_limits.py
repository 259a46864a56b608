"""Seed limits from the site's settings; what was set in the portal stays, and is told as drift.

Called by ``yanxiu apply`` and ``yanxiu up``. Counts everything anew at the end: the sizes of
servers in the settings may have changed since.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from yanxiu.errors import Refused, SettingsError
from yanxiu.people.reads import people
from yanxiu.quota import counters
from yanxiu.quota.policies import check_fits, check_limit, merged
from yanxiu.quota.rules import Limit, Resource
from yanxiu.settings.model import Site
from yanxiu.settings.quota import Ceiling, OrganizationQuota, Pool, Share
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store

from .set_limits import write

_ACTOR = "system:apply"


def seed_limits(store: Store, site: Site, capacity: Mapping[Resource, float]) -> list[str]:
    """Add the limits that are missing; return the drift as sentences.

    :raises SettingsError: more would be guaranteed than there is; nothing was changed
    """
    audit = Event(_ACTOR, "site.quotas", "site")

    def work(session: Session, now: datetime) -> list[str]:
        counters.lock(session)
        orgs = counters.organizations(session)
        by_id = {one.id: one for one in orgs}
        before = counters.all_limits(session)
        known = people.organizations(session, [code for code, _, _ in _seeds(site)])
        drift: list[str] = []
        added = 0
        for code, place, quota in _seeds(site):
            org = known[code]
            fresh: dict[Resource, Limit] = {}
            for resource, limit in _limits(quota).items():
                found = before.get(org.id, {}).get(resource)
                if found is None:
                    fresh[resource] = limit
                elif found != limit:
                    drift.append(
                        f"{place}.quota.{resource}: 设置里是 {_said(limit)}，"
                        f"平台里是 {_said(found)}（保留平台里的）"
                    )
            if not fresh:
                continue
            after = merged(before, org.id, fresh)
            try:
                for resource, limit in fresh.items():
                    check_limit(resource, limit)
                check_fits(site, capacity, orgs, before, after, [by_id[org.id].path])
            except Refused as refused:
                raise SettingsError(f"site.yaml: {place}.quota：{refused.text()}") from refused
            for resource, limit in fresh.items():
                write(session, org.id, resource, limit, now, _ACTOR)
            added += len(fresh)
            before = {key: dict(value) for key, value in after.items()}
        changed = counters.rebuild(session, site)
        audit.details = {"added": added, "counters": changed}
        return drift

    return store.transact(work, audit)


def _seeds(site: Site) -> Iterator[tuple[str, str, OrganizationQuota]]:
    """Yield code, place in the file and seeds of every organization, from the root down."""
    for code, one in site.organizations.items():
        if one.kind != "cluster":
            yield code, f"organizations.{code}", one.quota
    yield site.county.code, "county", site.county.quota
    for code, one in site.organizations.items():
        if one.kind == "cluster":
            yield code, f"organizations.{code}", one.quota
    for code, school in site.schools.items():
        yield code, f"schools.{code}", school.quota
    for code, group in site.research_groups.items():
        yield code, f"research_groups.{code}", group.quota


def _limits(quota: OrganizationQuota) -> Mapping[Resource, Limit]:
    found = {}
    for resource in Resource:
        seed: Ceiling | Pool | Share | None = getattr(quota, resource.value)
        if seed is not None:
            found[resource] = Limit(
                getattr(seed, "guarantee", None),
                getattr(seed, "ceiling", None),
                getattr(seed, "per_teacher", None),
            )
    return found


def _said(limit: Limit) -> str:
    names = (("guarantee", limit.guarantee), ("ceiling", limit.ceiling))
    parts = [*names, ("per_teacher", limit.per_teacher)]
    return "，".join(f"{name} {value:g}" for name, value in parts if value is not None) or "空"
