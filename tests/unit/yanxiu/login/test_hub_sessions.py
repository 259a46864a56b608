"""When a browser's session was used last."""

import pytest
from yanxiu.login import hub_sessions
from yanxiu.login.hub_sessions import LastUse


@pytest.mark.parametrize(
    "after_s, passed_s, idle",
    [(60, 59, False), (60, 60, True), (0, 1e9, False)],
)
def test_a_session_is_idle_after_its_time_and_never_if_there_is_none(after_s, passed_s, idle):
    clock = [0.0]
    uses = LastUse(lambda: clock[0])
    uses.touch("s")
    clock[0] = passed_s
    assert uses.idle("s", after_s) is idle


def test_a_session_that_nobody_knows_is_not_idle_but_not_known_either():
    uses = LastUse(lambda: 100.0)
    assert not uses.known("s")
    assert not uses.idle("s", 60)
    uses.touch("s", at=30.0)
    assert uses.idle("s", 60)
    uses.touch("s")
    uses.end("s")
    assert uses.known("s")
    assert uses.idle("s", 60)


def test_memory_is_bounded_and_the_newest_stay(monkeypatch):
    monkeypatch.setattr(hub_sessions, "MOST_REMEMBERED", 10)
    clock = [0.0]
    uses = LastUse(lambda: clock[0])
    for number in range(25):
        clock[0] = number
        uses.touch(f"s{number}")
    assert sum(uses.known(f"s{number}") for number in range(25)) <= 10
    assert uses.known("s24")
    assert not uses.known("s0")


def test_jupyter_watches_with_the_header_that_the_hub_knows():
    from yanxiu.sandbox.inside import sessions

    assert sessions.WATCH_HEADER == hub_sessions.WATCH_HEADER
    # Logging out takes effect within a minute: the hub's answer holds, then the next look.
    assert sessions.FRESH_S + sessions.EVERY_S < 60
