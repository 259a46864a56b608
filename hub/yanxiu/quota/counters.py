"""The counters of every organization: read along a way, charged, and made anew.

One lock, the platform's own row, is taken first by whoever changes places, limits or the tree: what
is read after it holds until the end of the transaction. Called by the engine and by the verbs
that change limits.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, insert, literal_column, select, union_all, update
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization
from yanxiu.settings.model import Site

from .model import SITE, Place, QuotaLimit, QuotaUsage, Waiter
from .reads import places
from .rules import (
    COUNTED,
    Limit,
    Own,
    Resource,
    Stand,
    amounts,
    charged,
)
from .tree import PLATFORM, Amounts, Org, ancestry, sure_of, tally

_GRAIN = 1e-4
_USAGE: Any = QuotaUsage.__table__
_LIMITS: Any = QuotaLimit.__table__
_ORGS: Any = Organization.__table__
_CHANGE = (
    update(_USAGE)
    .where(_USAGE.c.org_id == bindparam("b_org"), _USAGE.c.resource == bindparam("b_resource"))
    .values(used=bindparam("used"), needed=bindparam("needed"), guarantee=bindparam("guarantee"))
)


#: Organizations with what they use and with their limits, in one question: a start asks it, and each
#: question costs as much as all the judging. Two kinds of row, which the last column tells apart.
_PATHS = _ORGS.c.path.in_(bindparam("paths", expanding=True))
_NAMED = (_ORGS.c.name, _ORGS.c.code, _ORGS.c.path)
_USED = (_USAGE.c.resource, _USAGE.c.used, _USAGE.c.needed, _USAGE.c.guarantee)
_LIMITED = (_LIMITS.c.resource, _LIMITS.c.guarantee, _LIMITS.c.ceiling, _LIMITS.c.per_teacher)
_EMPTY: Any = literal_column("''")
_NO: Any = literal_column("0")
_YES: Any = literal_column("1")
_ON_THE_WAY: Any = union_all(
    select(_ORGS.c.id, *_NAMED, *_USED, _NO)
    .select_from(_ORGS.outerjoin(_USAGE, _USAGE.c.org_id == _ORGS.c.id))
    .where(_PATHS),
    select(_USAGE.c.org_id, _EMPTY, _EMPTY, _EMPTY, *_USED, _NO).where(_USAGE.c.org_id == SITE),
    select(_LIMITS.c.org_id, *_NAMED, *_LIMITED, _YES)
    .select_from(_LIMITS.join(_ORGS, _ORGS.c.id == _LIMITS.c.org_id))
    .where(_PATHS),
)
_LOCK = (
    select(_USAGE.c.used)
    .where(_USAGE.c.org_id == SITE, _USAGE.c.resource == Resource.SERVERS)
    .with_for_update()
)


def lock(session: Session) -> None:
    """Wait until nobody else changes places, limits or the tree; hold it to the end."""
    session.connection().execute(_LOCK)


@dataclass
class Book:
    """Counters and limits along some ways; ``charge`` changes them, here and in the database."""

    session: Session
    #: Of the platform itself, by resource.
    capacity: Mapping[Resource, float]
    _orgs: dict[str, Org] = field(default_factory=lambda: {"/": PLATFORM})
    _usage: dict[tuple[uuid.UUID, str], tuple[float, float, float]] = field(default_factory=dict)
    _limits: dict[tuple[uuid.UUID, str], Limit] = field(default_factory=dict)
    _loaded: set[uuid.UUID] = field(default_factory=set)

    def load(self, paths: Iterable[str]) -> None:
        """Read what lies on the ways to ``paths``, once."""
        wanted = {one for path in paths for one in ancestry(path)} - self._orgs.keys()
        if not wanted and SITE in self._loaded:
            return
        fresh: set[uuid.UUID] = set()
        rows = self.session.connection().execute(_ON_THE_WAY, {"paths": sorted(wanted)})
        for org_id, name, code, path, resource, *three, is_limit in rows:
            if org_id in self._loaded:
                continue
            fresh.add(org_id)
            if org_id != SITE:
                self._orgs[path] = Org(org_id, name, code, path)
            if is_limit:
                self._limits[org_id, resource] = Limit(*three)
            elif resource is not None:
                self._usage[org_id, resource] = (three[0], three[1], three[2])
        self._loaded |= fresh | {SITE}

    def _on(self, path: str) -> list[Org]:
        return [PLATFORM] + [self._orgs[one] for one in ancestry(path) if one in self._orgs]

    def way(self, path: str, resource: Resource) -> list[Stand]:
        """Return the way from the platform down to ``path``."""
        return [self._stand(one, resource) for one in self._on(path)]

    def _stand(self, org: Org, resource: Resource) -> Stand:
        used, needed, guarantee = self._usage.get((org.id, resource), (0.0, 0.0, 0.0))
        ceiling = (
            self.capacity.get(resource)
            if org is PLATFORM
            else self._limits.get((org.id, resource), Limit()).ceiling
        )
        return Stand(org.name, org.code, org.path, guarantee, ceiling, used, needed)

    def own(self, path: str, resource: Resource) -> list[Own]:
        """Return the limits on one person that hold at ``path``."""
        found = [
            (one, self._limits.get((one.id, resource), Limit()).per_teacher)
            for one in self._on(path)
        ]
        return [Own(o.name, o.code, o.path, cap) for o, cap in found if cap is not None]

    def charge(self, path: str, taken: Mapping[Resource, float], sign: int = 1) -> None:
        """Count ``taken`` at the end of the way and everywhere above it."""
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for resource, amount in taken.items():
            for org, one in zip(
                self._on(path), charged(self.way(path, resource), sign * amount), strict=True
            ):
                known = (org.id, resource) in self._usage
                self._usage[org.id, resource] = (one.used, one.needed, one.guarantee)
                (changed if known else new).append(_row(org.id, resource, one))
        _write(self.session, new, changed)


def _row(org_id: uuid.UUID, resource: Resource, one: Stand) -> dict[str, Any]:
    return {
        "b_org": org_id,
        "b_resource": resource.value,
        "used": one.used,
        "needed": one.needed,
        "guarantee": one.guarantee,
    }


def _write(session: Session, new: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    connection = session.connection()
    if new:
        rows = [
            {"org_id": r["b_org"], "resource": r["b_resource"]}
            | {k: r[k] for k in ("used", "needed", "guarantee")}
            for r in new
        ]
        connection.execute(insert(_USAGE), rows)
    if changed:
        connection.execute(_CHANGE, changed)


def rebuild(session: Session, site: Site | None) -> int:
    """Count everything anew from places, limits and the tree; return how many counters changed.

    After a change of limits, sizes or the tree that is the change; in a recount it is drift.

    :param site: None where guarantees are as they were
    """
    session.flush()
    orgs = organizations(session)
    _follow_the_tree(session, {one.id: one for one in orgs})
    # What homes take is summed by ``homes``, which is told of other things.
    counted = select(_USAGE).where(_USAGE.c.resource.in_(COUNTED))
    known = {(r.org_id, r.resource): r for r in session.execute(counted)}
    sure: Amounts
    if site is None:
        kept: dict[uuid.UUID, dict[Resource, float]] = defaultdict(dict)
        for row in known.values():
            kept[row.org_id][Resource(row.resource)] = row.guarantee
        sure = kept
    else:
        sure = sure_of(site, orgs, all_limits(session))
    own: dict[uuid.UUID, dict[Resource, float]] = defaultdict(lambda: defaultdict(float))
    for one in places.sums(session):
        for resource, amount in amounts(one.kind, one.memory_mb, one.cpus).items():
            piece = resource in (Resource.SERVERS, Resource.APP_KERNELS)
            own[one.org_id][resource] += one.number if piece else amount
    wanted = tally(orgs, sure, own)
    new, changed = [], []
    for key in wanted.keys() | known.keys():
        after, before = wanted.get(key, Stand()), known.get(key)
        if before is None:
            new.append(_row(key[0], Resource(key[1]), after))
        elif any(
            abs(now - then) > _GRAIN
            for now, then in (
                (after.used, before.used),
                (after.needed, before.needed),
                (after.guarantee, before.guarantee),
            )
        ):
            changed.append(_row(key[0], Resource(key[1]), after))
    _write(session, new, changed)
    return len(new) + len(changed)


def organizations(session: Session) -> list[Org]:
    """Return every organization."""
    columns = (_ORGS.c.id, _ORGS.c.name, _ORGS.c.code, _ORGS.c.path)
    return [Org(*row) for row in session.execute(select(*columns))]


def limits_of(session: Session, org_id: uuid.UUID) -> dict[Resource, Limit]:
    """Return what is set for one organization."""
    rows = session.execute(select(_LIMITS).where(_LIMITS.c.org_id == org_id))
    return {Resource(row.resource): _limit(row) for row in rows}


def all_limits(session: Session) -> dict[uuid.UUID, dict[Resource, Limit]]:
    """Return every limit, by organization."""
    found: dict[uuid.UUID, dict[Resource, Limit]] = defaultdict(dict)
    for row in session.execute(select(_LIMITS)):
        found[row.org_id][Resource(row.resource)] = _limit(row)
    return found


def _limit(row: Any) -> Limit:
    return Limit(row.guarantee, row.ceiling, row.per_teacher)


def _follow_the_tree(session: Session, orgs: Mapping[uuid.UUID, Org]) -> None:
    """Give places and waiters the present path of their organization."""
    tables: tuple[Any, ...] = (Place.__table__, Waiter.__table__)
    for table in tables:
        stale = {
            (row.org_id, row.path)
            for row in session.execute(select(table.c.org_id, table.c.path).distinct())
            if orgs[row.org_id].path != row.path
        }
        for org_id, path in stale:
            session.execute(
                update(table)
                .where(table.c.org_id == org_id, table.c.path == path)
                .values(path=orgs[org_id].path)
            )
