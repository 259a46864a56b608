"""SQL about codes of schools: new ones, merged ones, temporary ones.

A code survives in ``organization_aliases``: files and site.yaml go on naming it.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from yanxiu.names import new_id
from yanxiu.people.model import Organization, OrganizationAlias, Person, RoleGrant
from yanxiu.people.rules import county_of

from . import organizations

#: A teaching point without a code of its own: ``t``, its county, a number.
TEMPORARY = "t"


def recode(session: Session, org: Organization, code: str, now: datetime) -> None:
    """Give an organization a new code; the old one goes on meaning it."""
    session.merge(OrganizationAlias(code=org.code, org_id=org.id, since=now))
    organizations.move_path(session, org, f"{org.path.removesuffix(f'{org.code}/')}{code}/")
    org.code = code


def merge(session: Session, old: Organization, into: Organization, now: datetime) -> int:
    """Move everybody of ``old`` to ``into`` and close it; return how many moved.

    Work stays with the school that it was handed in at, so the closed one stands below the
    other from then on: who runs that one sees and marks it.
    """
    held = set(
        session.execute(
            select(RoleGrant.person_id, RoleGrant.role).where(RoleGrant.org_id == into.id)
        )
    )
    for grant in session.scalars(select(RoleGrant).where(RoleGrant.org_id == old.id)):
        if (grant.person_id, grant.role) in held:
            session.delete(grant)
        else:
            grant.org_id = into.id
    moved = session.execute(
        update(Person).where(Person.school_id == old.id).values(school_id=into.id)
    )
    session.execute(
        update(OrganizationAlias).where(OrganizationAlias.org_id == old.id).values(org_id=into.id)
    )
    session.merge(OrganizationAlias(code=old.code, org_id=into.id, since=now))
    old.active, old.parent_id = False, into.id
    organizations.move_path(session, old, f"{into.path}{old.code}/")
    return int(moved.rowcount)  # type: ignore[attr-defined]


def add_point(session: Session, above: Organization, name: str) -> Organization:
    """Add a teaching point below a school or county, with a temporary code."""
    county = county_of(above.path)
    taken = set(
        session.scalars(
            select(Organization.code).where(Organization.code.startswith(TEMPORARY + county))
        )
    ) | set(
        session.scalars(
            select(OrganizationAlias.code).where(
                OrganizationAlias.code.startswith(TEMPORARY + county)
            )
        )
    )
    number = 1
    while (code := f"{TEMPORARY}{county}{number:03}") in taken:
        number += 1
    point = Organization(
        id=new_id(),
        kind="school",
        code=code,
        name=name,
        parent_id=above.id,
        path=f"{above.path}{code}/",
        active=True,
    )
    session.add(point)
    session.flush()
    return point


@dataclass(frozen=True)
class Choice:
    """Something to filter by."""

    id: uuid.UUID
    title: Any
    note: str = ""


def school_choices(
    session: Session, paths: Iterable[str], also: Iterable[uuid.UUID] = ()
) -> list[Choice]:
    """Return the schools of the subtrees, by name.

    :param also: schools that are listed besides
    """
    rows = session.execute(
        select(Organization.id, Organization.name, Organization.code)
        .where(
            Organization.kind == "school",
            or_(
                Organization.id.in_(list(also)),
                organizations.below(paths),
            ),
        )
        .order_by(Organization.name, Organization.code)
    )
    return [Choice(*row) for row in rows]
