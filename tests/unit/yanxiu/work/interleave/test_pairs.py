"""Two verbs meet on one piece of work, at every statement, on both databases.

For each state of an attempt and each pair of verbs, the first stands before its n-th
statement while the second does all it can, for every n. Afterwards what holds for one
verb after the other must hold: see ``problems``.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, event, select, text
from yanxiu.errors import Refused
from yanxiu.store.base import Base
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu.web.actor import Way
from yanxiu.work import rules
from yanxiu.work.model import Attempt, CreditEntry, GradingJob, Standing
from yanxiu.work.reads.facts import facts
from yanxiu.work.receipts import Receipt
from yanxiu.work.rules import State
from yanxiu.work.verbs import grade
from yanxiu.work.verbs.correct import correct
from yanxiu.work.verbs.mark import mark
from yanxiu.work.verbs.regrade import regrade
from yanxiu.work.verbs.release import release
from yanxiu.work.verbs.submit import submit
from yanxiu.work.verbs.withdraw import withdraw
from yanxiu_formats.bundle import pack
from yanxiu_formats.units import parse_unit

from tests.support.county import make_county
from tests.support.interleave import Meeting, Outcome, Side
from tests.support.units import ANSWERS, UNIT
from tests.support.writing import writing

SAY = {"zh_CN": "已检查", "en": "checked"}
FULL = {("report", "follow"): (40.0, ""), ("report", "use"): (20.0, "")}
NOTHING = dict.fromkeys(FULL, (0.0, ""))
#: A unit that the machine marks whole: its report releases and credits at once.
ALONE = {**UNIT, "pass_total": 30, "tasks": UNIT["tasks"][:2]}
UNITS = {"for a person": UNIT, "for the machine": ALONE}
#: Where one piece of work stands, and the verbs that have something to do there.
#: ``lost``: its lease has run out; ``released``: and passed; ``retried``: released, not passed,
#: and handed in once more, which is queued or marked; ``replaced``: a newer attempt took the
#: place of one that was open; ``revived``: and was withdrawn.
STATES: dict[str, tuple[str, ...]] = {
    "queued": ("submit", "withdraw", "lease"),
    "grading": ("submit", "withdraw", "report"),
    "lost": ("submit", "withdraw", "lease", "report"),
    "waiting": ("submit", "withdraw", "mark"),
    "marked": ("submit", "withdraw", "mark", "release"),
    "failed": ("submit", "withdraw", "mark", "regrade"),
    "released": ("submit", "correct"),
    "retried": ("submit", "withdraw", "lease", "correct older"),
    "retried, marked": ("submit", "withdraw", "mark", "release", "correct older"),
    "replaced": ("submit", "withdraw", "lease", "mark older", "release older"),
    "revived": ("submit", "withdraw", "lease", "mark", "release"),
}
#: A unit that the machine marks whole never stands in the others.
STATES_ALONE = ("queued", "grading", "lost", "failed", "replaced", "revived")
TABLES = [
    table
    for table in Base.metadata.sorted_tables
    if table.name
    in {
        *("credit_entries", "decisions", "markings", "standings", "task_scores", "gradings"),
        *("grading_jobs", "attempts", "works"),
    }
]


@dataclass
class Scene:
    """What the verbs are about: the attempt that is open, the one before it, a lease of one."""

    one: uuid.UUID
    older: uuid.UUID | None = None
    lease: grade.Lease | None = None


class Ground:
    """A county on one database, and two processes that work on it."""

    def __init__(self, url: str, blobs: Blobs, clock: Any, unit: str):
        self.unit = unit
        self.stores = [Store(_engine(url), blobs, clock) for _ in range(3)]
        self.look = self.stores[0]
        self.county = make_county(self.look, UNITS[unit])
        self.actors = {
            "alice": self.county.actor("alice", Way.LEARN_TOKEN),
            "organizer": self.county.actor("organizer1"),
        }

    def close(self) -> None:
        for store in self.stores:
            store.close()

    def keep(self) -> list[tuple[Table, list[dict[str, Any]]]]:
        """Return all work, for ``restore``."""
        with self.look.engine.connect() as connection:
            return [
                (table, [dict(row._mapping) for row in connection.execute(select(table))])
                for table in TABLES
            ]

    def restore(self, kept: list[tuple[Table, list[dict[str, Any]]]]) -> None:
        """Put back all work; triggers that forbid it are for the platform, not for this."""
        with self.look.engine.execution_options(yanxiu_write=True).begin() as connection:
            if self.look.engine.dialect.name == "sqlite":
                for table, _ in kept:
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table.name}_no_delete"))
            else:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table, _ in reversed(kept):
                connection.execute(table.delete())
            for table, rows in kept:
                if rows:
                    connection.execute(table.insert(), rows)

    def send(self, store: Store, number: int) -> Receipt:
        answers = {"format": 1, "unit": "u1", "answers": {"mean": number}}
        bundle = pack({"answers.json": json.dumps(answers).encode()})
        return submit(
            store,
            self.county.site,
            self.actors["alice"],
            self.county.assignment,
            iter([bundle]),
            via="jupyter",
        )

    def prepare(self, state: str) -> Scene:
        """Bring the work to ``state``."""
        kind, _, more = state.partition(", ")
        if kind == "retried":
            older = self.attempt("marked").one
            mark(self.look, self.actors["organizer"], older, NOTHING, "再想想")
            release(self.look, self.actors["organizer"], older)
            return Scene(self.attempt(more or "queued", 11).one, older)
        if kind in ("replaced", "revived"):
            # One that a person marks comes back as it was; another is queued again.
            older = self.attempt("waiting" if self.unit == "for a person" else "queued").one
            newer = self.send(self.look, 11).submission_id
            if kind == "replaced":
                return Scene(newer, older)
            withdraw(self.look, self.actors["alice"], newer)
            return Scene(older)
        return self.attempt(state)

    def attempt(self, state: str, number: int = 1) -> Scene:
        """Hand in one attempt and bring it to ``state``."""
        store, organizer = self.look, self.actors["organizer"]
        one = self.send(store, number).submission_id
        if state == "queued":
            return Scene(one)
        lease = grade.lease(store, self.county.site, "w")
        assert lease is not None
        if state == "lost":
            past = lease.until - timedelta(days=1)
            with writing(self.look) as session:
                session.get_one(GradingJob, lease.job_id).lease_until = past
        elif state == "failed":
            where = store, self.county.site, lease.job_id, lease.lease
            grade.failed(*where, "run_b.failed", retry=False)
        elif state != "grading":
            grade.report(store, lease.job_id, report_of(lease), None)
            if state != "waiting":
                mark(store, organizer, one, FULL, "好")
            if state == "released":
                release(store, organizer, one)
        return Scene(one, lease=lease)

    def verbs(self, store: Store, scene: Scene, number: int) -> dict[str, Callable[[], Any]]:
        organizer, alice = self.actors["organizer"], self.actors["alice"]
        one, older, lease = scene.one, scene.older, scene.lease
        found: dict[str, Callable[[], Any]] = {
            "submit": lambda: self.send(store, number),
            "withdraw": lambda: withdraw(store, alice, one),
            "lease": lambda: grade.lease(store, self.county.site, f"w{number}"),
            "mark": lambda: mark(store, organizer, one, FULL, f"好 {number}"),
            "release": lambda: release(store, organizer, one),
            "regrade": lambda: regrade(store, organizer, one),
            "correct": lambda: correct(store, organizer, one, "算错了"),
        }
        if older is not None:
            found |= {
                "mark older": lambda: mark(store, organizer, older, FULL, f"好 {number}"),
                "release older": lambda: release(store, organizer, older),
                "correct older": lambda: correct(store, organizer, older, "算错了"),
            }
        if lease is not None:
            found["report"] = lambda: grade.report(store, lease.job_id, report_of(lease), None)
        return found


def report_of(lease: grade.Lease) -> dict[str, Any]:
    scores = [
        {"task": "mean", "points": 10, "message": SAY},
        {"task": "pick", "points": 30, "message": SAY},
    ]
    return {"lease": lease.lease, "answers": ANSWERS, "scores": scores}


def _engine(url: str):
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _do_not_wait_for_the_disk(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")
    else:

        @event.listens_for(engine, "connect")
        def _find_deadlocks_soon(connection: Any, _: Any) -> None:
            connection.execute("SET deadlock_timeout = '20ms'")
            connection.commit()

    return engine


@pytest.fixture(params=UNITS)
def ground(request, database, tmp_path, clock) -> Iterator[Ground]:
    made = Ground(database, Blobs(tmp_path / "blobs"), clock, request.param)
    yield made
    made.close()


def problems(ground: Ground, outcomes: tuple[Outcome, Outcome]) -> list[str]:
    """Return what is not as it would be had one verb come after the other."""
    found = [
        f"{type(one.error).__name__}: {one.error}"
        for one in outcomes
        if one.error is not None and not isinstance(one.error, Refused)
    ]
    with ground.look.read() as session:
        rows = session.scalars(select(Attempt).order_by(Attempt.number)).all()
        credits = session.scalars(select(CreditEntry)).all()
        jobs = session.scalars(select(GradingJob)).all()
        kept = {row.id: dict(_values(row.standing)) for row in rows}
        derived = {
            row.id: vars(
                rules.standing(
                    facts(
                        session,
                        row.id,
                        newer=tuple(
                            one.version
                            for one in rows
                            if one.number > row.number and one.state != State.WITHDRAWN
                        ),
                    ),
                    parse_unit(json.dumps(UNITS[ground.unit])),
                )
            )
            for row in rows
        }
    if kept != derived:
        found.append("what is kept is not what the facts come to")
    states = [row.state for row in rows]
    if sum(one not in _OVER for one in states) > 1:
        found.append(f"more than one attempt counts: {states}")
    passes = [(row.number, row.standing.shown_order) for row in rows if row.passed]
    if any(row.number > number and row.version > since for row in rows for number, since in passes):
        found.append(f"an attempt after a unit was passed: {states}")
    hours = sum(one.hours_x100 for one in credits)
    passed = sum(bool(row.passed) for row in rows)
    if hours != 200 * passed or passed > 1:
        found.append(f"{passed} shown passes and {hours} hundredths of an hour")
    if any((row.state == State.RELEASED) != (row.released_at is not None) for row in rows):
        found.append("something is shown that is not released")
    for row in rows:
        waits = row.state in (State.QUEUED, State.GRADING)
        mine = [job for job in jobs if job.attempt_id == row.id and job.state in _WAITING]
        if len(mine) != waits:
            found.append(f"{row.state} with {len(mine)} jobs that wait")
    return found


_OVER = {State.SUPERSEDED, State.RELEASED, State.WITHDRAWN}
_WAITING = {"queued", "leased"}


def _values(row: Standing) -> Iterator[tuple[str, Any]]:
    for key in rules.Standing.__dataclass_fields__:
        yield key, getattr(row, key)


@pytest.mark.parametrize("state", STATES)
def test_no_order_of_two_verbs_breaks_anything(ground, state):
    if ground.unit == "for the machine" and state not in STATES_ALONE:
        pytest.skip("such a unit never stands so")
    empty = ground.keep()
    scene = ground.prepare(state)
    kept, seen = ground.keep(), 0
    verbs = STATES[state]
    for first in verbs:
        for second in verbs:
            seen += every_stop(ground, kept, first, second, scene)
    ground.restore(empty)
    print(
        f"INTERLEAVED {ground.look.engine.dialect.name}, {ground.unit}, {state}: "
        f"{len(verbs) ** 2} pairs, {seen} orders"
    )


def every_stop(ground: Ground, kept: Any, first: str, second: str, scene: Scene) -> int:
    """Let ``second`` in before every statement of ``first``; return how many there were."""
    stop = 0
    while True:
        ground.restore(kept)
        sides = [
            Side(store.engine, ground.verbs(store, scene, number)[name])
            for number, (store, name) in enumerate(
                zip(ground.stores[1:], (first, second), strict=True), 2
            )
        ]
        outcomes = Meeting(ground.look.engine, *sides).run(stop)
        found = problems(ground, outcomes)
        statements = outcomes[0].statements
        where = statements[stop] if stop < len(statements) else "its end"
        assert not found, f"{first} stood before {where!r} when {second} came: {found}"
        stop += 1
        if stop > len(statements):
            return stop
