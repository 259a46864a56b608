"""Take hold of a person's work on one unit, and append to what is known of it.

Every verb that changes work goes through here, a teacher's as well as the machine's: the
``Work`` row is locked first and its jobs never before it, so two verbs that meet take
turns, and what each reads holds until it is done. Facts are appended and ``settle`` writes
where the attempts stand from then on; no verb sets a state or enters hours by itself.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload
from yanxiu_formats.units import Unit

from yanxiu.courses.reads import courses
from yanxiu.names import new_id
from yanxiu.store.audit import Event
from yanxiu.web.actor import Actor
from yanxiu.work import rules
from yanxiu.work.loaders import whose
from yanxiu.work.model import (
    Attempt,
    Decision,
    GivenFeedback,
    Grading,
    GradingJob,
    Marking,
    Standing,
    TaskScore,
    Work,
)
from yanxiu.work.permissions import no_submission
from yanxiu.work.reads.facts import decision, facts, marking
from yanxiu.work.reads.handing_in import Earlier
from yanxiu.work.rules import Facts, JobState, Kind, State

from . import ledger


class Claim:
    """A person's work on one unit, held until the transaction ends.

    :param version: of the work, which this change gives it; orders the facts
    """

    def __init__(
        self,
        session: Session,
        now: datetime,
        whose: tuple[str, uuid.UUID],
        version: int,
    ):
        self.session, self.now = session, now
        self.person_id, self.assignment_id = whose
        self.version = version
        self._facts: dict[uuid.UUID, Facts] = {}
        self._touched: list[Attempt | Earlier] = []
        self._accepted: Attempt | None = None
        self._connection = session.connection()

    @cached_property
    def attempts(self) -> list[Attempt]:
        """All attempts, newest first."""
        # Nothing can be there of work that did not exist.
        if self.version == 1:
            return []
        mine = {"assignment": self.assignment_id, "person": self.person_id}
        return list(self.session.scalars(_ATTEMPTS, mine))

    def unit(self, attempt: Attempt | Earlier) -> Unit:
        """Return the unit of the release that an attempt pinned."""
        return courses.definition(self.session, attempt.release_id, attempt.assignment_id)

    def standing(self, attempt: Attempt | Earlier) -> rules.Standing:
        """Say where an attempt stands, with what was appended so far."""
        return rules.standing(self._known(attempt), self.unit(attempt))

    def marks(self, attempt: Attempt) -> dict[tuple[str, str], tuple[float | None, str]]:
        """Return what counts of what people gave: (points, comment) by (task, criterion)."""
        found = rules.counting(self._known(attempt).markings)
        return {key: (one.points, one.comment) for key, one in found.items()}

    def check(self, attempt: Attempt, verb: str) -> rules.Standing:
        """Return where an attempt stands. :raises Refused: ``verb`` is not open there"""
        found = self.standing(attempt)
        rules.check_verb(found.state, verb)
        return found

    def other_open(self, attempt: Attempt) -> int | None:
        """Return the number of another attempt that is still to be decided about."""
        rest = [one for one in self.attempts if one is not attempt]
        return next((one.number for one in rest if rules.may(one.state, "newer_attempt")), None)

    def accept(self, attempt: Attempt, before: Sequence[Earlier]) -> None:
        """Append an attempt, and a job for it.

        :param attempt: not added to the session, which would be slower
        :param before: the attempts that are still open as the work is held, and make way
        """
        columns = Attempt.__table__.columns.keys()
        self._insert(Attempt, {key: getattr(attempt, key) for key in columns})
        self._accepted = attempt
        self._facts[attempt.id] = Facts()
        for one in before:
            self._facts[one.id] = self._recorded(one, newer=(self.version,))
            self.cancel(one)
            self._touch(one)
        self.enqueue(attempt)

    def enqueue(self, attempt: Attempt) -> None:
        """Queue an attempt for the machine."""
        self._insert(
            GradingJob,
            {
                "id": new_id(),
                "attempt_id": attempt.id,
                "school_id": attempt.school_id,
                "state": JobState.QUEUED,
                "received_at": attempt.received_at,
                "queued_at": self.now,
                "tries": 0,
            },
        )
        self._change(attempt, job=JobState.QUEUED)

    def move(self, attempt: Attempt, job: GradingJob, state: JobState) -> None:
        """Put an attempt's job into ``state``."""
        job.state = state
        if state in (JobState.QUEUED, JobState.LEASED):
            self._change(attempt, job=state)
            return
        job.finished_at = self.now
        self._change(attempt, job=None)

    def cancel(self, attempt: Attempt | Earlier) -> None:
        """Take an attempt out of the queue, or from the worker that has it."""
        if self._known(attempt).job is None:
            return
        self._connection.execute(_CANCEL, {"attempt": attempt.id, "at": self.now})
        self._change(attempt, job=None)

    def grade(self, attempt: Attempt, run: Grading, scores: list[TaskScore]) -> None:
        """Append one run of the machine."""
        run.id, run.attempt_id, run.version = new_id(), attempt.id, self.version
        run.release_id, run.graded_at = attempt.release_id, self.now
        self.session.add(run)
        self.session.flush()
        for one in scores:
            one.grading_id = run.id
        self.session.add_all(scores)
        points = {one.task_id: one.points for one in scores}
        found = rules.Grading(run.id, run.version, run.outcome, points)
        self._change(attempt, gradings=(*self._known(attempt).gradings, found))

    def mark(self, attempt: Attempt, rows: list[Marking]) -> None:
        """Append what a marker gave."""
        for one in rows:
            one.attempt_id, one.version, one.marked_at = attempt.id, self.version, self.now
        self.session.add_all(rows)
        found = (marking(one) for one in rows)
        self._change(attempt, markings=(*self._known(attempt).markings, *found))

    def decide(
        self,
        attempt: Attempt,
        kind: Kind,
        by: str,
        *,
        reason: str = "",
        shows: rules.Standing | None = None,
        passed: bool | None = None,
    ) -> None:
        """Append a decision; hours follow from what is shown after it.

        :param shows: the result that a release or correction shows
        """
        row = Decision(
            id=new_id(),
            attempt_id=attempt.id,
            version=self.version,
            kind=kind,
            decided_by=by,
            decided_at=self.now,
            reason=reason,
            grading_id=shows.grading_id if shows else None,
            auto_points=shows.auto_points if shows else None,
            total_points=shows.total_points if shows else None,
            passed=passed,
        )
        self.session.add(row)
        self._change(attempt, decisions=(*self._known(attempt).decisions, decision(row)))
        self._balance(attempt, by)

    def withdraw(self, attempt: Attempt, by: str) -> None:
        """Append that an attempt was taken back: the work stands as if it had not been sent.

        An attempt that had made way for it is open again, and back in the queue if it was there.
        """
        self.cancel(attempt)
        self.decide(attempt, Kind.WITHDRAW, by)
        for one in self.attempts:
            if one.number > attempt.number or one.state != State.SUPERSEDED:
                continue
            self._facts.pop(one.id, None)  # known with the attempt that is gone
            if self.standing(one).state == State.SUPERSEDED:
                continue
            self._touch(one)
            if self._was_cancelled(one):
                self.enqueue(one)

    def _was_cancelled(self, attempt: Attempt) -> bool:
        """Say whether an attempt left the queue without having been graded."""
        last = self.session.scalar(
            select(GradingJob.state)
            .where(GradingJob.attempt_id == attempt.id)
            .order_by(GradingJob.id.desc())
            .limit(1)
        )
        return last == JobState.CANCELLED

    def feedback(self, attempt: Attempt, blob: str, by: str) -> None:
        """Append feedback that was made elsewhere."""
        self.session.add(
            GivenFeedback(
                attempt_id=attempt.id,
                version=self.version,
                blob=blob,
                given_by=by,
                given_at=self.now,
            )
        )

    def settle(self) -> None:
        """Write where the attempts stand that something was appended to.

        The one writer of ``Standing``: what it writes is ``rules.standing`` of the facts.
        """
        self.session.flush()
        for attempt in self._touched:
            facts = len(self._known(attempt))
            values = {**vars(self.standing(attempt)), "facts": facts}
            if attempt is self._accepted:
                self._insert(Standing, {**_keys(attempt), **values})
            else:
                self._connection.execute(_UPDATE_STANDING, {"of": attempt.id, **values})
        self._touched.clear()

    def _insert(self, model: Any, values: Mapping[str, Any]) -> None:
        """Insert one row at once: several times as fast as by way of an object."""
        self._connection.execute(_INSERT[model], values)

    def _known(self, attempt: Attempt | Earlier) -> Facts:
        if attempt.id not in self._facts:
            newer = tuple(
                one.version
                for one in self.attempts
                if one.number > attempt.number and not self._is_withdrawn(one)
            )
            self._facts[attempt.id] = self._recorded(attempt, newer=newer)
        return self._facts[attempt.id]

    def _is_withdrawn(self, attempt: Attempt) -> bool:
        known = self._facts.get(attempt.id)
        if known is None:
            return attempt.state == State.WITHDRAWN
        return any(one.kind == Kind.WITHDRAW for one in known.decisions)

    def _recorded(self, attempt: Attempt | Earlier, *, newer: tuple[int, ...]) -> Facts:
        job = _JOB_OF.get(State(attempt.state))
        if not attempt.facts and job is not None:
            return Facts(newer=newer, job=job)
        return facts(self.session, attempt.id, newer=newer)

    def _change(self, attempt: Attempt | Earlier, **what: Any) -> None:
        self._facts[attempt.id] = replace(self._known(attempt), **what)
        self._touch(attempt)

    def _touch(self, attempt: Attempt | Earlier) -> None:
        if attempt not in self._touched:
            self._touched.append(attempt)

    def _balance(self, attempt: Attempt, by: str) -> None:
        """Make the ledger agree with what is shown now."""
        # Only what was touched can have changed: the rest stands as its row says.
        now = {one.id: self.standing(one) for one in self._touched}
        passed = [one for one in self.attempts if now.get(one.id, one.standing).passed]
        ledger.balance(
            self.session,
            passed[0] if passed else None,
            attempt,
            unit=self.unit(passed[0] if passed else attempt),
            by=by,
            now=self.now,
        )


@contextmanager
def claim(
    session: Session, now: datetime, person_id: str, assignment_id: uuid.UUID
) -> Iterator[Claim]:
    """Take hold of a person's work on a unit, before anything else of it is read."""
    lite = session.get_bind().dialect.name == "sqlite"
    take = _TAKE_LITE if lite else _TAKE
    named = {"person_id": person_id, "assignment_id": assignment_id}
    version = session.connection().execute(take, named).scalar_one()
    held = Claim(session, now, (person_id, assignment_id), version)
    yield held
    held.settle()


@contextmanager
def claim_attempt(
    session: Session, now: datetime, attempt_id: uuid.UUID
) -> Iterator[tuple[Claim, Attempt]]:
    """Take hold of the work that an attempt belongs to. :raises NotFound: there is none"""
    whose = session.execute(
        select(Attempt.person_id, Attempt.assignment_id).where(Attempt.id == attempt_id)
    ).one_or_none()
    if whose is None:
        raise no_submission()
    with claim(session, now, *whose) as held:
        yield held, next(one for one in held.attempts if one.id == attempt_id)


@contextmanager
def claim_for(
    session: Session,
    now: datetime,
    actor: Actor,
    attempt_id: uuid.UUID,
    check: Callable[..., None],
    audit: Event,
) -> Iterator[tuple[Claim, Attempt]]:
    """Take hold of an attempt's work for somebody who may, and name its school in the audit.

    :param check: of ``permissions``; raises when the actor may not
    :raises NotFound: there is none, or not for the actor
    """
    with claim_attempt(session, now, attempt_id) as (held, attempt):
        audit.school_id = attempt.school_id
        check(actor, **whose(attempt))
        yield held, attempt


def _taking(insert_one: Any) -> Any:
    """Return the one statement that makes the row of some work, or locks it, and counts."""
    made = insert_one(Work.__table__).values(
        person_id=bindparam("person_id"), assignment_id=bindparam("assignment_id"), version=1
    )
    return made.on_conflict_do_update(
        index_elements=["person_id", "assignment_id"], set_={"version": Work.version + 1}
    ).returning(Work.version)


_TAKE, _TAKE_LITE = _taking(postgresql.insert), _taking(sqlite.insert)


#: The job of an attempt of which nothing is recorded but that it was handed in.
_JOB_OF = {State.QUEUED: JobState.QUEUED, State.GRADING: JobState.LEASED}
#: Of what it stands by; the keys beside it are the attempt's.
_UPDATE_STANDING = (
    update(Standing.__table__)  # type: ignore[arg-type]
    .where(Standing.attempt_id == bindparam("of"))
    .values({name: bindparam(name) for name in (*rules.Standing.__dataclass_fields__, "facts")})
)


# Made once: to put a query together takes longer than to ask it.
_ATTEMPTS = (
    select(Attempt)
    .options(
        joinedload(Attempt.school, innerjoin=True), joinedload(Attempt.standing, innerjoin=True)
    )
    .where(
        Attempt.assignment_id == bindparam("assignment"), Attempt.person_id == bindparam("person")
    )
    .order_by(Attempt.number.desc())
    .execution_options(populate_existing=True)
)
_INSERT: Mapping[Any, Any] = {
    model: insert(model.__table__)  # type: ignore[arg-type]
    for model in (Attempt, GradingJob, Standing)
}
_CANCEL = (
    update(GradingJob.__table__)  # type: ignore[arg-type]
    .where(
        GradingJob.attempt_id == bindparam("attempt"),
        or_(GradingJob.state == JobState.QUEUED, GradingJob.state == JobState.LEASED),
    )
    .values(state=JobState.CANCELLED, finished_at=bindparam("at"))
)


def _keys(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt_id": attempt.id,
        "assignment_id": attempt.assignment_id,
        "school_id": attempt.school_id,
        "received_at": attempt.received_at,
    }
