"""Keep answers that a teacher has not handed in yet."""

import uuid
from datetime import datetime
from typing import Any

from yanxiu_formats.answers import files_of
from yanxiu_formats.units import Unit

from yanxiu.courses.forms import check_answers
from yanxiu.courses.loaders import enrolled_assignment
from yanxiu.courses.reads import courses
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work.model import Draft
from yanxiu.work.reads import attempts

from . import draft_files
from .draft_files import Received


def save_draft(
    store: Store,
    actor: Actor,
    assignment_id: uuid.UUID,
    answers: dict[str, Any],
    received: Received | None = None,
) -> None:
    """Save the form's answers as they are: incomplete is fine, a wrong shape is not.

    :param received: files that came with the form; the answers name those that are kept
    :raises Invalid: a wrong shape, or a file that is nowhere; the draft stays as it was
    """
    audit = Event(actor.person_id, "draft.save", "assignment", str(assignment_id), actor.school_id)
    with audited(store, audit):
        with store.read() as session:
            unit = _unit(session, actor, assignment_id)
        kept = check_answers(unit, answers)
        files = list(files_of(unit, kept))
        # Before the transaction: nobody else shall wait while ten megabytes reach the disk.
        draft_files.keep(store, actor.person_id, assignment_id, files, received or {})

        def work(session: Session, now: datetime) -> None:
            _unit(session, actor, assignment_id)
            draft_files.lock(session, actor.person_id, assignment_id)
            # Again: another tab of this person may have cleaned up in between.
            draft_files.keep(store, actor.person_id, assignment_id, files, received or {})
            draft = attempts.draft(session, assignment_id, actor.person_id)
            if draft is None:
                draft = Draft(person_id=actor.person_id, assignment_id=assignment_id)
                session.add(draft)
            draft.answers, draft.updated_at = kept, now

        store.bookkeep(work)  # a form saves itself every half minute
    draft_files.clean(store, actor.person_id, assignment_id)


def _unit(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Unit:
    assignment = enrolled_assignment(session, actor, assignment_id)
    return courses.unit_of(session, assignment).definition
