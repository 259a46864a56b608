"""What was handed in goes after its time; marks, hours and receipts stay, and nothing younger."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import JSON, Text, func, select, text
from sqlalchemy.exc import DBAPIError
from yanxiu.housekeeping import retention
from yanxiu.settings.model import Retention
from yanxiu.store import runner, tasks
from yanxiu.store.base import BlobDigest
from yanxiu.store.collect import collect
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import (
    Attempt,
    CreditEntry,
    Decision,
    Draft,
    GivenFeedback,
    Grading,
    Marking,
    Standing,
    TaskScore,
)
from yanxiu.work.reads import old_contents
from yanxiu.work.verbs import expire_contents
from yanxiu.work.verbs.correct import correct
from yanxiu.work.verbs.mark import mark
from yanxiu.work.verbs.release import release
from yanxiu.work.verbs.save_draft import save_draft

from tests.support.ageing import age, without_triggers
from tests.support.county import County, make_county
from tests.support.crash import spawn
from tests.support.every_task import ANSWERS, EVERY_TASK
from tests.support.tasks import homes_of, site_kinds
from tests.support.work import FULL, graded, handed_in, released
from tests.support.writing import writing

DAYS = Retention().submissions_days
AGE = timedelta(days=DAYS)
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture
def county(store) -> County:
    return make_county(store, EVERY_TASK)


@pytest.fixture
def everything(county):
    """An attempt with all that can hang on it: feedback from elsewhere, a reason, a draft."""
    one = released(county, executed=NOTEBOOK)
    blob = county.store.blobs.put([b"<p>feedback</p>"])
    with writing(county.store) as session:
        session.add(
            GivenFeedback(
                attempt_id=one,
                version=99,
                blob=blob,
                given_by=county.people["county"],
                given_at=county.store.clock(),
            )
        )
    correct(county.store, county.actor("county"), one, "看错了人")
    save_draft(county.store, county.actor("alice"), county.assignment, ANSWERS)
    return one


def run_due(county):
    kinds = tasks.by_name(retention.kinds(Retention(), homes_of(county.store)))
    tasks.schedule(county.store, kinds)
    runner.work_off(county.store, kinds)


def rows(county, table, order):
    """Return all rows of a table as values."""
    with county.store.read() as session:
        found = session.execute(select(table.__table__).order_by(*order)).mappings()
        return [dict(row) for row in found]


def emptied(county, one) -> bool:
    with county.store.read() as session:
        return session.get_one(Attempt, one).bundle_blob is None


def events(county, verb="submission.expire"):
    with county.store.read() as session:
        found = select(AuditEvent).where(AuditEvent.verb == verb).order_by(AuditEvent.id)
        return [(row.outcome, row.details) for row in session.scalars(found)]


#: Table, its key, what goes and what is left in its place.
CONTENTS = [
    (Attempt, (Attempt.id,), {"bundle_blob": None}),
    (
        Grading,
        (Grading.id,),
        dict.fromkeys(("answers", "executed_blob", "rendered_blob", "run_a", "run_b")),
    ),
    (TaskScore, (TaskScore.task_id,), {"message": {}}),
    (Marking, (Marking.version, Marking.task_id, Marking.criterion_id), {"comment": ""}),
    (Decision, (Decision.version,), {"reason": ""}),
    (GivenFeedback, (GivenFeedback.version,), {"blob": None}),
    (Standing, (Standing.attempt_id,), {"comment": ""}),
    (CreditEntry, (CreditEntry.sequence,), {}),
]


def test_the_contents_go_and_every_other_value_stays(county, everything):
    age(county.store, DAYS + 1)
    before = [rows(county, table, order) for table, order, _ in CONTENTS]
    assert all(before), "there is something of everything"
    run_due(county)
    for (table, order, gone), was in zip(CONTENTS, before, strict=True):
        assert rows(county, table, order) == [{**row, **gone} for row in was]
        assert not gone or any(row != {**row, **gone} for row in was)
    assert rows(county, Draft, (Draft.updated_at,)) == []
    assert events(county) == [("done", {"attempts": 1, "days": DAYS})]
    assert events(county, "draft.expire") == [("done", {"drafts": 1, "days": DAYS})]
    county.store.clock.advance(days=2)
    run_due(county)
    assert len(events(county)) == 1  # nothing was left to do


def test_the_files_go_with_the_last_row_that_needs_them(county, everything):
    store = county.store
    with store.read() as session:
        attempt = session.get_one(Attempt, everything)
        run = session.scalar(select(Grading.executed_blob))
        given = session.scalar(select(GivenFeedback.blob))
        there = {attempt.bundle_blob, run, given}
    age(store, DAYS + 1)
    run_due(county)
    assert all(store.blobs.has(one) for one in there)
    later = datetime.now(UTC) + timedelta(days=1)  # files are dated by the real clock
    collect(store, "system:test", later, lambda *_: None)
    assert not any(store.blobs.has(one) for one in there)
    with store.read() as session:
        kept = session.execute(text("SELECT learner_blob FROM release_units")).scalars()
        assert all(store.blobs.has(one) for one in kept)


def test_what_is_younger_stays(county, everything):
    age(county.store, DAYS - 1)
    run_due(county)
    assert not emptied(county, everything)
    assert len(rows(county, Draft, (Draft.updated_at,))) == 1
    assert events(county) == events(county, "draft.expire") == []


def test_what_is_written_when_the_rest_has_gone_goes_in_its_turn(county):
    """A mark's comment and the reason of a correction, given to what was emptied long ago."""
    one = graded(county)
    age(county.store, DAYS + 1)
    run_due(county)
    assert emptied(county, one)
    organizer = county.actor("county")
    mark(county.store, organizer, one, FULL, "晚了三年的评语")
    release(county.store, organizer, one)
    correct(county.store, organizer, one, "看错了人")
    county.store.clock.advance(days=2)
    run_due(county)
    assert "晚了三年的评语" in texts(county), "its author is still to read it"
    age(county.store, DAYS + 1)
    county.store.clock.advance(days=2)
    run_due(county)
    assert texts(county) == {""}
    assert len(events(county)) == 2


def texts(county) -> set[str]:
    with county.store.read() as session:
        columns = (Marking.comment, Decision.reason, Standing.comment)
        return {text for column in columns for text in session.scalars(select(column))}


@pytest.mark.parametrize("table", ["gradings", "markings", "decisions", "given_feedback"])
def test_what_something_happened_to_lately_stays_whole(county, everything, table):
    """Who was corrected in the third year is still to read why."""
    age(county.store, DAYS + 1, table)
    run_due(county)
    assert not emptied(county, everything)
    assert events(county) == []


def test_what_the_machine_is_at_stays(county):
    one = handed_in(county)
    age(county.store, DAYS + 1)
    run_due(county)
    assert not emptied(county, one)


def empty(row: tuple) -> str:
    """Return SQL that empties all of a table's contents."""
    table, _, gone = row
    literal = {"None": "NULL", "": "''", "{}": "'{}'"}
    sets = ", ".join(f"{name} = {literal[str(value)]}" for name, value in gone.items())
    return f"UPDATE {table.__tablename__} SET {sets}"


def test_no_column_for_contents_is_forgotten():
    """Whoever adds one to a table of facts says here that it goes: files, texts, JSON."""
    for table, _, gone in CONTENTS:
        found = {
            column.name
            for column in table.__table__.columns
            if isinstance(column.type, BlobDigest | JSON | Text)
        }
        assert found == gone.keys(), table.__tablename__


FACTS = [row for row in CONTENTS if row[0] not in (Standing, CreditEntry)]
OTHERS = {
    "attempts": "digest = 'x'",
    "gradings": "outcome = 'failed'",
    "task_scores": "points = 0",
    "markings": "points = 0",
    "decisions": "total_points = 100",
    "given_feedback": "version = version + 1",
}


@pytest.mark.parametrize("row", FACTS, ids=lambda row: row[0].__tablename__)
def test_the_database_itself_lets_only_old_rows_be_emptied(county, everything, row):
    statement = text(empty(row))
    with pytest.raises(DBAPIError, match="append-only"), writing(county.store) as session:
        session.execute(statement)
    age(county.store, DAYS)
    with writing(county.store) as session:
        session.execute(statement)
    assert all({**found, **row[2]} == found for found in rows(county, row[0], row[1]))


@pytest.mark.parametrize("row", FACTS, ids=lambda row: row[0].__tablename__)
@pytest.mark.parametrize("attack", ["also", "only", "other", "delete"])
def test_nothing_else_of_an_old_row_changes(county, everything, row, attack):
    name = row[0].__tablename__
    age(county.store, DAYS + 1)
    first = next(iter(row[2]))
    statement = text(
        {
            "also": f"{empty(row)}, {OTHERS[name]}",
            "only": f"UPDATE {name} SET {OTHERS[name]}",
            "other": f"UPDATE {name} SET {first} = '\"x\"'",
            "delete": f"DELETE FROM {name}",
        }[attack]
    )
    with pytest.raises(DBAPIError, match="append-only"), writing(county.store) as session:
        session.execute(statement)
    before = rows(county, row[0], row[1])
    if attack != "delete":  # other tables refer to most of the rows
        with without_triggers(county.store) as session:
            session.execute(statement)
        assert rows(county, row[0], row[1]) != before, "this is what the triggers hold"


def test_two_at_once_empty_each_attempt_once(county):
    ones = [released(county, who) for who in ("alice", "bob", "charlie")]
    age(county.store, DAYS + 1)
    with county.store.read() as session:
        works = old_contents.works(session, county.store.clock() - AGE, 100)
    assert len(works) == 3
    counts, errors, ready = [], [], threading.Barrier(2)

    def go():
        ready.wait(30)
        try:
            counts.append(expire_contents.expire(county.store, "system:test", works, AGE))
        except BaseException as error:
            errors.append(error)

    both = [threading.Thread(target=go) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert (errors, sorted(counts)) == ([], [0, 3])
    assert sorted(details["attempts"] for _, details in events(county)) == [0, 3]
    assert all(emptied(county, one) for one in ones)


def test_two_processes_of_housekeeping_do_it_once(county):
    for who in ("alice", "bob", "charlie"):
        released(county, who)
    age(county.store, DAYS + 1)
    tasks.schedule(county.store, site_kinds(county.store))
    both = [spawn(county.store, site_kinds) for _ in range(2)]
    for one in both:
        one.join(120)
    assert [one.exitcode for one in both] == [0, 0]
    assert sum(details["attempts"] for _, details in events(county)) == 3
    with county.store.read() as session:
        left = select(func.count()).where(Attempt.bundle_blob.is_not(None))
        assert session.scalar(left) == 0


def test_nobody_can_set_less_than_the_database_allows():
    with pytest.raises(ValidationError):
        Retention(submissions_days=365)
