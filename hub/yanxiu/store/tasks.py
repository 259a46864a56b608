"""Tasks: work that nobody waits for, kept as rows beside what it is about.

A task is asked for in the transaction of its cause (``add``), so that neither is there
without the other. ``leases`` hands it to one process at a time, ``runner`` calls what a
capability registered for its ``Kind``. Nobody's name, mark or token is in a task: its
parameters are ids, its result counts, its refusal a code.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from yanxiu.errors import N_, Refused
from yanxiu.names import new_id

from .engine import Store
from .model import BackgroundTask

QUEUED, RUNNING, DONE, REFUSED, FAILED = "queued", "running", "done", "refused", "failed"
OPEN = (QUEUED, RUNNING)
SYSTEM = "system:housekeeping"
#: One person's open tasks: the next one waits until one of them has ended.
MOST_OPEN = 10
_LATE = timedelta(hours=1)


#: Takes a ``leases.Run``, which this module does not know, and returns the task's result.
Handler = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """One kind of task: what everybody may know of it, and in the process what carries it out.

    :param name: stable and dotted, such as ``roster.import``
    :param title: a sentence for the catalogues: what it is, for who asked
    :param told: a sentence with the result's names as placeholders
    :param but: (name, sentence) each: said too when that count of the result is not zero
    :param after: pages to go on to once it is done, as (address below the portal, words); the
        parameters are the address's placeholders
    :param back: the page that it was asked for on, likewise
    :param every: how often it comes by itself; None for one that is asked for
    :param tries: how often it may die or break before it has failed
    :param limit_s: a run that takes longer is broken, whatever it says
    :param handler: carries a task out and returns its result: counts, for ``told`` and the
        audit. May be called again for the same task, by another process, after any of its
        statements: what it did before must be found done and not be done twice.
    """

    name: str
    title: str = ""
    told: str = ""
    but: tuple[tuple[str, str], ...] = ()
    after: tuple[tuple[str, str], ...] = ()
    back: tuple[str, str] | None = None
    every: timedelta | None = None
    tries: int = 5
    limit_s: float = 3600.0
    handler: Handler | None = None

    def by(self, handler: Handler) -> "Kind":
        """Return the kind with what carries it out."""
        return replace(self, handler=handler)


Kinds = Mapping[str, Kind]


def by_name(kinds: Iterable[Kind]) -> dict[str, Kind]:
    """Return the kinds by their names, which must differ."""
    found: dict[str, Kind] = {}
    for kind in kinds:
        if kind.name in found:
            raise ValueError(f"two kinds of task are called {kind.name}")
        found[kind.name] = kind
    return found


def add(
    session: Session,
    kind: str,
    *,
    asked_by: str,
    now: datetime,
    school_id: uuid.UUID | None = None,
    params: dict[str, Any] | None = None,
    key: str | None = None,
    most_open: int = MOST_OPEN,
) -> uuid.UUID:
    """Ask for a task in the caller's transaction; return its id.

    :param key: if an open task has it already, that one is returned. It must say who asks,
        unless only one person can ask for it.
    :raises Refused: ``asked_by`` has ``most_open`` open tasks already
    """
    if key is not None and (known := _open_with(session, key)) is not None:
        return known
    waiting = session.scalar(
        select(func.count())
        .select_from(BackgroundTask)
        .where(BackgroundTask.asked_by == asked_by, BackgroundTask.state.in_(OPEN))
    )
    if (waiting or 0) >= most_open:
        raise Refused(
            "task.too_many",
            N_("您已经有 {count} 项任务没有完成。请等其中一项完成后再试。"),
            status=429,
            count=waiting,
        )
    task_id = _insert(
        session, kind, asked_by, now, school_id=school_id, params=params or {}, key=key
    )
    if task_id is None:
        # Somebody asked at the same moment, and committed first.
        assert key is not None
        task_id = _open_with(session, key)
    if task_id is None:
        raise Refused("task.again", N_("同样的任务刚刚完成。请刷新页面查看结果。"), status=409)
    return task_id


def _open_with(session: Session, key: str) -> uuid.UUID | None:
    return session.scalar(
        select(BackgroundTask.id).where(BackgroundTask.key == key, BackgroundTask.state.in_(OPEN))
    )


def _insert(
    session: Session, kind: str, asked_by: str, run_after: datetime, **values: Any
) -> uuid.UUID | None:
    """Insert a task; None when an open one has its key."""
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = (postgresql if postgres else sqlite).insert
    statement = (
        insert(BackgroundTask)
        .values(
            id=new_id(),
            kind=kind,
            asked_by=asked_by,
            state=QUEUED,
            done=0,
            kept={},
            tries=0,
            run_after=run_after,
            created_at=run_after,
            **values,
        )
        .on_conflict_do_nothing()
        # The count of rows is not to be had of an insert; what it returns is.
        .returning(BackgroundTask.id)
    )
    return session.scalar(statement)


def schedule(store: Store, kinds: Kinds) -> None:
    """See to it that every kind that comes by itself has its one task, which never ends."""
    regular = {f"schedule:{kind.name}": kind for kind in kinds.values() if kind.every is not None}
    with store.read() as session:
        known = set(
            session.scalars(
                select(BackgroundTask.key).where(
                    BackgroundTask.key.in_(regular), BackgroundTask.state.in_(OPEN)
                )
            )
        )
    if known == regular.keys():
        return

    def work(session: Session, now: datetime) -> None:
        for key in sorted(regular.keys() - known):
            _insert(session, regular[key].name, SYSTEM, now, params={}, key=key)

    store.bookkeep(work)


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a kind that comes by itself.

    :param what: ``failed``: the last time it did not end well; ``late``: nobody has carried it
        out for an hour after its time
    :param since: when it failed, or when it was due
    :param code: of what it failed with
    """

    kind: str
    what: str
    since: datetime
    code: str = ""


def troubles(session: Session, now: datetime) -> list[Trouble]:
    """Return what is wrong with what comes by itself, by name; for operators."""
    long_ago = now - _LATE
    late = or_(
        and_(BackgroundTask.state == QUEUED, BackgroundTask.run_after < long_ago),
        and_(BackgroundTask.state == RUNNING, BackgroundTask.lease_until < long_ago),
    )
    rows = session.scalars(
        select(BackgroundTask)
        .where(
            BackgroundTask.asked_by == SYSTEM,
            BackgroundTask.state.in_(OPEN),
            or_(BackgroundTask.refusal.is_not(None), late),
        )
        .order_by(BackgroundTask.kind)
    )
    return [
        Trouble(row.kind, "failed", row.finished_at, row.refusal["code"])
        if row.refusal is not None and row.finished_at is not None
        else Trouble(row.kind, "late", row.run_after)
        for row in rows
    ]


def open_by_kind(session: Session) -> list[tuple[str, str, int, datetime]]:
    """Return (kind, state, how many, when the oldest was due) of the open tasks."""
    rows = session.execute(
        select(
            BackgroundTask.kind,
            BackgroundTask.state,
            func.count(),
            func.min(BackgroundTask.run_after),
        )
        .where(BackgroundTask.state.in_(OPEN))
        .group_by(BackgroundTask.kind, BackgroundTask.state)
        .order_by(BackgroundTask.kind, BackgroundTask.state)
    )
    return [(kind, state, count, due) for kind, state, count, due in rows]


def own(session: Session, asked_by: str, limit: int) -> list[BackgroundTask]:
    """Return what somebody asked for, newest first."""
    return list(
        session.scalars(
            select(BackgroundTask)
            .where(BackgroundTask.asked_by == asked_by)
            .order_by(BackgroundTask.created_at.desc(), BackgroundTask.id.desc())
            .limit(limit)
        )
    )


def one(session: Session, task_id: uuid.UUID, asked_by: str) -> BackgroundTask | None:
    """Return a task of ``asked_by``; None for anybody else's."""
    found = session.get(BackgroundTask, task_id)
    return found if found is not None and found.asked_by == asked_by else None


def ahead(session: Session, task: BackgroundTask) -> int:
    """Return how many queued or running tasks of people were asked for before this one."""
    return (
        session.scalar(
            select(func.count())
            .select_from(BackgroundTask)
            .where(
                BackgroundTask.state.in_(OPEN),
                BackgroundTask.asked_by != SYSTEM,
                BackgroundTask.created_at < task.created_at,
            )
        )
        or 0
    )


def forget(session: Session, *, ended_before: datetime, files_before: datetime) -> int:
    """Remove tasks that ended long ago, and let go of files earlier; return how many tasks."""
    ended = BackgroundTask.state.not_in(OPEN)
    rows_of(
        session,
        update(BackgroundTask)
        .where(
            ended,
            BackgroundTask.file_blob.is_not(None),
            BackgroundTask.finished_at < files_before,
        )
        .values(file_blob=None),
    )
    return rows_of(
        session, delete(BackgroundTask).where(ended, BackgroundTask.finished_at < ended_before)
    )


def rows_of(session: Session, statement: Any) -> int:
    """Execute a statement and return how many rows it changed."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount
