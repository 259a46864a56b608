"""How hard the pools are pressed: who waits where."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from yanxiu.people.reads.organizations import below
from yanxiu.quota.model import Waiter


def waiting_below(session: Session, path: str) -> int:
    """Count who stands in line for something of an organization or of what is below it."""
    found = session.scalar(
        select(func.count()).select_from(Waiter).where(below([path], Waiter.path))
    )
    return int(found or 0)


def waits(session: Session, person_id: str) -> bool:
    """Say whether somebody stands in line."""
    return session.get(Waiter, person_id) is not None


def waiting_by_path(session: Session) -> dict[str, int]:
    """Return how many stand in line, by the path of the organization whose pool it is."""
    rows = session.execute(select(Waiter.path, func.count()).group_by(Waiter.path))
    return {row[0]: row[1] for row in rows}
