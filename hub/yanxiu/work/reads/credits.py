"""SQL about the ledger of credit hours (学时)."""

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from yanxiu.work.model import CreditEntry


def entries(session: Session, person_id: str, assignment_id: uuid.UUID) -> list[CreditEntry]:
    """Return what was granted and taken back for one unit, oldest first."""
    return list(
        session.scalars(
            select(CreditEntry)
            .where(CreditEntry.person_id == person_id, CreditEntry.assignment_id == assignment_id)
            .order_by(CreditEntry.sequence)
        )
    )


def totals(session: Session, person_id: str) -> dict[str, float]:
    """Return a person's credit hours by kind (``online``, ``practice``)."""
    rows = session.execute(
        select(CreditEntry.kind, func.sum(CreditEntry.hours_x100))
        .where(CreditEntry.person_id == person_id)
        .group_by(CreditEntry.kind)
    )
    return {kind: hours / 100 for kind, hours in rows}
