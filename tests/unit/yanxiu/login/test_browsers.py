"""The cookie of a browser that has logged in before: for one account, until its password changes."""

import pytest
from yanxiu.login import browsers
from yanxiu.login.browsers import LASTS_DAYS, Browsers

KEY = b"k" * 32


class Clock:
    """Seconds since 1970 that a test moves."""

    now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(clock) -> Browsers:
    return Browsers(KEY, clock)


def test_it_knows_the_account_that_logged_in_and_no_other(keeper):
    browser = keeper.read(keeper.seal(None, "ualice", "$hash"))
    assert keeper.knows(browser, "ualice", "$hash")
    assert not keeper.knows(browser, "ucharlie", "$hash")
    assert not keeper.knows(None, "ualice", "$hash")


def test_a_new_password_ends_it_everywhere(keeper):
    browser = keeper.read(keeper.seal(None, "ualice", "$hash"))
    assert not keeper.knows(browser, "ualice", "$another")
    assert not keeper.knows(browser, "ualice", None), "after a reset there is none yet"


def test_several_people_use_one_computer(keeper):
    cookie = None
    for who in ("ualice", "ubob", "ualice"):
        cookie = keeper.seal(keeper.read(cookie), who, f"$hash of {who}")
    browser = keeper.read(cookie)
    assert all(keeper.knows(browser, who, f"$hash of {who}") for who in ("ualice", "ubob"))
    assert len(browser.marks) == 2
    assert browser.id == keeper.read(keeper.seal(browser, "ubob", "$new")).id


def test_it_stays_small_enough_for_a_cookie(keeper):
    cookie = None
    for number in range(100):
        cookie = keeper.seal(keeper.read(cookie), f"u{number}", "$hash")
    assert len(cookie) < 1500
    browser = keeper.read(cookie)
    assert keeper.knows(browser, "u99", "$hash")
    assert not keeper.knows(browser, "u0", "$hash")


def test_it_says_nothing_about_anybody(keeper):
    assert "ualice" not in keeper.seal(None, "ualice", "$hash")


@pytest.mark.parametrize("cookie", [None, "", "x", "gAAAAA", "é", "x" * 5000])
def test_a_made_up_one_is_nobodys(keeper, cookie):
    assert keeper.read(cookie) is None


def test_it_ends_after_half_a_year_and_with_the_key(keeper, clock):
    cookie = keeper.seal(None, "ualice", "$hash")
    assert Browsers(b"l" * 32, clock).read(cookie) is None
    clock.now += LASTS_DAYS * 86400
    assert keeper.read(cookie) is not None
    clock.now += 1
    assert keeper.read(cookie) is None
    assert browsers.COOKIE == "yanxiu-browser"
