"""When a browser's session was used last."""

from pathlib import Path

import pytest
import yanxiu
from yanxiu.login import hub_sessions
from yanxiu.login.hub_sessions import LastUse
from yanxiu.sandbox.inside.watch import WATCH_HEADER


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


def test_logging_out_takes_effect_within_a_minute():
    """The hub's answer holds, then comes the next look."""
    from yanxiu.sandbox.inside import sessions

    assert sessions.FRESH_S + sessions.EVERY_S < 60


def test_the_header_of_questions_is_written_down_once():
    folder = Path(yanxiu.__file__).parent
    at = [one for one in folder.rglob("*.py") if WATCH_HEADER in one.read_text(encoding="utf-8")]
    assert at == [folder / "sandbox/inside/watch.py"]
