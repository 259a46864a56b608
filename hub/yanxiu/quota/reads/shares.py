"""The schools' shares of grading, as the queue of jobs asks for them."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization
from yanxiu.people.reads.organizations import below
from yanxiu.quota.model import QuotaLimit
from yanxiu.quota.rules import Resource


def grading_shares(session: Session) -> dict[uuid.UUID, float]:
    """Return the share of each school that has one: its own, or what is set nearest above it."""
    found = session.execute(
        select(Organization.path, QuotaLimit.guarantee)
        .join(QuotaLimit, QuotaLimit.org_id == Organization.id)
        .where(QuotaLimit.resource == Resource.GRADING_SHARE, QuotaLimit.guarantee.is_not(None))
    )
    said = {path: share for path, share in found if share is not None}
    if not said:
        return {}
    schools = session.execute(
        select(Organization.id, Organization.path).where(Organization.kind == "school", below(said))
    )
    return {
        school_id: said[max((p for p in said if path.startswith(p)), key=len)]
        for school_id, path in schools
    }
