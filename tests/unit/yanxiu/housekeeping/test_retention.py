"""Homes and names go when their time is over, never of somebody who is back; totals stay."""

import os
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from yanxiu.housekeeping import retention
from yanxiu.people.model import Credential, Person, RoleGrant
from yanxiu.settings.model import Retention
from yanxiu.store import runner, tasks
from yanxiu.store.audit import Event
from yanxiu.store.model import AuditEvent

from tests.support.county import County, make_county
from tests.support.crash import spawn, survive
from tests.support.every_task import EVERY_TASK
from tests.support.rosters import SCHOOL1, imported, xlsx
from tests.support.tasks import homes_of, site_kinds
from tests.support.work import released
from tests.support.writing import writing

DAYS = Retention()
ALICE = ("艾老师", "1001", "12000001001", "", SCHOOL1, "", "", "")
BOB = ("包老师", "1002", "12000001002", "", SCHOOL1, "", "", "")


@pytest.fixture
def county(store) -> County:
    """A county whose unit has every type of task; everybody has a home."""
    county = make_county(store, EVERY_TASK)
    for person_id in county.people.values():
        folder = homes_of(store) / person_id / "work"
        folder.mkdir(parents=True)
        (folder / "a.ipynb").write_text("{}")
    return county


def leave(county):
    """Bob is not in the school's whole list any more."""
    assert imported(county.store, xlsx([ALICE]), whole=True, leaving=1)["left"] == 1


def kinds(county):
    return tasks.by_name(retention.kinds(DAYS, homes_of(county.store)))


def run_due(county):
    tasks.schedule(county.store, kinds(county))
    runner.work_off(county.store, kinds(county))


def homes(county):
    names = {person_id: who for who, person_id in county.people.items()}
    return {names.get(path.name, path.name) for path in homes_of(county.store).iterdir()}


def person(county, who):
    with county.store.read() as session:
        return session.get(Person, county.people[who])


def events(county, verb):
    with county.store.read() as session:
        rows = select(AuditEvent.object_id).where(AuditEvent.verb == verb)
        return list(session.scalars(rows))


@pytest.mark.parametrize("days, there", [(179, True), (181, False)])
def test_a_home_goes_half_a_year_after_its_owner(county, clock, days, there):
    leave(county)
    clock.advance(days=days)
    run_due(county)
    everybody = set(county.people)
    assert homes(county) == (everybody if there else everybody - {"bob"})
    assert events(county, "home.expire") == ([] if there else [county.people["bob"]])
    assert person(county, "bob").name == "包老师"


def test_who_came_back_keeps_home_and_name(county, clock):
    leave(county)
    clock.advance(days=100)
    imported(county.store, xlsx([ALICE, BOB]))
    assert person(county, "bob").left_at is None
    clock.advance(days=5000)
    run_due(county)
    assert homes(county) == set(county.people)
    assert person(county, "bob").name == "包老师"
    assert events(county, "home.expire") == events(county, "person.erase") == []


def test_a_home_is_no_way_out_of_the_folder(county, clock, tmp_path):
    """A link in place of a home, or in it, leads nowhere."""
    leave(county)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    bob = homes_of(county.store) / county.people["bob"]
    (bob / "link").symlink_to(outside)
    clock.advance(days=181)
    run_due(county)
    assert "bob" not in homes(county)
    bob.symlink_to(outside)
    clock.advance(days=2)
    run_due(county)
    assert (outside / "precious").read_text() == "x"


def test_names_go_after_three_years_and_totals_stay(county, clock):
    released(county, "bob")
    leave(county)
    clock.advance(days=DAYS.people_days - 1)
    run_due(county)
    assert person(county, "bob").name == "包老师"
    clock.advance(days=2)
    run_due(county)
    bob = person(county, "bob")
    assert (bob.name, bob.teacher_no, bob.mobile, bob.id_hmac) == ("已注销", None, None, None)
    assert bob.erased_at == clock()
    with county.store.read() as session:
        assert session.get(Credential, bob.id).password_hash is None
        roles = select(func.count()).select_from(RoleGrant).where(RoleGrant.person_id == bob.id)
        assert session.scalar(roles) == 0
        from yanxiu.work.reads import credits

        assert credits.totals(session, bob.id) != {}
    assert person(county, "alice").name == "艾老师"
    assert events(county, "person.erase") == [bob.id]
    run_due(county)
    clock.advance(days=2)
    run_due(county)
    assert events(county, "person.erase") == [bob.id]  # once


def test_the_number_of_who_was_erased_can_be_given_again(county, clock):
    leave(county)
    clock.advance(days=DAYS.people_days + 1)
    run_due(county)
    counts = imported(county.store, xlsx([ALICE, BOB]))
    assert counts["add"] == 1
    assert person(county, "bob").active is False


def test_crashes_and_two_at_once_remove_once(county, clock):
    leave(county)
    clock.advance(days=DAYS.people_days + 1)
    tasks.schedule(county.store, kinds(county))
    assert survive(county.store, site_kinds, clock=clock, stride=3) > 10
    both = [spawn(county.store, site_kinds) for _ in range(2)]
    for one in both:
        one.join(120)
    assert [one.exitcode for one in both] == [0, 0]
    assert homes(county) == set(county.people) - {"bob"}
    assert events(county, "person.erase") == [county.people["bob"]]


def test_what_a_crash_left_of_a_home_goes_the_next_time(county, clock):
    left = homes_of(county.store) / ".gone-0123456789abcdef"
    (left / "deep").mkdir(parents=True)
    (left / "deep" / "file").write_text("x")
    os.utime(left, (0, 0))
    run_due(county)
    assert not left.exists()


def an_event(store, at):
    """Put an event into the log as if it were from then."""
    event_id = uuid.UUID(int=(int(at.timestamp() * 1000) << 80) + 1)
    with writing(store) as session:
        session.add(
            AuditEvent(
                id=event_id,
                at=at,
                actor="system:test",
                verb="test.old",
                object_kind="site",
                object_id="",
                outcome="done",
                details={},
            )
        )
    return event_id


def test_old_events_go_and_younger_ones_stay(county, clock, monkeypatch):
    monkeypatch.setattr(retention, "_BATCH", 2)
    days = DAYS.audit_days
    old = [an_event(county.store, clock() - timedelta(days=days + 1 + n)) for n in range(5)]
    young = an_event(county.store, clock() - timedelta(days=days - 1))
    county.store.note(Event("system:test", "test.today", "site"))
    run_due(county)
    with county.store.read() as session:
        assert [session.get(AuditEvent, one) for one in old] == [None] * 5
        assert session.get(AuditEvent, young) is not None
        removed = session.scalars(
            select(AuditEvent.details).where(AuditEvent.verb == "audit.expire")
        ).all()
    assert sum(one["events"] for one in removed) == 5 and len(removed) == 3
    assert len(events(county, "test.today")) == 1


@pytest.mark.parametrize("verb", ["DELETE FROM audit_events", "UPDATE audit_events SET actor='x'"])
def test_the_database_itself_keeps_the_last_half_year(county, verb):
    an_event(county.store, datetime.now(UTC) - timedelta(days=100))
    with pytest.raises(DBAPIError, match="audit_events"), writing(county.store) as session:
        session.execute(text(verb))


def test_nobody_can_set_less_than_the_law_asks_for():
    with pytest.raises(ValidationError):
        Retention(audit_days=182)
