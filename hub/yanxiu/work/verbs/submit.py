"""Accept a teacher's work: judge the bundle, store it, queue it, give a receipt.

One transaction holds the submission, its grading job and the audit event, so a receipt
means all three. The same work sent twice gets the same receipt.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from yanxiu_formats import answers_file
from yanxiu_formats.bundle import pack
from yanxiu_formats.units import Unit

from yanxiu.courses import bundles
from yanxiu.courses.forms import check_answers
from yanxiu.courses.model import Assignment
from yanxiu.courses.permissions import check_can_learn
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid
from yanxiu.names import new_id
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work import rules as policies
from yanxiu.work.model import GradingJob, Submission
from yanxiu.work.reads import jobs, submissions
from yanxiu.work.receipts import Receipt, new_number
from yanxiu.work.rules import State, may

from . import draft_files

_READ_BYTES = 64 * 1024


def submit(
    store: Store,
    site: Site,
    actor: Actor,
    assignment_id: uuid.UUID,
    chunks: Iterator[bytes],
    *,
    via: str,
    client_key: str | None = None,
    digest: str | None = None,
) -> Receipt:
    """Accept a bundle (a plain tar, in chunks) and return its receipt.

    :param via: ``jupyter``, ``form`` or ``upload``
    :param client_key: names this attempt for the client; the same key is the same attempt.
        Without one, the same content as the latest attempt is the same attempt.
    :param digest: what the client counted, if it said so: nothing else is taken
    :raises Refused: not enrolled, closed, no attempt left, storage full
    :raises Invalid: the bundle cannot be taken as it is
    """
    attempt = Event(
        actor.person_id,
        "submission.refuse",
        "assignment",
        str(assignment_id),
        actor.school_id,
        details={"via": via},
    )
    with audited(store, attempt):
        if client_key is not None and not 1 <= len(client_key) <= 64:
            raise Invalid("submit.bad_key", N_("X-Client-Key 应是 1 到 64 个字符。"))
        unit = unit_to_do(store, actor, assignment_id)
        if client_key and (known := _known(store, actor, assignment_id, client_key)):
            return known
        bundle = bundles.read_bundle(chunks, unit, site.bundle, store.blobs.staging)
        if digest not in (None, bundle.digest):
            raise Invalid(
                "bundle.changed",
                N_("收到的内容和发出的不一样，没有收下。您的文件没有改动，请再提交一次。"),
            )
        # Judged again inside the transaction; asked here so that nothing is stored in vain.
        if known := _known_or_open(store, actor, assignment_id, client_key, bundle.digest):
            return known
        with bundle.tar:
            blob = store.blobs.put(iter(lambda: bundle.tar.read(_READ_BYTES), b""))
        return _accept(store, actor, assignment_id, bundle, blob, via, client_key)


def check_open(
    store: Store, actor: Actor, assignment_id: uuid.UUID, client_key: str | None
) -> Receipt | None:
    """Raise if a submission now would be refused whatever it holds; else None, or its receipt.

    Asked before 20 MB come over a slow line; ``submit`` judges again when they are there.
    """
    attempt = Event(
        actor.person_id, "submission.refuse", "assignment", str(assignment_id), actor.school_id
    )
    with audited(store, attempt):
        unit_to_do(store, actor, assignment_id)
        return _known_or_open(store, actor, assignment_id, client_key)


def submit_form(
    store: Store,
    site: Site,
    actor: Actor,
    assignment_id: uuid.UUID,
    answers: dict[str, Any],
    client_key: str | None = None,
) -> Receipt:
    """Accept declared answers given in the portal's form, with the files of its draft."""
    unit = unit_to_do(store, actor, assignment_id)
    kept = check_answers(unit, answers)
    files = draft_files.for_bundle(store, actor.person_id, assignment_id, unit, kept)
    tar = pack({answers_file.ANSWERS: answers_file.write(unit, kept), **files})
    receipt = submit(
        store, site, actor, assignment_id, iter([tar]), via="form", client_key=client_key
    )
    draft_files.clean(store, actor.person_id, assignment_id)
    return receipt


def unit_to_do(store: Store, actor: Actor, assignment_id: uuid.UUID) -> Unit:
    """Return the unit, if it is the actor's to do."""
    with store.read() as session:
        assignment = courses.assignment(session, assignment_id)
        enrolled = assignment is not None and (
            courses.enrolment(session, assignment.offering_id, actor.person_id) is not None
        )
        check_can_learn(actor, enrolled=enrolled)
        assert assignment is not None
        return courses.unit_of(session, assignment).definition


def _receipt(row: Submission) -> Receipt:
    return Receipt(row.id, row.receipt_no, row.attempt, row.received_at, row.digest, row.late)


def _known(store: Store, actor: Actor, assignment_id: uuid.UUID, client_key: str) -> Receipt | None:
    """Return the receipt of this attempt if it was accepted before."""
    with store.read() as session:
        row = _same(submissions.attempts(session, assignment_id, actor.person_id), client_key, None)
        return _receipt(row) if row else None


def _known_or_open(
    store: Store,
    actor: Actor,
    assignment_id: uuid.UUID,
    client_key: str | None,
    digest: str | None = None,
) -> Receipt | None:
    """Return the receipt of this attempt if it was accepted before; raise if it cannot be now."""
    with store.read() as session:
        earlier = submissions.attempts(session, assignment_id, actor.person_id)
        if row := _same(earlier, client_key, digest):
            return _receipt(row)
        assignment = courses.assignment(session, assignment_id)
        assert assignment is not None
        _check_policies(store, assignment, earlier)
        return None


def _same(
    earlier: list[Submission], client_key: str | None, digest: str | None
) -> Submission | None:
    """Find the attempt that this one repeats: by key, or without one by the latest digest."""
    if client_key is not None:
        return next((row for row in earlier if row.client_key == client_key), None)
    return earlier[0] if earlier and earlier[0].digest == digest else None


def _check_policies(store: Store, assignment: Assignment, earlier: list[Submission]) -> bool:
    """Raise unless an attempt is taken now; say whether it is late."""
    late = policies.check_window(
        store.clock(),
        opens_at=assignment.offering.opens_at,
        due_at=assignment.due_at,
        late_until=assignment.late_until,
    )
    policies.check_attempts(
        len(earlier), assignment.max_attempts, passed=any(one.passed for one in earlier)
    )
    return late


def _accept(
    store: Store,
    actor: Actor,
    assignment_id: uuid.UUID,
    bundle: bundles.Bundle,
    blob: str,
    via: str,
    client_key: str | None,
) -> Receipt:
    now = store.clock()
    audit = Event(actor.person_id, "submission.accept", "submission", school_id=actor.school_id)
    with store.write(audit) as session:
        assignment = courses.assignment(session, assignment_id)
        assert assignment is not None
        # Locked: two tabs that submit at once take their turn, and see each other's attempt.
        courses.enrolment(session, assignment.offering_id, actor.person_id, for_update=True)
        earlier = submissions.attempts(session, assignment_id, actor.person_id)
        same = _same(earlier, client_key, bundle.digest)
        if same is not None:
            audit.verb, audit.object_id = "submission.repeat", str(same.id)
            return _receipt(same)
        late = _check_policies(store, assignment, earlier)
        for row in earlier:
            if may(State(row.state), "newer_attempt"):
                row.state = State.SUPERSEDED
                for job in jobs.of_submission(session, row.id):
                    if job.state in (jobs.QUEUED, jobs.LEASED):
                        job.state, job.finished_at = jobs.CANCELLED, now
        row = Submission(
            id=new_id(),
            assignment_id=assignment_id,
            person_id=actor.person_id,
            school_id=actor.school_id,
            release_id=assignment.offering.release_id,
            attempt=len(earlier) + 1,
            via=via,
            client_key=client_key,
            digest=bundle.digest,
            bundle_blob=blob,
            has_notebook=bundle.has_notebook,
            late=late,
            received_at=now,
            receipt_no=new_number(now),
            state=State.QUEUED,
        )
        session.add(row)
        session.flush()
        session.add(
            GradingJob(
                id=new_id(),
                submission_id=row.id,
                state=jobs.QUEUED,
                received_at=now,
                queued_at=now,
            )
        )
        draft = submissions.draft(session, assignment_id, actor.person_id)
        if draft is not None and via == "form":
            session.delete(draft)
        audit.object_id = str(row.id)
        audit.details = {"via": via, "attempt": row.attempt, "bytes": bundle.size, "late": late}
        return _receipt(row)
