"""Lives are cut at the edges of days and months: nothing is lost, negative or counted twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from yanxiu.clock import SITE_ZONE
from yanxiu.quota.engine import Running
from yanxiu.quota.ledger import begin_of, by_day, by_month, day_of, days_of, month_of
from yanxiu.quota.model import ServerDay, ServerLife, ServerMonth, Wait

INSTANTS = st.datetimes(
    datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)
) | st.datetimes(
    datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(ZoneInfo("Europe/Berlin"))
)
#: One without, one with hours that come twice or not at all.
ZONES = st.sampled_from([SITE_ZONE, ZoneInfo("Europe/Berlin")])


def close(one: float, other: float) -> bool:
    return abs(one - other) < 1e-3


@given(INSTANTS, st.timedeltas(timedelta(days=-3), timedelta(days=70)), ZONES)
def test_the_pieces_are_the_whole(begin, length, zone):
    end = begin.astimezone(UTC) + length
    whole = max(0.0, length.total_seconds())
    days, months = list(by_day(begin, end, zone)), list(by_month(begin, end, zone))
    for pieces in (days, months):
        assert all(seconds > 0 for _, seconds in pieces)
        assert close(sum(seconds for _, seconds in pieces), whole)
        names = [name for name, _ in pieces]
        assert names == sorted(set(names))
    summed: Counter[str] = Counter()
    for day, seconds in days:
        summed[f"{day:%Y-%m}"] += seconds
    assert summed.keys() == dict(months).keys()
    assert all(close(summed[month], seconds) for month, seconds in months)


@given(INSTANTS, st.lists(st.integers(0, 3600 * 60), max_size=8), ZONES)
def test_counted_bit_by_bit_it_is_the_same(begin, steps, zone):
    """The hub says every few seconds that a server still lives."""
    at, bits = begin.astimezone(UTC), Counter()
    for step in steps:
        following = at + timedelta(seconds=step)
        for day, seconds in by_day(at, following, zone):
            bits[day] += seconds
        at = following
    once = Counter(dict(by_day(begin, at, zone)))
    assert bits.keys() == once.keys()
    assert all(close(bits[day], once[day]) for day in once)


@given(INSTANTS, ZONES)
def test_a_day_begins_with_itself(instant, zone):
    day = day_of(instant, zone)
    assert begin_of(day, zone) <= instant < begin_of(day + timedelta(days=1), zone)
    assert day in days_of(month_of(instant, zone))


@pytest.mark.parametrize(
    ("month", "number"),
    [("2026-02", 28), ("2028-02", 29), ("2026-04", 30), ("2026-12", 31)],
)
def test_a_month_has_its_days(month, number):
    found = days_of(month)
    assert (len(found), found[0].day, found[-1].day) == (number, 1, number)


def rows(pools, table):
    with pools.county.store.read() as session:
        return list(session.scalars(select(table)))


def test_days_and_months_are_the_sums_of_lives(pools, clock):
    clock.now = datetime(2026, 9, 30, 14, 30, tzinfo=UTC)  # half past ten in the evening
    pools.run("alice")
    clock.advance(minutes=30)
    pools.run("charlie")
    running = [
        Running(pools.county.people[who], "", clock(), 160, 0.02) for who in ("alice", "charlie")
    ]
    clock.advance(hours=2)
    pools.engine.recount(running)
    clock.advance(minutes=30)
    pools.stop("alice")
    clock.advance(minutes=30)  # the hub died half an hour ago: charlie's life is not prolonged
    pools.engine.recount([])
    first, second = (pools.county.schools[one] for one in ("school1", "school2"))
    found = {(one.school_id, one.day.isoformat()): one for one in rows(pools, ServerDay)}
    hours = {key: (one.seconds / 3600, one.starts) for key, one in found.items()}
    assert hours == {
        (first, "2026-09-30"): (1.5, 1),
        (first, "2026-10-01"): (1.5, 0),
        (second, "2026-09-30"): (1, 1),
        (second, "2026-10-01"): (1, 0),
    }
    months = {(one.school_id, one.month): one.seconds / 3600 for one in rows(pools, ServerMonth)}
    assert months[first, "2026-09"] == months[first, "2026-10"] == 1.5
    lived = {one.school_id: (one.stopped_at - one.started_at) for one in rows(pools, ServerLife)}
    assert lived == {first: timedelta(hours=3), second: timedelta(hours=2)}


@pytest.mark.parametrize("how", ["served", "left", "forgotten"])
def test_a_wait_is_kept_when_it_is_over_and_nobody_is_in_it(pools, clock, how):
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    pools.start("bob")
    assert rows(pools, Wait) == []
    clock.advance(minutes=4)
    pools.where("bob")
    seen = clock()
    if how == "served":
        pools.stop("alice")
    elif how == "left":
        pools.engine.leave(pools.county.people["bob"])
    else:
        clock.advance(minutes=6)
        pools.stop("alice")
    [wait] = rows(pools, Wait)
    assert (wait.until - wait.since, wait.until) == (timedelta(minutes=4), seen)
    assert wait.served is (how == "served")
    assert wait.org_id == pools.county.schools["school1"]
    assert not [name for name in Wait.__table__.columns.keys() if "person" in name]  # noqa: SIM118
