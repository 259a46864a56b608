"""Send a submission whose grading failed through the machine once more."""

import uuid

from yanxiu.errors import N_, NotFound
from yanxiu.names import new_id
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work.model import GradingJob
from yanxiu.work.permissions import check_can_release
from yanxiu.work.reads import jobs, submissions
from yanxiu.work.rules import State, check_verb


def regrade(store: Store, actor: Actor, submission_id: uuid.UUID) -> None:
    """Queue a failed submission again, with a job of its own."""
    audit = Event(actor.person_id, "submission.regrade", "submission", str(submission_id))
    with audited(store, audit), store.write(audit) as session:
        row = submissions.submission(session, submission_id, for_update=True)
        if row is None:
            raise NotFound("submission.not_found", N_("没有找到这份提交。请从列表里打开。"))
        audit.school_id = row.school_id
        check_can_release(
            actor,
            owner_id=row.person_id,
            school_path=row.school.path,
            duty=(row.assignment_id, row.school_id),
        )
        check_verb(row.state, "regrade")
        row.state = State.QUEUED
        session.add(
            GradingJob(
                id=new_id(),
                submission_id=row.id,
                state=jobs.QUEUED,
                received_at=row.received_at,
                queued_at=store.clock(),
            )
        )
