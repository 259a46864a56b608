"""How often a password may be tried: nobody is locked out by somebody else, nobody guesses for long."""

import doctest
import threading

import pytest
from yanxiu.errors import Refused
from yanxiu.login import guessing
from yanxiu.login.guessing import Guesses
from yanxiu.settings.model import LoginSettings

RULES = LoginSettings()
SCHOOL, ATTACKER = "203.0.113.1", "198.51.100.66"
DAY_S = 86_400


class Clock:
    """Seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guesses(clock) -> Guesses:
    return Guesses(RULES, clock)


def wrong(guesses: Guesses, name: str, source: str = ATTACKER, browser: str | None = None) -> str:
    """Try a wrong password; return what the refusal says, nothing if the password was looked at."""
    try:
        guesses.begin(name, source, browser)
    except Refused as refused:
        assert (refused.code, refused.status) == ("login.wait", 429)
        return refused.text()
    return ""


def test_the_manual_is_right():
    assert doctest.testmod(guessing).failed == 0


def test_wrong_passwords_of_one_source_keep_no_other_source_out(guesses, clock):
    for _ in range(20):
        wrong(guesses, "9000")
    assert wrong(guesses, "9000").startswith("密码输错的次数多了，请过 30 秒再试")
    guesses.begin("9000", SCHOOL).right()
    # One counter for the account, as it was before, keeps everybody out: that was the attack.
    one_counter = Guesses(RULES, clock)
    for _ in range(20):
        wrong(one_counter, "9000", "all")
    assert wrong(one_counter, "9000", "all")


def test_a_known_browser_passes_even_beside_the_attacker(guesses):
    for _ in range(300):
        wrong(guesses, "9000")
    assert wrong(guesses, "9000")
    assert not wrong(guesses, "9000", browser="of the organizer")


def test_a_known_browser_has_a_counter_of_its_own(guesses):
    """A pupil at the teacher's computer."""
    said = [wrong(guesses, "1001", SCHOOL, "at school") for _ in range(6)]
    assert [bool(one) for one in said] == [False] * 5 + [True]
    assert not wrong(guesses, "1001", SCHOOL, "at home")


@pytest.mark.parametrize("name", ["9000", "no-such-name"])
def test_the_waits_grow_and_end(guesses, clock, name):
    for _ in range(5):
        assert not wrong(guesses, name)
    waits = []
    for _ in range(7):
        began = clock.now
        while wrong(guesses, name):
            clock.now += 1
        waits.append(clock.now - began)
    assert waits == [30, 60, 120, 240, 480, 900, 0], "after the longest wait it begins anew"


def test_nobody_tries_more_than_a_few_hundred_a_day(guesses, clock):
    looked_at = 0
    for _ in range(DAY_S // 10):
        looked_at += not wrong(guesses, "9000")
        clock.now += 10
    assert looked_at <= 24 * 4 * 6


def test_the_right_password_forgets_what_was_wrong_before(guesses):
    for _ in range(4):
        guesses.begin("1001", SCHOOL)
    guesses.begin("1001", SCHOOL).right()
    assert not any(wrong(guesses, "1001", SCHOOL) for _ in range(5))


def test_many_at_once_are_not_more_than_one_after_the_other(guesses):
    """Else a hundred requests in the same moment are a hundred guesses."""
    barrier, said = threading.Barrier(20), []

    def one() -> None:
        barrier.wait()
        said.append(wrong(guesses, "9000"))

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count("") == 5


def test_what_was_not_looked_at_does_not_count(guesses):
    for _ in range(50):
        guesses.begin("1001", SCHOOL).not_made()
    assert not any(wrong(guesses, "1001", SCHOOL) for _ in range(5))


def test_a_name_is_one_name_however_it_is_written(guesses):
    for name in (
        "12000001001",
        "120 0000 1001",
        "+8612000001001",
        "120-0000-1001",
        "１２０００００１００１",
    ):
        assert not wrong(guesses, name)
    assert wrong(guesses, "1 2000001001")


def test_a_school_behind_one_address_logs_in_at_eight(guesses):
    """Sixty teachers, one source; half of them mistype, some of them four times."""
    for number in range(60):
        for _ in range(number % 5):
            assert not wrong(guesses, f"T{number}", SCHOOL)
        guesses.begin(f"T{number}", SCHOOL).right()


def test_a_training_room_of_three_hundred_does_as_well(guesses):
    for number in range(300):
        for _ in range(3):
            assert not wrong(guesses, f"T{number}", SCHOOL)
        guesses.begin(f"T{number}", SCHOOL).right()


def test_one_password_for_all_names_is_slowed_down(guesses, clock):
    """Each name once is no wrong name too often; the source counts as well."""
    looked_at = 0
    for number in range(3600):
        looked_at += not wrong(guesses, f"T{number}")
        clock.now += 1
    assert looked_at <= RULES.tries_per_source * 5 + 1
    unlimited = Guesses(LoginSettings(tries_per_source=1_000_000), clock)
    assert not any(wrong(unlimited, f"T{number}") for number in range(3600))
    # What others at that source do meanwhile: known browsers pass, the rest has its turn in seconds.
    assert not wrong(guesses, "1001", browser="known")
    while wrong(guesses, "1001"):
        clock.now += 1
    assert clock.now < 1000 + 3600 + 10


def from_everywhere(guesses: Guesses, clock: Clock, name: str, hours: float) -> int:
    """Try a name from a thousand sources in turn, one each second; return how many were looked at."""
    looked_at = 0
    for number in range(int(hours * 3600)):
        looked_at += not wrong(guesses, name, f"source {number % 1000}")
        clock.now += 1
    return looked_at


def test_a_name_that_is_tried_from_everywhere_is_slowed_down(clock, monkeypatch):
    looked_at = from_everywhere(Guesses(RULES, clock), clock, "9000", hours=4)
    assert looked_at < 30 + 60 * 5 + 4 * 60
    monkeypatch.setattr(guessing, "FREE_EVERYWHERE", 10**9)  # by source alone: the attack
    assert from_everywhere(Guesses(RULES, clock), clock, "9000", hours=4) > 10 * looked_at


def test_that_keeps_no_known_browser_out_and_nobody_else_for_long(guesses, clock):
    from_everywhere(guesses, clock, "9000", hours=4)
    assert not wrong(guesses, "9000", SCHOOL, "of the organizer")
    assert not wrong(guesses, "1001", SCHOOL), "other names do not wait"
    began = clock.now
    while wrong(guesses, "9000", SCHOOL):
        clock.now += 1
    assert clock.now - began <= 60
    clock.now += guessing.FORGET_EVERYWHERE_S
    assert not any(wrong(guesses, "9000", f"another {number}") for number in range(30))


def test_the_right_password_of_a_stranger_counts_for_nothing_there(guesses):
    for number in range(200):
        guesses.begin("1001", f"source {number}").right()
    assert not wrong(guesses, "1001")


def test_the_memory_of_it_has_an_end(monkeypatch, clock):
    monkeypatch.setattr(guessing, "MOST_COUNTERS", 100)
    guesses = Guesses(LoginSettings(tries_per_source=1_000_000), clock)
    for number in range(1000):
        guesses.begin(f"T{number}", f"source {number}")
    kept = (guesses._counters, guesses._budgets, guesses._everywhere)
    assert [len(one) for one in kept] == [100] * 3
