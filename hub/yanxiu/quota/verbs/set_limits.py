"""Set what an organization is sure of, how much it may use, and how much one person.

Effective at the next start; who waits in line for what became free is served in the same
transaction. What runs goes on running. Called by the county's page.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from yanxiu.errors import N_, NotFound
from yanxiu.quota import counters
from yanxiu.quota.capacity import Capacity
from yanxiu.quota.model import QuotaLimit
from yanxiu.quota.permissions import check_can_set_limits
from yanxiu.quota.policies import check_fits, check_limit, merged
from yanxiu.quota.rules import Limit, Resource
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor


def _nobody_waits(session: Session, now: datetime) -> None:
    """Serve no line."""


def set_limits(
    store: Store,
    site: Site,
    capacity: Capacity,
    actor: Actor,
    org_id: uuid.UUID,
    wanted: Mapping[Resource, Limit],
    serve: Callable[[Session, datetime], None] = _nobody_waits,
) -> list[Resource]:
    """Set the limits of one organization; return which changed.

    :param wanted: resources that are not named stay as they are
    :param serve: the engine's ``serve_line``
    :raises Refused: not the actor's, or more would be guaranteed than there is
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
        after = merged(before, org_id, wanted)
        check_fits(site, capacity.ceilings(), orgs, before, after, [org.path])
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
        serve(session, now)
        return changed

    with audited(store, audit):
        return store.transact(work, audit)


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
