"""What a program of an organizer lists: assignments, and what was handed in to them.

Always within the subtrees and what is assigned to the grader; there is no way to ask without them.
Called by ``verbs.teach``.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session
from yanxiu_formats.units import Unit

from yanxiu.courses.model import Assignment, Offering, ReleaseUnit
from yanxiu.people.model import Organization
from yanxiu.people.reads.organizations import below
from yanxiu.work.model import Attempt, Standing

AllAssigned = frozenset[tuple[uuid.UUID, uuid.UUID]]


@dataclass(frozen=True)
class Taught:
    """An assignment, with the unit as it is handed out now."""

    assignment: Assignment
    definition: Unit


@dataclass(frozen=True)
class HandedIn:
    """A submission; its author by the public id and nothing else.

    :param deleted: its contents are, after their time
    """

    id: uuid.UUID
    person_id: str
    number: int
    received_at: datetime
    late: bool
    state: str
    digest: str
    receipt_no: str
    deleted: bool


def taught(session: Session, paths: tuple[str, ...], assigned: AllAssigned) -> list[Taught]:
    """Return the assignments that concern the subtrees, or a grader's assignment; newest offering first."""
    # An offering is held in the asker's subtree, or above it for the asker's teachers too.
    near: list[ColumnElement[bool]] = [below(paths)]
    near += [Organization.path.in_(_above(path)) for path in paths]
    near.append(Assignment.id.in_([assignment_id for assignment_id, _ in assigned]))
    rows = session.execute(
        select(Assignment, ReleaseUnit.definition)
        .join(Offering, Assignment.offering_id == Offering.id)
        .join(Organization, Offering.org_id == Organization.id)
        .join(
            ReleaseUnit,
            and_(
                ReleaseUnit.release_id == Offering.release_id,
                ReleaseUnit.unit_key == Assignment.unit_key,
            ),
        )
        .where(or_(*near))
        .order_by(Offering.opens_at.desc(), Assignment.position)
    )
    return [Taught(assignment, definition) for assignment, definition in rows]


def handed_in(
    session: Session,
    assignment_id: uuid.UUID,
    paths: tuple[str, ...],
    assigned: AllAssigned,
    after: uuid.UUID | None,
    limit: int,
) -> list[HandedIn]:
    """Return submissions in the order of their ids, which is that of their arrival."""
    allowed: list[ColumnElement[bool]] = [below(paths)]
    schools = [school_id for one, school_id in assigned if one == assignment_id]
    allowed.append(Attempt.school_id.in_(schools) if schools else false())
    wanted = [Attempt.assignment_id == assignment_id, or_(*allowed)]
    if after is not None:
        wanted.append(Attempt.id > after)
    rows = session.execute(
        select(
            Attempt.id,
            Attempt.person_id,
            Attempt.number,
            Attempt.received_at,
            Attempt.late,
            Standing.state,
            Attempt.digest,
            Attempt.receipt_no,
            Attempt.bundle_blob.is_(None).label("deleted"),
        )
        .join(Standing, Standing.attempt_id == Attempt.id)
        .join(Organization, Attempt.school_id == Organization.id)
        .where(*wanted)
        .order_by(Attempt.id)
        .limit(limit)
    )
    return [
        HandedIn(
            id=row.id,
            person_id=row.person_id,
            number=row.number,
            received_at=row.received_at,
            late=row.late,
            state=row.state,
            digest=row.digest,
            receipt_no=row.receipt_no,
            deleted=row.deleted,
        )
        for row in rows
    ]


def _above(path: str) -> list[str]:
    """Return the paths that ``path`` begins with, itself too.

    >>> _above("/330199/2133000001/")
    ['/330199/', '/330199/2133000001/']
    """
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
