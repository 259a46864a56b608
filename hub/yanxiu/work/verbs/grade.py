"""The grading queue: lease, heartbeat, report, give up. Called by the internal API only.

A worker proves with its lease that a job is its own. What it reports is checked against
the pinned release before anything is kept; a report that does not fit is refused whole.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from sqlalchemy.orm import Session
from yanxiu_formats.numbers import is_number
from yanxiu_formats.units import Unit

from yanxiu.courses import kinds
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.retry import Again
from yanxiu.work import contents, policies
from yanxiu.work.model import Attempt, Grading, GradingJob, TaskScore
from yanxiu.work.reads import attempts, jobs
from yanxiu.work.rules import JobState, Kind, Outcome
from yanxiu.work.turns import in_turn

from .claim import Claim, claim_attempt

_SYSTEM = "system:grading"


class _NothingToDo(Exception):
    """Everything that waits is in somebody else's hands: nothing is written."""


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
    # JSON can name half a character, which no lease has and UTF-8 does not know.
    return hashlib.sha256(lease.encode(errors="surrogatepass")).hexdigest()


#: Asked in the lease's transaction; a school that is not named has the share 1.
Shares = Callable[[Session], Mapping[uuid.UUID, float]]


def alike(session: Session) -> Mapping[uuid.UUID, float]:
    """Return the shares of a site where all schools have the same."""
    return {}


def lease(
    store: Store, site: Site, worker: str, lease_s: int | None = None, shares: Shares = alike
) -> Lease | None:
    """Lend the oldest job of the school whose turn it is, or return None.

    Expired leases return to the queue first.
    """
    with store.read() as session:
        lost = jobs.expired(session, store.clock())
    for job_id in lost:
        _expire(store, site, job_id)
    with store.read() as session:
        if not jobs.any_queued(session):
            return None
    audit = Event(_SYSTEM, "job.lease", "job")
    secret = secrets.token_urlsafe(24)
    seconds = min(lease_s or site.grading.lease_s, 3600)

    def work(session: Session, now: datetime) -> Lease:
        turns = in_turn(jobs.waiting(session), jobs.running(session), shares(session), now)
        job_id = jobs.take_next(session, turns)
        if job_id is None:
            raise _NothingToDo
        with _held(session, now, job_id, audit) as (held, attempt, job):
            if job.state != JobState.QUEUED:
                raise Again
            job.lease_sha256, job.worker = _digest(secret), worker[:80]
            job.lease_until = now + timedelta(seconds=seconds)
            job.tries, job.leased_at = job.tries + 1, now
            held.move(attempt, job, JobState.LEASED)
            jobs.served(session, job.school_id, now)
            audit.object_id = str(job.id)
            audit.details["try"] = job.tries
            return Lease(
                job.id,
                secret,
                job.lease_until,
                attempt.number,
                held.unit(attempt),
                attempt.has_notebook,
            )

    try:
        return store.transact(work, audit)
    except _NothingToDo:
        return None


def _expire(store: Store, site: Site, job_id: uuid.UUID) -> None:
    """Take a job from a worker that let its lease run out."""
    audit = Event(_SYSTEM, "job.expire", "job", str(job_id))

    def work(session: Session, now: datetime) -> None:
        with _held(session, now, job_id, audit) as (held, attempt, job):
            if job.state != JobState.LEASED or job.lease_until is None or job.lease_until >= now:
                raise _NothingToDo  # its worker, or another look at the queue, was faster
            _give_back(held, attempt, job, site, "lease_expired", retry=True)

    try:
        store.transact(work, audit)
    except _NothingToDo:
        return


def _give_back(
    held: Claim, attempt: Attempt, job: GradingJob, site: Site, code: str, *, retry: bool
) -> None:
    again = retry and job.tries < site.grading.max_tries
    job.lease_sha256, job.lease_until, job.failure = None, None, code
    run = Grading(job_id=job.id, outcome=Outcome.LOST if again else Outcome.FAILED, failure=code)
    held.grade(attempt, run, [])
    held.move(attempt, job, JobState.QUEUED if again else JobState.FAILED)


@contextmanager
def _held(
    session: Session, now: datetime, job_id: uuid.UUID, audit: Event | None
) -> Iterator[tuple[Claim, Attempt, GradingJob]]:
    """Take hold of the work that a job is for; the job is read again once it is held.

    :param audit: told whose the work is, None where nothing is written down
    """
    job = jobs.job(session, job_id)
    if job is None:
        raise _not_yours()
    with claim_attempt(session, now, job.attempt_id) as (held, attempt):
        session.refresh(job)
        if audit is not None:
            audit.school_id, audit.details = attempt.school_id, {"submission": str(attempt.id)}
        yield held, attempt, job


@contextmanager
def _leased(
    session: Session, now: datetime, job_id: uuid.UUID, secret: str, audit: Event | None
) -> Iterator[tuple[Claim, Attempt, GradingJob]]:
    """Take hold of a job's work, if ``secret`` is its present lease."""
    with _held(session, now, job_id, audit) as (held, attempt, job):
        _check_lease(job, secret)
        yield held, attempt, job


def _not_yours() -> NotFound:
    return NotFound("job.not_yours", N_("没有这个批改任务，或它已经交给别的批改进程。"))


def _check_lease(job: GradingJob | None, secret: str) -> None:
    if job is None or job.lease_sha256 != _digest(secret):
        raise _not_yours()
    if job.state != JobState.LEASED:
        raise Refused("job.lease_lost", N_("这个批改任务已经结束或被取消。"), status=410)


def open_input(store: Store, job_id: uuid.UUID, secret: str, what: str) -> IO[bytes]:
    """Open one of a job's inputs as a tar: ``bundle``, ``learner`` or ``scoring``."""
    with store.read() as session:
        job = jobs.job(session, job_id)
        _check_lease(job, secret)
        assert job is not None
        attempt = attempts.attempt(session, job.attempt_id)
        assert attempt is not None
        unit = courses.unit(session, attempt.release_id, attempt.assignment.unit_key)
        digest = {
            "bundle": contents.bundle_of(attempt),
            "learner": unit.learner_blob,
            "scoring": unit.scoring_blob,
        }[what]
    return store.blobs.open(digest)


def heartbeat(store: Store, site: Site, job_id: uuid.UUID, secret: str) -> datetime:
    """Keep a lease; return until when."""

    def work(session: Session, now: datetime) -> datetime:
        with _leased(session, now, job_id, secret, None) as (_, _, job):
            job.lease_until = now + timedelta(seconds=site.grading.lease_s)
            return job.lease_until

    return store.bookkeep(work)  # the job's row says until when it is lent


def started(store: Store, job_id: uuid.UUID, secret: str) -> None:
    """Note that the worker has everything and begins."""
    audit = Event(_SYSTEM, "job.start", "job", str(job_id))

    def work(session: Session, now: datetime) -> None:
        with _leased(session, now, job_id, secret, audit) as (_, _, job):
            job.started_at = now

    store.transact(work, audit)


def failed(
    store: Store, site: Site, job_id: uuid.UUID, secret: str, code: str, *, retry: bool
) -> None:
    """Give a job back: to the queue, or to a person when it cannot be graded by machine."""
    audit = Event(_SYSTEM, "job.fail", "job", str(job_id), outcome=code[:80])

    def work(session: Session, now: datetime) -> None:
        with _leased(session, now, job_id, secret, audit) as (held, attempt, job):
            _give_back(held, attempt, job, site, code[:80], retry=retry)

    store.transact(work, audit)


def report(
    store: Store,
    job_id: uuid.UUID,
    content: dict[str, Any],
    executed: bytes | None,
    rendered: bytes | None = None,
) -> None:
    """Keep what a worker found; the same report again changes nothing.

    :param executed: the notebook that people may download, ``rendered`` its cells as HTML
    """
    secret = str(content.get("lease", ""))
    blob, page = (store.blobs.put(iter([one])) if one else None for one in (executed, rendered))
    audit = Event(_SYSTEM, "job.report", "job", str(job_id))

    def work(session: Session, now: datetime) -> None:
        with _held(session, now, job_id, audit) as (held, attempt, job):
            if job.state == JobState.DONE and job.lease_sha256 == _digest(secret):
                audit.verb = "job.report_repeat"
                return
            _check_lease(job, secret)
            unit = held.unit(attempt)
            scores = _scores(unit, content)
            run = Grading(
                job_id=job.id,
                outcome=Outcome.SCORED,
                answers=content.get("answers") or {},
                executed_blob=blob,
                rendered_blob=page,
                run_a=content.get("run_a"),
                run_b=content.get("run_b"),
            )
            held.grade(attempt, run, scores)
            job.failure, job.graded_at = None, now
            held.move(attempt, job, JobState.DONE)
            if not kinds.awaits_person(unit):
                passed = _release_at_once(held, attempt)
                audit.details |= {"released": True, "credited": passed}

    store.transact(work, audit)


def _release_at_once(held: Claim, attempt: Attempt) -> bool:
    """Release a unit without rubric tasks, which waits for nobody; return whether it passed."""
    found = held.check(attempt, "release")
    assert found.total_points is not None
    passed = policies.passes(found.total_points, held.unit(attempt))
    held.decide(attempt, Kind.RELEASE, _SYSTEM, shows=found, passed=passed)
    return passed


def _has_shape(content: dict[str, Any]) -> bool:
    """Say whether the parts of a report are what JSON calls them in the contract."""
    scores = content.get("scores")
    about = (content.get(key) for key in ("answers", "run_a", "run_b"))
    return (
        isinstance(scores, list)
        and all(isinstance(one, dict) and isinstance(one.get("task"), str) for one in scores)
        and all(one is None or isinstance(one, dict) for one in about)
    )


def _scores(definition: Unit, content: dict[str, Any]) -> list[TaskScore]:
    """Return the scores of a report, or refuse it: every auto task once, within its points.

    Of a unit graded in the learner's kernel they are proposals, and answers that were left
    empty may have one too.
    """
    in_kernel = kinds.kind_of(definition).in_kernel
    most = {task.id: float(task.points) for task in definition.tasks}
    auto = [task.id for task in definition.tasks if task.kind == "auto"]
    problem = Invalid("report.scores", N_("批改结果和课程发布不一致，没有收下。"))
    if not _has_shape(content) or bool(content.get("in_kernel")) != in_kernel:
        raise problem
    given: list[dict[str, Any]] = content["scores"]
    named = [score["task"] for score in given]
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
                task_id=score["task"],
                points=kinds.rounded(definition, points),
                max_points=most[score["task"]],
                message={k: str(v)[:2000] for k, v in score["message"].items()},
            )
        )
    return rows
