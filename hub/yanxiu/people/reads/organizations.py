"""SQL about the tree of organizations: subtrees, codes old and new, moves.

``below`` is the boundary between schools' data: every query that is bound to subtrees uses
it, and nothing else compares paths in SQL. Codes survive in ``organization_aliases``: files and
site.yaml go on naming them.
"""

import uuid
from collections.abc import Iterable

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from yanxiu.people.model import Organization, OrganizationAlias
from yanxiu.people.rules import county_of


def below(
    paths: Iterable[str], column: InstrumentedAttribute[str] = Organization.path
) -> ColumnElement[bool]:
    """Return the condition that an organization lies in one of the subtrees; none lies in none.

    :param paths: of the roots of the subtrees
    """
    return or_(false(), *(column.startswith(path, autoescape=True) for path in paths))


def by_code(session: Session, code: str) -> Organization | None:
    """Return the organization with this code, also by a code that it had before."""
    found = session.scalar(select(Organization).where(Organization.code == code))
    if found is not None and found.active:
        return found
    alias = session.get(OrganizationAlias, code)
    return session.get(Organization, alias.org_id) if alias else found


def county_above(session: Session, path: str) -> Organization | None:
    """Return the county that a path leads through."""
    return session.scalar(select(Organization).where(Organization.code == county_of(path)))


def children(session: Session, org_id: uuid.UUID) -> list[Organization]:
    """Return the organizations right below one that are open."""
    return list(
        session.scalars(
            select(Organization).where(
                Organization.parent_id == org_id, Organization.active.is_(True)
            )
        )
    )


def move_path(session: Session, org: Organization, path: str) -> int:
    """Give an organization and all below it their new paths; return how many stand below."""
    before, org.path = org.path, path
    moved = session.scalars(
        select(Organization).where(below([before]), Organization.id != org.id)
    ).all()
    for one in moved:
        one.path = path + one.path.removeprefix(before)
    return len(moved)


def research_groups(session: Session) -> dict[str, Organization]:
    """Return all research groups by code."""
    found = session.scalars(select(Organization).where(Organization.kind == "research_group"))
    return {group.code: group for group in found}
