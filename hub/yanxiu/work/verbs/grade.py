"""The grading queue: lease, heartbeat, report, give up. Called by the internal API only.

A worker proves with its lease that a job is its own. What it reports is checked against
the pinned release before anything is kept; a report that does not fit is refused whole.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from yanxiu_formats.numbers import is_number
from yanxiu_formats.units import Unit

from yanxiu.courses import kinds
from yanxiu.courses.model import ReleaseUnit
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.work.model import GradingJob, Submission, TaskScore
from yanxiu.work.reads import credits, jobs, submissions
from yanxiu.work.rules import State

from .release import PASSED, settle

_SYSTEM = "system:grading"


@dataclass(frozen=True)
class Lease:
    """A job lent to a worker until ``until``."""

    job_id: uuid.UUID
    lease: str
    until: datetime
    attempt: int
    unit: Unit
    has_notebook: bool


def _digest(lease: str) -> str:
    return hashlib.sha256(lease.encode()).hexdigest()


def lease(store: Store, site: Site, worker: str, lease_s: int | None = None) -> Lease | None:
    """Lend the oldest waiting job, or return None. Expired leases return to the queue first."""
    now = store.clock()
    with store.read() as session:
        if not jobs.any_waiting(session, now):
            return None
    audit = Event(_SYSTEM, "job.lease", "job")
    with store.write(audit) as session:
        lost = jobs.expired(session, now)
        for job in lost:
            _return_to_queue(session, site, job, now, "lease_expired")
        session.flush()
        found = jobs.next_queued(session)
        if found is None:
            audit.verb, audit.details = "job.expire", {"jobs": len(lost)}
            return None
        row = session.get_one(Submission, found.submission_id)
        assignment = courses.assignment(session, row.assignment_id)
        assert assignment is not None
        secret = secrets.token_urlsafe(24)
        seconds = min(lease_s or site.grading.lease_s, 3600)
        found.state, found.lease_sha256 = jobs.LEASED, _digest(secret)
        found.lease_until = now + timedelta(seconds=seconds)
        found.worker, found.tries, found.leased_at = worker[:80], found.tries + 1, now
        row.state = State.GRADING
        audit.object_id, audit.school_id = str(found.id), row.school_id
        audit.details = {"try": found.tries, "submission": str(row.id)}
        unit = courses.unit(session, row.release_id, assignment.unit_key)
        return Lease(
            found.id, secret, found.lease_until, row.attempt, unit.definition, row.has_notebook
        )


def _return_to_queue(
    session: Session, site: Site, job: GradingJob, now: datetime, code: str, *, retry: bool = True
) -> None:
    row = session.get_one(Submission, job.submission_id)
    job.lease_sha256, job.lease_until, job.failure = None, None, code
    if retry and job.tries < site.grading.max_tries:
        job.state, row.state = jobs.QUEUED, State.QUEUED
    else:
        job.state, row.state, job.finished_at = jobs.FAILED, State.FAILED, now


def _leased(session: Session, job_id: uuid.UUID, secret: str) -> GradingJob:
    """Return the job, locked, if ``secret`` is its present lease."""
    job = jobs.job(session, job_id, for_update=True)
    if job is None or job.lease_sha256 != _digest(secret):
        raise NotFound("job.not_yours", N_("没有这个批改任务，或它已经交给别的批改进程。"))
    if job.state != jobs.LEASED:
        raise Refused("job.lease_lost", N_("这个批改任务已经结束或被取消。"), status=410)
    return job


def inputs(store: Store, job_id: uuid.UUID, secret: str, what: str) -> bytes:
    """Return one of a job's inputs as a tar: ``bundle``, ``learner`` or ``scoring``."""
    with store.read() as session:
        job = _leased(session, job_id, secret)
        row = session.get_one(Submission, job.submission_id)
        assignment = courses.assignment(session, row.assignment_id)
        assert assignment is not None
        unit = courses.unit(session, row.release_id, assignment.unit_key)
        digest = {
            "bundle": row.bundle_blob,
            "learner": unit.learner_blob,
            "scoring": unit.scoring_blob,
        }[what]
    return store.blobs.read(digest)


def heartbeat(store: Store, site: Site, job_id: uuid.UUID, secret: str) -> datetime:
    """Keep a lease; return until when."""
    audit = Event(_SYSTEM, "job.heartbeat", "job", str(job_id))
    with store.write(audit) as session:
        job = _leased(session, job_id, secret)
        job.lease_until = store.clock() + timedelta(seconds=site.grading.lease_s)
        return job.lease_until


def started(store: Store, job_id: uuid.UUID, secret: str) -> None:
    """Note that the worker has everything and begins."""
    with store.write(Event(_SYSTEM, "job.start", "job", str(job_id))) as session:
        _leased(session, job_id, secret).started_at = store.clock()


def failed(
    store: Store, site: Site, job_id: uuid.UUID, secret: str, code: str, *, retry: bool
) -> None:
    """Give a job back: to the queue, or to a person when it cannot be graded by machine."""
    audit = Event(_SYSTEM, "job.fail", "job", str(job_id), outcome=code[:80])
    with store.write(audit) as session:
        job = _leased(session, job_id, secret)
        _return_to_queue(session, site, job, store.clock(), code[:80], retry=retry)


def report(
    store: Store, job_id: uuid.UUID, content: dict[str, Any], executed: bytes | None
) -> None:
    """Keep what a worker found; the same report again changes nothing."""
    secret = str(content.get("lease", ""))
    blob = store.blobs.put(iter([executed])) if executed else None
    audit = Event(_SYSTEM, "job.report", "job", str(job_id))
    with store.write(audit) as session:
        job = jobs.job(session, job_id, for_update=True)
        if job and job.state == jobs.DONE and job.lease_sha256 == _digest(secret):
            audit.verb = "job.report_repeat"
            return
        job = _leased(session, job_id, secret)
        row = session.get_one(Submission, job.submission_id)
        assignment = courses.assignment(session, row.assignment_id)
        assert assignment is not None
        unit = courses.unit(session, row.release_id, assignment.unit_key)
        rows = _scores(row, unit, content)
        submissions.replace_scores(session, row.id, rows)
        now = store.clock()
        row.auto_points = kinds.rounded(unit.definition, sum(one.points for one in rows))
        row.answers, row.executed_blob = content.get("answers") or {}, blob
        row.state = State.WAITING
        job.state, job.failure = jobs.DONE, None
        job.run_a, job.run_b = content.get("run_a"), content.get("run_b")
        job.finished_at = job.graded_at = now
        audit.school_id, audit.details = row.school_id, {"submission": str(row.id)}
        if not kinds.awaits_person(unit.definition):
            _release_at_once(store, session, row, unit)


def _release_at_once(store: Store, session: Session, row: Submission, unit: ReleaseUnit) -> None:
    """A unit without rubric tasks waits for nobody."""
    row.total_points, row.state = row.auto_points, State.MARKED
    entry = settle(store, row, unit, _SYSTEM)
    if entry and not credits.entry(session, entry.person_id, entry.assignment_id, PASSED):
        session.add(entry)


def _scores(row: Submission, unit: ReleaseUnit, content: dict[str, Any]) -> list[TaskScore]:
    """Return the scores of a report, or refuse it: every auto task once, within its points.

    Of a unit graded in the learner's kernel they are proposals, and answers that were left
    empty may have one too.
    """
    definition = unit.definition
    in_kernel = kinds.kind_of(definition).in_kernel
    most = {task.id: float(task.points) for task in definition.tasks}
    auto = [task.id for task in definition.tasks if task.kind == "auto"]
    given = content.get("scores")
    problem = Invalid("report.scores", N_("批改结果和课程发布不一致，没有收下。"))
    if not isinstance(given, list) or bool(content.get("in_kernel")) != in_kernel:
        raise problem
    named = [score.get("task") for score in given]
    more = named[len(auto) :]
    if named[: len(auto)] != auto or len(set(named)) != len(named):
        raise problem
    if more and not (in_kernel and set(more) <= most.keys()):
        raise problem
    rows = []
    for score in given:
        points = score.get("points")
        if not is_number(points):
            raise problem
        if not 0 <= points <= most[score["task"]] or not isinstance(score.get("message"), dict):
            raise problem
        rows.append(
            TaskScore(
                submission_id=row.id,
                task_id=score["task"],
                points=kinds.rounded(definition, points),
                max_points=most[score["task"]],
                message={k: str(v)[:2000] for k, v in score["message"].items()},
            )
        )
    return rows
