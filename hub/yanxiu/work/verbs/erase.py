"""Remove what somebody who left long ago had begun and not handed in.

What was handed in has its own time (``housekeeping.retention``).
"""

from sqlalchemy import delete

from yanxiu.people.model import GraderAssignment
from yanxiu.store.engine import Session
from yanxiu.work.model import Draft


def erase(session: Session, person_id: str) -> None:
    """Remove a person's drafts and grader assignments; the drafts' files go with ``drafts.clean``."""
    for table in (Draft, GraderAssignment):
        session.execute(delete(table).where(table.person_id == person_id))
