"""A school's peak hours: who may set them, what is refused, and whom they hold for."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from yanxiu.culler.process import Peaks
from yanxiu.errors import Invalid, Refused
from yanxiu.quota.model import IdlePeak
from yanxiu.quota.reads import idle
from yanxiu.quota.verbs.set_idle_peak import Hours, read_hours, set_idle_peak
from yanxiu.store.model import AuditEvent
from yanxiu.web.actor import Way
from yanxiu_formats.idle import Peak

EVENING = Hours(1110, 1290, 30)


def put(pools, who, org, wanted=EVENING, way=Way.SESSION):
    county = pools.county
    set_idle_peak(county.store, county.actor(who, way), county.schools[org], wanted)


def rows(pools, table):
    with pools.county.store.read() as session:
        return list(session.scalars(select(table)))


def test_a_school_sets_its_hours_and_takes_them_away(pools):
    put(pools, "organizer1", "school1")
    [row] = rows(pools, IdlePeak)
    assert (row.begins, row.ends, row.idle_minutes) == (1110, 1290, 30)
    assert row.changed_by == pools.county.people["organizer1"]
    event = rows(pools, AuditEvent)[-1]
    assert event.verb == "quota.set_idle_peak"
    assert event.details == {
        "org": "2133000001", "begins": 1110, "ends": 1290, "idle_minutes": 30,
    }  # fmt: skip
    put(pools, "county", "school1", None)
    assert rows(pools, IdlePeak) == []


@pytest.mark.parametrize(
    ("who", "org"),
    [
        ("alice", "school1"),
        ("charlie", "school1"),
        ("organizer2", "school1"),
        ("county2", "school1"),
        ("organizer1", "county"),  # no school
        ("county", "county"),
    ],
)
def test_nobody_else_may(pools, who, org):
    put(pools, "organizer1", "school1")
    for wanted in (Hours(0, 60, 10), None):
        with pytest.raises(Refused):
            put(pools, who, org, wanted)
    assert [row.begins for row in rows(pools, IdlePeak)] == [1110]


@pytest.mark.parametrize("way", [Way.LEARN_TOKEN, Way.TEACH_TOKEN])
def test_no_token_sets_them(pools, way):
    with pytest.raises(Refused):
        put(pools, "organizer1", "school1", way=way)


@pytest.mark.parametrize(
    ("begins", "ends", "minutes"),
    [
        ("18:30", "18:30", "30"),
        ("8:00", "20:01", "30"),  # longer than any peak
        ("18:30", "", "30"),
        ("", "21:30", "30"),
        ("18:30", "21:30", ""),
        ("24:00", "21:30", "30"),
        ("18.30", "21:30", "30"),
        ("１８:30", "21:30", "30"),
        ("18:30", "21:30", "9"),
        ("18:30", "21:30", "120"),  # no shorter than ever
        ("18:30", "21:30", "-30"),
        ("18:30", "21:30", "３０"),
        ("18:30", "21:30", "1e1"),
        ("18:30", "21:30", "99999999999999999999"),
    ],
)
def test_what_means_nothing_is_refused(begins, ends, minutes):
    with pytest.raises(Invalid) as refused:
        read_hours(begins, ends, minutes, 120)
    assert "没有改动" in refused.value.text()


def test_hours_may_go_over_midnight_and_be_typed_with_a_wide_colon():
    assert read_hours("22：00", "1:30", "10", 120) == Hours(1320, 90, 10)
    assert read_hours("22:00", "1:30", "300", 0) == Hours(1320, 90, 300)


def test_they_hold_for_the_teachers_of_the_school_and_nobody_else(pools, clock):
    put(pools, "organizer1", "school1")
    county, at = pools.county, clock()
    with county.store.read() as session:
        found = {
            who: idle.of_person(session, county.people[who], at) for who in ("alice", "charlie")
        }
    # On the site's clock, eight hours ahead.
    assert found == {"alice": Peak(630, 810, 30), "charlie": None}
    for who in ("alice", "charlie"):
        pools.run(who)
    clock.advance(seconds=1)
    with county.store.read() as session:
        running = idle.of_running(session, clock())
    assert running == {county.people["alice"]: (Peak(630, 810, 30), at)}
    assert clock() - at == timedelta(seconds=1)


def test_the_culler_asks_once_in_a_look_and_again_in_the_next(pools):
    at = [0.0]
    peaks = Peaks(pools.county.store, lambda: at[0])
    alice = pools.county.people["alice"]
    pools.run("alice")
    assert peaks(alice) is None
    put(pools, "organizer1", "school1")
    assert peaks(alice) is None, "the same look"
    at[0] += Peaks.FRESH_S
    assert peaks(alice)[0] == Peak(630, 810, 30)
