"""Who holds a task: taking it, going on holding it, and ending it.

What the lease's holder writes through ``Run.keep`` and ``end`` counts only while the lease is
theirs. So several processes may look for work at once, and a process that dies loses its
lease and nothing else. Decides who gets which task next; called by ``runner``, and ``Run`` is
what every handler is given.
"""

import random
import secrets
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from yanxiu.errors import N_, Refused

from .audit import Event, record
from .engine import Store
from .model import BackgroundTask
from .tasks import DONE, FAILED, QUEUED, RUNNING, Kind, Kinds, rows_of

LEASE_S = 60.0
#: Another look for somebody who was passed by, if all of these went to others meanwhile.
_CANDIDATES = 8
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 5.0, 600.0


class LeaseLost(Exception):
    """The task is somebody else's by now: write nothing more and forget it."""


class Stopping(Exception):
    """The process is asked to end: the task goes back to the queue as it stands."""


@dataclass
class Run:
    """A task in hand: what was asked, how far an earlier run came, and the lease.

    :param kept: what earlier runs and this one wrote down with ``keep``
    :param stopping: says whether the process is asked to end
    """

    store: Store
    id: uuid.UUID
    kind: Kind
    params: dict[str, Any]
    asked_by: str
    school_id: uuid.UUID | None
    kept: dict[str, Any]
    tries: int
    lease: str = field(repr=False)
    lease_s: float = LEASE_S
    stopping: Callable[[], bool] = bool
    lost: bool = False
    file: tuple[str, str] | None = None
    _shown_at: datetime = _NEVER
    _shown: tuple[int, int | None] = (-1, None)

    def step(self, done: int, total: int | None = None) -> None:
        """Tell how far it is, and find out whether to go on; cheap enough for every item.

        Not inside a transaction: this is one of its own.

        :raises LeaseLost: somebody else has the task
        :raises Stopping: the process is to end
        """
        if self.lost:
            raise LeaseLost
        if self.stopping():
            raise Stopping
        now = self.store.clock()
        lately = now - self._shown_at < timedelta(seconds=1)
        if (lately and done != total) or (done, total) == self._shown:
            return
        self._shown_at, self._shown = now, (done, total)
        self.store.bookkeep(lambda session, _now: self._write(session, done=done, total=total))

    def keep(self, session: Session, **values: Any) -> None:
        """Write ``values`` down in the caller's transaction, for the run after a crash.

        What else the transaction holds is then done exactly once: with the lease lost,
        nothing of it is committed.

        :raises LeaseLost: somebody else has the task
        """
        self.kept = {**self.kept, **values}
        self._write(session, kept=self.kept)

    def beat(self) -> None:
        """Go on holding the task. :raises LeaseLost: somebody else has it"""
        self.store.bookkeep(lambda session, _now: self._write(session))

    def attach(self, digest: str, name: str) -> None:
        """Give a blob to whoever asked, under a file name, when the task is done."""
        self.file = (digest, name)

    def _write(self, session: Session, **values: Any) -> None:
        # From this moment, not from the beginning of a transaction that may be long.
        until = self.store.clock() + timedelta(seconds=self.lease_s)
        statement = update(BackgroundTask).where(self.held).values(lease_until=until, **values)
        if not rows_of(session, statement):
            self.lost = True
            raise LeaseLost

    @property
    def held(self) -> Any:
        """The condition under which the task is still this run's."""
        return and_(
            BackgroundTask.id == self.id,
            BackgroundTask.state == RUNNING,
            BackgroundTask.lease == self.lease,
        )


def lease(
    store: Store,
    kinds: Kinds,
    worker: str,
    *,
    lease_s: float = LEASE_S,
    stopping: Callable[[], bool] = bool,
) -> Run | None:
    """Take the next task of these kinds, None when there is nothing to do now.

    Next is whoever was served longest ago: one person's ten tasks do not hold up another's
    one. A task whose process died is taken again until its tries are used up.
    """
    now = store.clock()
    with store.read() as session:
        found = list(session.scalars(_next(kinds, now)))
    for task in found:
        kind = kinds[task.kind]
        if task.state == RUNNING and task.tries >= kind.tries:
            _died(store, task, kind)
            continue
        run = Run(
            store,
            task.id,
            kind,
            task.params,
            task.asked_by,
            task.school_id,
            task.kept,
            task.tries + 1,
            secrets.token_hex(16),
            lease_s,
            stopping,
        )
        taken = store.bookkeep(partial(_take, task, run, worker))
        if taken:
            return run
    return None


def _take(task: BackgroundTask, run: Run, worker: str, session: Session, now: datetime) -> bool:
    """Write down that a task is this run's; False when somebody else was faster."""
    statement = (
        update(BackgroundTask)
        .where(_unchanged(task), _due(now))
        .values(
            state=RUNNING,
            lease=run.lease,
            lease_until=now + timedelta(seconds=run.lease_s),
            worker=worker,
            tries=run.tries,
            started_at=now,
        )
    )
    return bool(rows_of(session, statement))


def _due(now: datetime) -> Any:
    return or_(
        and_(BackgroundTask.state == QUEUED, BackgroundTask.run_after <= now),
        and_(BackgroundTask.state == RUNNING, BackgroundTask.lease_until < now),
    )


def _next(kinds: Kinds, now: datetime) -> Any:
    other = aliased(BackgroundTask)
    served = (
        select(func.max(other.started_at))
        .where(other.asked_by == BackgroundTask.asked_by)
        .scalar_subquery()
    )
    return (
        select(BackgroundTask)
        .where(BackgroundTask.kind.in_(kinds), _due(now))
        .order_by(func.coalesce(served, _NEVER), BackgroundTask.run_after, BackgroundTask.id)
        .limit(_CANDIDATES)
    )


def _unchanged(task: BackgroundTask) -> Any:
    """The condition that nobody took the task since it was read."""
    return and_(
        BackgroundTask.id == task.id,
        BackgroundTask.state == task.state,
        BackgroundTask.tries == task.tries,
    )


def end(
    run: Run, state: str, *, result: dict[str, Any] | None = None, refusal: Refused | None = None
) -> None:
    """End a task that was asked for, with its audit event, or let a regular one come again.

    :raises LeaseLost: somebody else has the task; nothing was written
    """
    told = _told(refusal)
    values: dict[str, Any] = {"lease": None, "lease_until": None, "result": result, "refusal": told}
    if run.kind.every is not None:
        event = _end_of(run, state, refusal, result)
        every, write = run.kind.every, partial(_must, run)
        run.store.bookkeep(
            lambda session, now: _rest(session, now, run.held, every, values, write, event)
        )
        return
    values["state"] = state
    if run.file is not None and state == DONE:
        values["file_blob"], values["file_name"] = run.file
    run.store.transact(
        lambda session, now: _must(run, session, {**values, "finished_at": now}),
        _end_of(run, state, refusal, result),
    )


def _rest(
    session: Session,
    now: datetime,
    which: Any,
    every: timedelta,
    values: dict[str, Any],
    write: Callable[[Session, dict[str, Any]], None],
    event: Event,
) -> None:
    """Let a regular task come again as new.

    What it did is in the audit by itself; that it looked is not worth a line. That it could
    not is, when it begins, and when it is over: not every five minutes.

    :param which: the condition under which it is still the caller's
    :param write: writes there, or raises ``LeaseLost``
    """
    before = session.scalar(select(BackgroundTask.refusal).where(which))
    again = {"state": QUEUED, "tries": 0, "kept": {}, "run_after": now + every}
    write(session, {**values, **again, "finished_at": now})
    if (before or {}).get("code") != (values["refusal"] or {}).get("code"):
        record(session, event, now)


def _end_of(run: Run, state: str, refusal: Refused | None, result: dict[str, Any] | None) -> Event:
    kind = run.kind.name
    return _ending(kind, run.asked_by, run.id, run.school_id, state, refusal, result)


def give_back(run: Run) -> None:
    """Put a task back as it stands, because the process ends; that was not a try."""
    values = {"state": QUEUED, "lease": None, "tries": run.tries - 1}
    run.store.bookkeep(lambda session, _now: _must(run, session, values))


def try_again(run: Run, code: str) -> str:
    """Put a task back after it broke, or end it as failed if its tries are used up.

    :returns: the state that it is in now
    """
    if run.tries >= run.kind.tries:
        end(run, FAILED, refusal=_broken(code))
        return FAILED
    pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (run.tries - 1))
    pause *= random.uniform(0.75, 1.25)  # noqa: S311 spreads retries, guards nothing
    wait = timedelta(seconds=pause)
    values = {"state": QUEUED, "lease": None}
    run.store.bookkeep(
        lambda session, now: _must(run, session, {**values, "run_after": now + wait})
    )
    return QUEUED


def _must(run: Run, session: Session, values: dict[str, Any]) -> None:
    if not rows_of(session, update(BackgroundTask).where(run.held).values(**values)):
        run.lost = True
        raise LeaseLost


def _died(store: Store, task: BackgroundTask, kind: Kind) -> None:
    """End a task that took its process down each time; a regular one rests until its next time."""
    refusal = _broken("task.died")
    event = _ending(task.kind, task.asked_by, task.id, task.school_id, FAILED, refusal, None)

    values: dict[str, Any] = {
        "lease": None,
        "lease_until": None,
        "result": None,
        "refusal": _told(refusal),
    }

    def write(session: Session, values: dict[str, Any]) -> None:
        due = and_(_unchanged(task), _due(store.clock()))
        if not rows_of(session, update(BackgroundTask).where(due).values(**values)):
            raise LeaseLost

    def fail(session: Session, now: datetime) -> None:
        write(session, {**values, "state": FAILED, "finished_at": now})

    # Somebody else who saw it first has written the event.
    with suppress(LeaseLost):
        if kind.every is None:
            store.transact(fail, event)
            return
        every, which = kind.every, _unchanged(task)
        store.bookkeep(lambda session, now: _rest(session, now, which, every, values, write, event))


def _broken(code: str) -> Refused:
    return Refused(
        code,
        N_("任务多次中断，没有做完；已经做完的部分都保留着。请再试一次，仍然不行请告诉运维。"),
        status=500,
    )


def _told(refusal: Refused | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    return {"code": refusal.code, "message": refusal.message, "params": refusal.params}


def _ending(
    kind: str,
    asked_by: str,
    task_id: uuid.UUID,
    school_id: uuid.UUID | None,
    state: str,
    refusal: Refused | None,
    result: dict[str, Any] | None,
) -> Event:
    return Event(
        asked_by,
        f"task.{state}",
        "task",
        str(task_id),
        school_id,
        outcome=f"refused {refusal.code}"[:80] if refusal else "done",
        details={"kind": kind, **(result or {})},
    )
