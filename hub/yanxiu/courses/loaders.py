"""Things by their id, for those who may have them: found and permitted in one step."""

import uuid

from sqlalchemy.orm import Session

from yanxiu.courses.model import Assignment
from yanxiu.courses.permissions import check_can_learn
from yanxiu.courses.reads import courses
from yanxiu.web.actor import Actor


def enrolled_assignment(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Assignment:
    """Return an assignment of a course that the actor takes.

    :raises NotFound: there is none, or it is not the actor's: which, a stranger does not learn
    """
    found = courses.assignment(session, assignment_id)
    enrolled = found is not None and (
        courses.enrolment(session, found.offering_id, actor.person_id) is not None
    )
    check_can_learn(actor, enrolled=enrolled)
    assert found is not None
    return found
