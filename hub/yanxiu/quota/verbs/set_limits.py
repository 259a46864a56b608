"""Set what an organization is sure of, how much it may use, and how much one person.

Effective at the next start; who waits in line for what became free is served by the engine, which
the caller tells (``Engine.limits_changed``). What runs goes on running. Called by the county's page.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.quota import counters
from yanxiu.quota.model import QuotaLimit
from yanxiu.quota.permissions import check_can_set_limits
from yanxiu.quota.policies import check_fits, check_limit, merged
from yanxiu.quota.rules import Limit, Resource
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor


@dataclass(frozen=True)
class Part:
    """One number of a limit: ``guarantee``, ``ceiling`` or ``per_teacher`` of a resource."""

    resource: Resource
    name: str

    def of(self, limits: Mapping[Resource, Limit]) -> float | None:
        """Return it, None where nothing is set."""
        found: float | None = getattr(limits.get(self.resource, Limit()), self.name)
        return found


#: What a form showed when it was opened.
Shown = Mapping[Part, float | None]


class Outdated(Refused):
    """Somebody else has changed what the form showed: nothing was stored.

    :param changed: what the form showed, of the numbers that are others now
    """

    def __init__(self, changed: Shown):
        super().__init__(
            "quota.outdated",
            N_("您打开这一页以后，别人改过限额，所以没有保存。下面标出了不同的地方，您填的还在："
               "请看一看，再保存一次。"),
            status=409,
        )  # fmt: skip
        self.changed = changed


def set_limits(
    store: Store,
    site: Site,
    capacity: Mapping[Resource, float],
    actor: Actor,
    org_id: uuid.UUID,
    wanted: Mapping[Resource, Limit],
    shown: Shown | None = None,
) -> list[Resource]:
    """Set the limits of one organization; return which changed.

    :param wanted: resources that are not named stay as they are
    :param shown: what the numbers were when the actor decided; None: whatever they were
    :raises Refused: not the actor's, or more would be guaranteed than there is
    :raises Outdated: what was shown has been changed since, into something else than is wanted
    """
    audit = Event(actor.person_id, "quota.set_limits", "organization", str(org_id))

    def work(session: Session, now: datetime) -> list[Resource]:
        counters.lock(session)
        orgs = counters.organizations(session)
        org = next((one for one in orgs if one.id == org_id), None)
        if org is None:
            raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))
        check_can_set_limits(actor, org.path)
        for resource, limit in wanted.items():
            check_limit(resource, limit)
        before = counters.all_limits(session)
        _check_shown(shown or {}, before.get(org_id, {}), wanted)
        after = merged(before, org_id, wanted)
        check_fits(site, capacity, orgs, before, after, [org.path])
        changed = [
            resource
            for resource, limit in wanted.items()
            if before.get(org_id, {}).get(resource, Limit()) != limit
        ]
        audit.school_id = org_id
        audit.details = {
            "org": org.code,
            **{
                resource.value: {
                    "from": _told(before.get(org_id, {}).get(resource, Limit())),
                    "to": _told(wanted[resource]),
                }
                for resource in changed
            },
        }
        for resource in changed:
            write(session, org_id, resource, wanted[resource], now, actor.person_id)
        counters.rebuild(session, site)
        return changed

    with audited(store, audit):
        return store.transact(work, audit)


def _check_shown(
    shown: Shown, present: Mapping[Resource, Limit], wanted: Mapping[Resource, Limit]
) -> None:
    changed = {
        part: was
        for part, was in shown.items()
        if part.of(present) != was and part.of(present) != part.of({**present, **wanted})
    }
    if changed:
        raise Outdated(changed)


def write(
    session: Session,
    org_id: uuid.UUID,
    resource: Resource,
    limit: Limit,
    now: datetime,
    by: str,
) -> None:
    """Write one limit down. A limit that was taken away leaves an empty row: no seed returns."""
    session.merge(
        QuotaLimit(
            org_id=org_id,
            resource=resource.value,
            guarantee=limit.guarantee,
            ceiling=limit.ceiling,
            per_teacher=limit.per_teacher,
            changed_at=now,
            changed_by=by,
        )
    )


def _told(limit: Limit) -> dict[str, Any]:
    return {name: value for name, value in asdict(limit).items() if value is not None}
