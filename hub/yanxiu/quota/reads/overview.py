"""All pools of some subtrees at a glance: three queries, however many schools there are."""

import uuid
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from yanxiu.people.model import Organization
from yanxiu.people.reads.organizations import below
from yanxiu.quota.model import QuotaLimit, QuotaUsage, ServerMonth
from yanxiu.quota.rules import Resource
from yanxiu.quota.storage import Filled
from yanxiu.quota.tree import ancestry

from .pressure import waiting_below, waiting_by_path


@dataclass(frozen=True)
class Pool:
    """One organization, with all that is below it.

    :param used: servers now; ``waiting``: how many stand in line for it or for what is below
    :param storage: MB that the homes take together; ``most_storage``: its limit
    :param hours: of the month; ``most_hours``: its limit
    """

    org_id: uuid.UUID
    kind: str
    code: str
    name: str
    path: str
    used: float
    ceiling: float | None
    guarantee: float | None
    most_hours: float | None
    storage: float = 0.0
    most_storage: float | None = None
    waiting: int = 0
    hours: float = 0.0

    @property
    def share(self) -> float | None:
        """How much of its ceiling is in use; None without one. Above 1 where it was lowered."""
        if self.ceiling is None:
            return None
        return (
            self.used / self.ceiling if self.ceiling else float(self.used > 0 or self.waiting > 0)
        )

    @property
    def stored(self) -> Filled | None:
        """How full its homes are; None without a limit."""
        if self.most_storage is None:
            return None
        return Filled(self.name, self.storage, self.most_storage)

    @property
    def pressure(self) -> tuple[float, float, float]:
        """To sort by: where people wait, then how full, then how large."""
        return (self.waiting, self.share or 0.0, self.used)


def pools(session: Session, paths: tuple[str, ...], month: str) -> list[Pool]:
    """Return every organization of the subtrees that people or limits are in, the pressed first."""
    places, hours, files = (aliased(QuotaLimit) for _ in range(3))
    stored = aliased(QuotaUsage)
    rows = session.execute(
        select(
            Organization.id,
            Organization.kind,
            Organization.code,
            Organization.name,
            Organization.path,
            func.coalesce(QuotaUsage.used, 0.0),
            places.ceiling,
            places.guarantee,
            hours.ceiling,
            func.coalesce(stored.used, 0.0),
            files.ceiling,
        )
        .outerjoin(
            QuotaUsage,
            and_(QuotaUsage.org_id == Organization.id, QuotaUsage.resource == Resource.SERVERS),
        )
        .outerjoin(
            places, and_(places.org_id == Organization.id, places.resource == Resource.SERVERS)
        )
        .outerjoin(
            hours, and_(hours.org_id == Organization.id, hours.resource == Resource.SERVER_HOURS)
        )
        .outerjoin(
            stored, and_(stored.org_id == Organization.id, stored.resource == Resource.STORAGE_MB)
        )
        .outerjoin(
            files, and_(files.org_id == Organization.id, files.resource == Resource.STORAGE_MB)
        )
        .where(
            below(paths),
            Organization.active.is_(True),
            # A research group is a pool of its own once it has a limit.
            or_(Organization.kind != "research_group", places.org_id.is_not(None)),
        )
    ).all()
    waiting = _upwards(waiting_by_path(session))
    lived = _upwards(_seconds(session, paths, month))
    found = [
        Pool(*row, waiting=int(waiting[row.path]), hours=lived[row.path] / 3600) for row in rows
    ]
    return sorted(found, key=lambda one: (*(-part for part in one.pressure), one.name, one.code))


def pool(session: Session, org: Organization, month: str) -> Pool:
    """Return one organization, also one that no list shows."""
    limits = {
        row.resource: row
        for row in session.scalars(select(QuotaLimit).where(QuotaLimit.org_id == org.id))
    }
    places, hours = limits.get(Resource.SERVERS), limits.get(Resource.SERVER_HOURS)
    usage = {
        row.resource: row.used
        for row in session.scalars(select(QuotaUsage).where(QuotaUsage.org_id == org.id))
    }
    files = limits.get(Resource.STORAGE_MB)
    return Pool(
        org.id,
        org.kind,
        org.code,
        org.name,
        org.path,
        usage.get(Resource.SERVERS, 0.0),
        places.ceiling if places else None,
        places.guarantee if places else None,
        hours.ceiling if hours else None,
        usage.get(Resource.STORAGE_MB, 0.0),
        files.ceiling if files else None,
        waiting=waiting_below(session, org.path),
        hours=sum(_seconds(session, (org.path,), month).values()) / 3600,
    )


def _seconds(session: Session, paths: tuple[str, ...], month: str) -> dict[str, float]:
    rows = session.execute(
        select(Organization.path, ServerMonth.seconds)
        .join(Organization, Organization.id == ServerMonth.school_id)
        .where(ServerMonth.month == month, below(paths))
    )
    return {row[0]: row[1] for row in rows}


def _upwards(by_path: dict[str, float] | dict[str, int]) -> defaultdict[str, float]:
    """Return what each organization has together with all below it."""
    found: defaultdict[str, float] = defaultdict(float)
    for path, value in by_path.items():
        for one in ancestry(path):
            found[one] += value
    return found
