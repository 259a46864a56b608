"""Every counter and every limit, by the code of its organization: for a monitor. No person is in it."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization
from yanxiu.quota.model import SITE, QuotaLimit, QuotaUsage, Waiter


@dataclass(frozen=True)
class Level:
    """One resource of one organization.

    :param code: empty for the platform itself
    """

    code: str
    resource: str
    used: float
    guarantee: float | None
    ceiling: float | None


def levels(session: Session) -> list[Level]:
    """Return what is used or limited anywhere."""
    codes = {
        row[0]: row[1] for row in session.execute(select(Organization.id, Organization.code))
    } | {SITE: ""}
    used = {(row.org_id, row.resource): row.used for row in session.scalars(select(QuotaUsage))}
    limits = {(row.org_id, row.resource): row for row in session.scalars(select(QuotaLimit))}
    found = []
    for key in used.keys() | limits.keys():
        limit = limits.get(key)
        found.append(
            Level(
                codes[key[0]],
                key[1],
                used.get(key, 0.0),
                limit.guarantee if limit else None,
                limit.ceiling if limit else None,
            )
        )
    return sorted(found, key=lambda one: (one.code, one.resource))


def waiting(session: Session) -> dict[str, int]:
    """Return how many stand in line, by the code of the organization whose pool it is."""
    rows = session.execute(
        select(Organization.code, func.count())
        .join(Waiter, Waiter.org_id == Organization.id)
        .group_by(Organization.code)
    )
    return {row[0]: row[1] for row in rows}
