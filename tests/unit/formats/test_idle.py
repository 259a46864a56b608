"""When an unused server stops: the rule of those who stop it and of those who warn."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yanxiu_formats.idle import DAY_MINUTES, Peak, stops_at

EVENING = Peak(630, 810, 30)  # 18:30-21:30 in China
OVER_MIDNIGHT = Peak(1380, 60, 30)
DAY = datetime(2026, 9, 1, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    return DAY + timedelta(days=day, hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("used", "stops", "peak"),
    [
        (at(9), at(10, 30), EVENING),  # idle already when the peak begins
        (at(10, 15), at(10, 45), EVENING),  # half an hour into it
        (at(13, 20), at(15, 20), EVENING),  # it would be idle after its end: as ever
        (at(8), at(10), EVENING),  # before it begins: as ever
        (at(22, 50), at(23, 20), OVER_MIDNIGHT),
        (at(0, 10), at(0, 40), OVER_MIDNIGHT),
        (at(0, 45), at(2, 45), OVER_MIDNIGHT),
    ],
)
def test_a_server_stops_at_the_first_moment_that_allows_it(used, stops, peak):
    assert stops_at(used, 120, peak) == stops


def test_where_servers_never_stop_the_peak_still_counts():
    assert stops_at(at(15), 0, EVENING) == at(10, 30, day=1)
    assert stops_at(at(15), 0) is None


@given(
    begins=st.integers(0, DAY_MINUTES - 1),
    ends=st.integers(0, DAY_MINUTES - 1),
    minutes=st.integers(1, 600),
    ordinary=st.integers(0, 600),
    used=st.integers(0, 3 * DAY_MINUTES),
)
def test_never_sooner_than_the_peak_allows_nor_later_than_ever(
    begins, ends, minutes, ordinary, used
):
    peak, last = Peak(begins, ends, minutes), DAY + timedelta(minutes=used)
    stop = stops_at(last, ordinary, peak)
    assert stop is not None
    least = min(minutes, ordinary or minutes)
    assert stop >= last + timedelta(minutes=least)
    if ordinary:
        assert stop <= last + timedelta(minutes=ordinary)
    # Minute by minute: it is the first one that the rule, said plainly, allows.
    minute = used + least
    while True:
        of_day = minute % DAY_MINUTES
        inside = (of_day - begins) % DAY_MINUTES < ((ends - begins) % DAY_MINUTES or DAY_MINUTES)
        if (ordinary and minute - used >= ordinary) or (inside and minute - used >= minutes):
            break
        minute += 1
    assert stop == DAY + timedelta(minutes=minute)


@given(st.text(max_size=20))
def test_no_text_breaks_a_server(text):
    found = Peak.parse(text)
    assert found is None or str(Peak.parse(str(found))) == str(found)
