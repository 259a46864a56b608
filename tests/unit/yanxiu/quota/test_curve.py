"""Levels are what counting second by second would give, without a gap."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from yanxiu.quota.curve import Span, changes, levels, peaks

START = datetime(2026, 9, 1, tzinfo=UTC)
MINUTES = st.integers(-50, 150)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


SPANS = st.lists(st.builds(lambda a, b: Span(at(a), at(b)), MINUTES, MINUTES), max_size=20)


def running(spans: list[Span], moment: datetime) -> int:
    return sum(one.since <= moment < one.until for one in spans)


@given(SPANS)
def test_each_minute_is_in_one_level_which_says_how_many_ran(spans):
    found = list(levels(spans, at(0), at(100)))
    assert found[0].since == at(0)
    assert found[-1].until == at(100)
    assert all(one.until == after.since for one, after in itertools.pairwise(found))
    assert all(one.since < one.until for one in found)
    for minute in range(100):
        (level,) = [one for one in found if one.since <= at(minute) < one.until]
        assert level.count == running(spans, at(minute))


@given(SPANS)
def test_the_sum_of_levels_is_the_sum_of_lives(spans):
    lived = sum(
        max(0.0, (min(one.until, at(100)) - max(one.since, at(0))).total_seconds())
        for one in spans
        if one.since < one.until
    )
    assert sum(one.count * one.seconds for one in levels(spans, at(0), at(100))) == lived


@given(SPANS, st.integers(1, 40))
def test_a_peak_is_the_most_within_its_step(spans, step):
    found = peaks(spans, at(0), at(100), timedelta(minutes=step))
    assert [moment for moment, _ in found] == [at(m) for m in range(0, 100, step)]
    for moment, most in found:
        first = (moment - START) // timedelta(minutes=1)
        within = range(first, min(first + step, 100))
        assert most == max(running(spans, at(minute)) for minute in within)


def test_who_ends_when_another_begins_is_never_two():
    spans = [Span(at(0), at(10)), Span(at(10), at(20))]
    assert changes(spans) == {at(0): 1, at(20): -1}
    assert max(one.count for one in levels(spans, at(0), at(30))) == 1


def test_no_time_has_no_levels():
    assert list(levels([Span(at(0), at(10))], at(5), at(5))) == []
    assert peaks([], at(5), at(5), timedelta(minutes=1)) == []
