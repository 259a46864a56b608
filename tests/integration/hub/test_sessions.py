"""A browser that nobody uses is logged out of the hub, and of what it let in."""

import time
from collections.abc import Iterator

import httpx
import pytest
from yanxiu.login import accounts
from yanxiu.login.guessing import Guesses
from yanxiu.sandbox.inside.watch import WATCH_HEADER
from yanxiu.scopes import CUSTOM_SCOPES
from yanxiu.settings.model import LoginSettings

from tests.integration.hub.support import (
    PASSWORD,
    Up,
    log_in,
    make_installation,
    new_browser,
    serving,
    start_server,
    wait_until,
)

#: A busy machine takes seconds between two lines of a test.
IDLE_S = 8


@pytest.fixture(scope="module")
def idle_up(tmp_path_factory) -> Iterator[Up]:
    installation = make_installation(tmp_path_factory.mktemp("idle"))
    with serving(installation, f"--idle={IDLE_S}") as running:
        yield running


@pytest.fixture
def browser(idle_up) -> Iterator[httpx.Client]:
    with new_browser(idle_up.installation.url) as client:
        yield client


def is_in(browser: httpx.Client) -> bool:
    return browser.get("/hub/home").url.path == "/hub/home"


def session_token(installation, browser: httpx.Client, who: str = "alice") -> str:
    """Return a token of the browser's session, as the portal's and Jupyter's are."""
    from jupyterhub import orm, scopes
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    scopes.define_custom_scopes(CUSTOM_SCOPES)
    engine = create_engine(f"sqlite:///{installation.data}/db/hub.sqlite")
    with Session(engine) as db:
        user = db.query(orm.User).filter_by(name=installation.people[who]).one()
        token = user.new_api_token(note="", scopes=["read:users:name!user"])
        found = orm.APIToken.find(db, token)
        found.session_id = browser.cookies["jupyterhub-session-id"]
        db.commit()
    engine.dispose()
    return token


def test_use_keeps_a_session_and_its_lack_ends_it(browser):
    log_in(browser, "T0001")
    for _ in range(3):
        time.sleep(IDLE_S / 2)
        assert is_in(browser)
    time.sleep(IDLE_S + 1)  # the hub's own clock: it runs in another process
    assert not is_in(browser)
    # Logging in again works at once, in the same browser.
    log_in(browser, "T0001")
    assert is_in(browser)


def ask(installation, token: str, **headers: str) -> int:
    url = f"{installation.url}/hub/api/user"
    return httpx.get(url, headers={"Authorization": f"token {token}", **headers}).status_code


def test_the_portal_keeps_the_session_awake_and_a_watching_tab_does_not(browser, idle_up):
    log_in(browser, "T0001")
    token = session_token(idle_up.installation, browser)
    for _ in range(3):
        time.sleep(IDLE_S / 2)
        assert ask(idle_up.installation, token) == 200
    assert is_in(browser)
    watching = {WATCH_HEADER: "1"}
    wait_until(
        lambda: ask(idle_up.installation, token, **watching) != 200,
        IDLE_S * 2,
        "watching alone does not keep the session",
    )
    assert not is_in(browser)


def test_an_open_jupyter_tab_keeps_nobody_logged_in_by_the_gate_s_questions(browser, idle_up):
    """The stand-in's server asks the hub nothing: whoever asks here is the gate."""
    person = idle_up.installation.people["bob"]
    log_in(browser, "T0002")
    start_server(browser, person)
    headers = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}
    servers = f"{idle_up.installation.servers}/user/{person}/api"

    def over() -> bool:
        time.sleep(0.5)
        return browser.get(servers, headers=headers).status_code == 403

    # The session's own time, and what the gate remembers.
    wait_until(over, IDLE_S + 60, "the session ends though the tab goes on asking")
    assert not is_in(browser)


def test_logging_out_ends_the_tokens_of_this_browser_and_of_no_other(browser, idle_up):
    log_in(browser, "T0001")
    token = session_token(idle_up.installation, browser)
    with new_browser(idle_up.installation.url) as elsewhere:
        log_in(elsewhere, "T0001")
        assert ask(idle_up.installation, token) == 200
        page = browser.get("/hub/logout")
        assert "已退出登录" in page.text
        assert ask(idle_up.installation, token) in (401, 403)
        assert not is_in(browser)
        assert is_in(elsewhere)


def test_pages_are_in_english_when_the_reader_says_so(browser):
    page = browser.get("/hub/login?lang=en")
    assert "Log in" in page.text
    assert '<html lang="en">' in page.text
    assert "Log in" in browser.get("/hub/login").text  # remembered
    wrong = log_in(browser, "T0002", "wrong")
    assert "登录名" not in wrong.text
    log_in(browser, "T0001")
    assert "My Jupyter" in browser.get("/hub/home").text
    assert "not found" in browser.get("/hub/nowhere").text.lower()
    browser.get("/hub/home?lang=zh_CN")
    assert '<html lang="zh-CN">' in browser.get("/hub/home").text


def test_a_reset_ends_every_login_before_it(browser, idle_up):
    person = idle_up.installation.people["alice"]
    log_in(browser, "T0001")
    token = session_token(idle_up.installation, browser)
    code = accounts.reset_password(idle_up.installation.store(), "system:test", person)
    with new_browser(idle_up.installation.url) as owner:
        log_in(owner, "T0001", code)
        assert is_in(owner)
        # At once, not at the hub's next look.
        assert not is_in(browser)
        assert ask(idle_up.installation, token) in (401, 403)
        assert is_in(owner)


def test_a_reset_ends_them_though_nobody_uses_the_code(browser, idle_up):
    log_in(browser, "T0002")
    person = idle_up.installation.people["bob"]
    accounts.reset_password(idle_up.installation.store(), "system:test", person)

    def over() -> bool:
        time.sleep(IDLE_S / 4)  # in use all the time
        return not is_in(browser)

    wait_until(over, 60, "the hub reads the person again and ends the login")


def test_a_changed_password_ends_the_other_logins_and_keeps_this_one(browser, idle_up):
    installation = idle_up.installation
    store, rules = installation.store(), LoginSettings()
    log_in(browser, "T0003")
    with new_browser(installation.url) as elsewhere:
        log_in(elsewhere, "T0003")
        here, there = (session_token(installation, one, "charlie") for one in (browser, elsewhere))

        def change(old: str, new: str) -> None:
            login_id = browser.cookies["jupyterhub-session-id"]
            person = installation.people["charlie"]
            accounts.change_password(store, rules, Guesses(rules), person, old, new, login_id)

        def over() -> bool:
            time.sleep(IDLE_S / 4)  # both in use all the time
            assert is_in(browser)
            assert ask(installation, here) == 200
            return not is_in(elsewhere)

        assert is_in(elsewhere)
        assert ask(installation, there) == 200
        change(PASSWORD, "云溪-2026-秋")
        wait_until(over, 60, "the hub reads the person again and ends the other login")
        assert ask(installation, there) in (401, 403)
        assert is_in(browser)
        # Whoever knows the new password gets in, and the next change ends that at its time.
        log_in(elsewhere, "T0003", "云溪-2026-秋")
        assert is_in(elsewhere)
        change("云溪-2026-秋", "云溪-2027-春")
        with new_browser(installation.url) as third:
            log_in(third, "T0003", "云溪-2027-春")
            # At once: somebody has come in since.
            assert not is_in(elsewhere)
            assert is_in(third)
        assert is_in(browser)
        assert ask(installation, here) == 200


def test_a_login_without_its_session_s_cookie_ends_too(browser, idle_up):
    """Whoever sits there can leave the cookie out, and be the first to ask."""
    installation = idle_up.installation
    store, rules = installation.store(), LoginSettings()
    person = installation.people["bob"]
    code = accounts.reset_password(store, "system:test", person)
    log_in(browser, "T0002", code)
    with new_browser(installation.url) as elsewhere:
        # The code works until a password is chosen, but only for the one who came last.
        log_in(elsewhere, "T0002", code)
        assert is_in(elsewhere)
        assert not is_in(browser)
        accounts.change_password(
            store, rules, Guesses(rules), person, code, "云溪-2026-秋", "the session of nobody here"
        )

        def over() -> bool:
            time.sleep(IDLE_S / 4)
            elsewhere.cookies.delete("jupyterhub-session-id")
            return not is_in(elsewhere)

        wait_until(over, 60, "a login without a session is none that goes on")
