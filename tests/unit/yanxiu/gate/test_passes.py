"""Passes, codes and the secrets that bind them to one browser."""

from datetime import UTC, datetime, timedelta

import pytest
from yanxiu.gate.once import Once
from yanxiu.gate.passes import CODE_S, Entry, Pass, Passes, TwoPasses, digest, owner_of

ALICE, BOB = "uabcdefghij234567", "uzbcdefghij234567"
HOUR = 3600


class Clock:
    now = datetime(2026, 9, 1, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def used(tmp_path):
    return Once(tmp_path / "codes", CODE_S)


@pytest.fixture
def passes(clock, used):
    return Passes("k" * 64, clock, HOUR, used, https=False)


def value(cookie: str) -> str:
    return cookie.partition(";")[0]


def test_a_pass_is_read_until_the_login_is_over(passes, clock):
    cookies = f"other=1; {value(passes.seal(Pass(ALICE, 't')))}"
    assert passes.read(cookies) == Pass(ALICE, "t")
    clock.pass_s(HOUR)
    assert passes.read(cookies) == Pass(ALICE, "t")
    clock.pass_s(1)
    assert passes.read(cookies) is None


@pytest.mark.parametrize(
    "cookies", ["", "yanxiu-gate=", "yanxiu-gate=x", "yanxiu-gate=\xff", "a=b"]
)
def test_what_is_no_pass_is_none(passes, cookies):
    assert passes.read(cookies) is None


def test_a_code_is_no_pass_and_a_pass_no_code(passes):
    entry = Entry(Pass(ALICE, "t"), f"/user/{ALICE}/lab")
    code = passes.code(entry, digest("s"))
    assert passes.read(f"yanxiu-gate={code}") is None
    sealed = value(passes.seal(entry.who)).removeprefix("yanxiu-gate=")
    assert passes.use(sealed, "s") is None


def test_a_pass_outlives_a_change_of_the_secret_as_long_as_the_old_one_is_understood(
    passes, clock, used
):
    cookie = value(passes.seal(Pass(ALICE, "t")))
    both = Passes(f"{'j' * 64},{'k' * 64}", clock, HOUR, used, https=False)
    assert both.read(cookie) == Pass(ALICE, "t")
    assert passes.read(value(both.seal(Pass(ALICE, "t")))) is None  # sealed with the new one
    assert Passes("j" * 64, clock, HOUR, used, https=False).read(cookie) is None


def test_the_pass_of_another_site_is_none(passes, clock, used):
    other = Passes("j" * 64, clock, HOUR, used, https=False)
    assert passes.read(value(other.seal(Pass(ALICE, "t")))) is None


def test_the_passes_of_two_people_are_refused(passes):
    alice, bob = (value(passes.seal(Pass(who, "t"))) for who in (ALICE, "u" + "b" * 16))
    for cookies in (f"{alice}; {bob}", f"{bob}; {alice}"):
        with pytest.raises(TwoPasses):
            passes.read(cookies)


def test_what_only_has_the_name_of_a_pass_shuts_nobody_out(passes):
    good = value(passes.seal(Pass(ALICE, "t")))
    for cookies in (f"{good}; {good}", f"yanxiu-gate=x; {good}", f"{good}; yanxiu-gate="):
        assert passes.read(cookies) == Pass(ALICE, "t")


def test_passes_are_taken_away_wherever_a_page_may_have_them_from(passes):
    ended = passes.end_passes(f"/user/{ALICE}/lab/tree;Domain=x?y=1")
    paths = [one.partition("Path=")[2].partition(";")[0] for one in ended]
    assert paths == [
        "/",
        "/user",
        f"/user/{ALICE}",
        f"/user/{ALICE}/lab",
        "/user/",
        f"/user/{ALICE}/",
        f"/user/{ALICE}/lab/",
        f"/user/{ALICE}/lab/tree",
    ]
    assert all(one.startswith("yanxiu-gate=;") and "Max-Age=0" in one for one in ended)
    assert not any("Domain" in one for one in ended)


def test_a_code_fits_one_browser_once_and_not_for_long(passes, clock):
    state, cookie = passes.new_state()
    assert passes.state(value(cookie)) == state
    entry = Entry(Pass(ALICE, "t"), f"/user/{ALICE}/lab")
    code = passes.code(entry, digest(state))
    assert passes.use(code, None) is None
    assert passes.use(code, passes.new_state()[0]) is None
    assert passes.use(code, state) == entry
    assert passes.use(code, state) is None  # replayed
    late = passes.code(entry, digest(state))
    clock.pass_s(CODE_S + 1)
    assert passes.use(late, state) is None
    in_time = passes.code(entry, digest(state))
    clock.pass_s(CODE_S)
    assert passes.use(in_time, state) == entry


def test_a_code_for_a_secret_that_is_not_ascii_fits_nobody(passes):
    code = passes.code(Entry(Pass(ALICE, "t"), f"/user/{ALICE}/lab"), "é" * 64)
    assert passes.use(code, "s") is None


def test_over_https_cookies_are_locked_to_the_host(clock, used):
    passes = Passes("k" * 64, clock, HOUR, used, https=True)
    for cookie in (passes.seal(Pass(ALICE, "t")), passes.new_state()[1], passes.end_state()):
        assert cookie.startswith("__Host-yanxiu-gate")
        assert "; Path=/; HttpOnly; SameSite=Lax; Secure" in cookie
    # A sibling's cookie without the prefix is nobody's pass.
    assert passes.read(value(passes.seal(Pass(ALICE, "t"))).removeprefix("__Host-")) is None


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("yanxiu-gate=1; a=2", "a=2"),
        ("__Host-yanxiu-gate=1;__Host-yanxiu-gate-state=2", ""),
        (f"jupyterhub-user-{ALICE}=1; jupyterhub-user-{BOB}=2", f"jupyterhub-user-{ALICE}=1"),
        (f"__Host-jupyterhub-user-{BOB}-oauth-state-x=1; _xsrf=2", "_xsrf=2"),
        ('b="quoted; c=3', 'b="quoted; c=3'),
    ],
)
def test_a_server_sees_neither_the_gates_cookies_nor_anothers(passes, sent, seen):
    assert passes.without_own(sent, ALICE) == seen


@pytest.mark.parametrize(
    ("page", "owner"),
    [
        (f"/user/{ALICE}", ALICE),
        (f"/user/{ALICE}/", ALICE),
        (f"/user/{ALICE}/lab/tree/%E7%A0%94.ipynb?a=b&c=/../", ALICE),
        (f"/user/{ALICE}x/lab", None),
        (f"/user/{ALICE}@evil.cn/", None),
        (f"//evil.cn/user/{ALICE}/", None),
        (f"/user/{ALICE}/\\evil.cn", None),
        (f"/user/{ALICE}/\r\nSet-Cookie: a=b", None),
        (f"/hub/user/{ALICE}/", None),
        (f"/user/%75{ALICE[1:]}/", None),
        ("", None),
    ],
)
def test_only_a_page_of_a_server_is_gone_back_to(page, owner):
    assert owner_of(page) == owner
