"""Keep answers that a teacher has not handed in yet."""

import uuid
from typing import Any

from yanxiu.records.actor import Actor
from yanxiu.records.forms import check_answers
from yanxiu.records.permissions import check_can_learn
from yanxiu.store import courses, submissions
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.models import Draft

from .refusals import audited


def save_draft(
    store: Store, actor: Actor, assignment_id: uuid.UUID, answers: dict[str, Any]
) -> None:
    """Save the form's answers as they are: incomplete is fine, a wrong shape is not."""
    audit = Event(actor.person_id, "draft.save", "assignment", str(assignment_id), actor.school_id)
    with audited(store, audit), store.write(audit) as session:
        assignment = courses.assignment(session, assignment_id)
        enrolled = assignment is not None and (
            courses.enrolment(session, assignment.offering_id, actor.person_id) is not None
        )
        check_can_learn(actor, enrolled=enrolled)
        assert assignment is not None
        kept = check_answers(courses.unit_of(session, assignment).definition, answers)
        draft = submissions.draft(session, assignment_id, actor.person_id)
        if draft is None:
            draft = Draft(person_id=actor.person_id, assignment_id=assignment_id)
            session.add(draft)
        draft.answers, draft.updated_at = kept, store.clock()
