"""Logging in and out: only by the hub, only in the browser that began it, and it ends in time."""

import re

import pytest
from yanxiu.login.accounts import reset_password
from yanxiu.people.model import Credential, Person
from yanxiu.scopes import LEARN as LEARN_SCOPE
from yanxiu.web.hub_login import safe_next

from tests.support.browser import HOST, PREFIX, Browser, log_in
from tests.support.every_task import FIELDS
from tests.support.fake_hub import ACCESS


class Seconds:
    """A monotonic clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds(app):
    app.state.hub.monotonic = Seconds()
    return app.state.hub.monotonic


def test_a_stranger_is_sent_to_the_hub_and_comes_back_to_the_page(site, hub, anonymous):
    wanted = f"{PREFIX}units/{site.assignment}?lang=en"
    leaving = anonymous.get(wanted, follow_redirects=False)
    assert leaving.headers["location"].startswith("/hub/api/oauth2/authorize?")
    code, state = hub.authorize(leaving.headers["location"], site.people["alice"])
    back = anonymous.get(
        f"{PREFIX}oauth_callback?code={code}&state={state}", follow_redirects=False
    )
    assert back.headers["location"] == wanted
    cookie = next(c for c in back.headers.get_list("set-cookie") if c.startswith("yanxiu-records="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path={PREFIX}" in cookie
    # No "remember me": it is gone with the browser.
    assert "max-age" not in cookie.lower()
    assert "expires" not in cookie.lower()
    assert hub.tokens.popitem()[0] not in cookie


def test_another_browser_cannot_finish_the_login(app, site, hub, anonymous):
    leaving = anonymous.page("")
    code, state = hub.authorize(leaving.headers["location"], site.people["alice"])
    with Browser(app, base_url=HOST) as other:
        back = other.page(f"oauth_callback?code={code}&state={state}")
        assert back.status_code == 400
        assert "换了浏览器" in back.text
        assert other.page("").status_code == 302


@pytest.mark.parametrize("query", ["", "code=x", "state=x", "code=x&state=x"])
def test_a_made_up_callback_is_refused(anonymous, query):
    anonymous.page("")
    assert anonymous.page(f"oauth_callback?{query}").status_code == 400


def test_a_code_is_good_once(site, hub, anonymous):
    leaving = anonymous.page("")
    code, state = hub.authorize(leaving.headers["location"], site.people["alice"])
    assert anonymous.page(f"oauth_callback?code={code}&state={state}").status_code == 302
    anonymous.cookies.clear()
    leaving = anonymous.page("")
    _, state = hub.authorize(leaving.headers["location"], site.people["alice"])
    again = anonymous.page(f"oauth_callback?code={code}&state={state}")
    assert again.status_code == 400
    assert "登录没有完成" in again.text


def test_someone_without_access_to_the_service_gets_no_session(site, hub, anonymous):
    leaving = anonymous.page("")
    code, state = hub.authorize(leaving.headers["location"], site.people["alice"])
    issue = hub.token
    hub.token = lambda name, *_: issue(name, "self")
    try:
        answer = anonymous.page(f"oauth_callback?code={code}&state={state}")
    finally:
        del hub.token
    assert answer.status_code == 403
    assert anonymous.page("").status_code == 302


@pytest.mark.parametrize(
    "path, safe",
    [
        (f"{PREFIX}units/1?a=b", True),
        (PREFIX, True),
        ("https://elsewhere.example/services/records/", False),
        ("//elsewhere.example/services/records/", False),
        ("/services/records\\@elsewhere.example", False),
        (f"{PREFIX}\\elsewhere.example", False),
        ("/hub/logout", False),
        (f"{PREFIX}oauth_callback?code=1", False),
        ("javascript:alert(1)", False),
    ],
)
def test_login_leads_only_to_our_own_pages(path, safe):
    assert safe_next(PREFIX, path) == (path if safe else PREFIX)


def test_logout_at_the_hub_bites_within_half_a_minute(site, hub, browse, seconds):
    browser = browse("alice")
    assert browser.page("").status_code == 200
    hub.log_out(site.people["alice"])
    seconds.now += 29
    assert browser.page("").status_code == 200
    seconds.now += 1
    assert browser.page("").status_code == 302


def test_logging_out_here_ends_the_session_and_goes_to_the_hub(hub, browse):
    browser = browse("alice")
    answer = browser.post(f"{PREFIX}logout", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/hub/logout")
    assert browser.page("").status_code == 302


def test_a_foreign_page_cannot_log_anybody_out(browse):
    browser = browse("alice")
    answer = browser.post(f"{PREFIX}logout", headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert browser.page("").status_code == 200


def test_a_deactivated_person_is_out_at_once(site, browse):
    browser = browse("alice")
    with site.store.engine.begin() as connection:
        connection.execute(
            Person.__table__.update().where(Person.id == site.people["alice"]).values(active=False)
        )
    answer = browser.page("")
    assert answer.status_code == 403
    assert "已停用" in answer.text


def test_a_hub_that_is_away_for_a_moment_throws_nobody_out(hub, browse, seconds):
    browser = browse("alice")
    hub.away = True
    seconds.now += 59
    assert browser.page("").status_code == 200
    seconds.now += 1
    answer = browser.page("")
    assert answer.status_code == 503
    assert "登录服务正在重启" in answer.text
    hub.away = False
    assert browser.page("").status_code == 200


def test_the_hub_is_asked_twice_a_minute_and_not_for_every_page(hub, browse, seconds):
    browser = browse("alice")
    before = hub.asked
    for _ in range(5):
        browser.page("")
    assert hub.asked == before
    seconds.now += 30
    browser.page("")
    assert hub.asked == before + 1


def test_a_session_ends_half_an_hour_after_its_last_use(browse, clock):
    browser = browse("alice")
    clock.advance(minutes=29)
    assert browser.page("").status_code == 200
    clock.advance(minutes=29)  # since the last use, 58 minutes since the login
    assert browser.page("").status_code == 200
    clock.advance(minutes=31)
    assert browser.page("").status_code == 302


def test_use_does_not_keep_a_session_past_its_hours(browse, clock):
    browser = browse("alice")
    for _ in range(24):
        clock.advance(minutes=20)
        assert browser.page("").status_code == 200
    clock.advance(minutes=20)
    assert browser.page("").status_code == 302


def test_a_session_is_sealed_anew_at_most_once_a_minute_and_never_at_logout(browse, clock):
    browser = browse("alice")
    clock.advance(seconds=59)
    assert "set-cookie" not in browser.page("").headers
    clock.advance(seconds=1)
    cookie = browser.page("").headers["set-cookie"]
    assert cookie.startswith("yanxiu-records=")
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Max-Age" not in cookie
    clock.advance(minutes=5)
    answer = browser.post(f"{PREFIX}logout", follow_redirects=False)
    assert [one for one in answer.headers.get_list("set-cookie") if "Max-Age=0" not in one] == []
    assert browser.page("").status_code == 302


def test_what_is_typed_is_kept_when_the_session_was_idle_too_long(site, browse, clock):
    browser = browse("alice")
    path = f"units/{site.assignment}"
    token = browser.token_of(path)
    clock.advance(minutes=31)
    answer = browser.post(PREFIX + path, data={"_csrf": token, **FIELDS, "do": "submit"})
    assert answer.status_code == 401
    assert "多数学生在第二题上出错" in answer.text


def test_a_session_does_not_outlive_its_hours(app, browse):
    browser = browse("alice")
    app.state.sessions.session_s = -1
    assert browser.page("").status_code == 302


def test_a_cookie_that_is_remembered_grows_old_all_the_same(app, browse, clock):
    browser = browse("alice")
    opened = app.state.sessions._unseal.cache_info
    for _ in range(3):
        assert browser.page("").status_code == 200
    assert opened().hits >= 2
    clock.advance(minutes=31)
    assert browser.page("").status_code == 302
    assert opened().hits >= 3


@pytest.mark.parametrize("cookie", ["x", "", "gAAAAAB" + "A" * 100])
def test_a_made_up_cookie_is_nobody(anonymous, cookie):
    anonymous.cookies.set("yanxiu-records", cookie)
    assert anonymous.page("").status_code == 302


def test_a_cookie_sealed_with_another_key_is_nobody(site, hub, browse):
    from yanxiu.portal.app import build_app

    from tests.support.browser import make_portal

    browser = browse("alice")
    with Browser(build_app(make_portal(site, hub, session_key="x" * 64)), base_url=HOST) as other:
        other.cookies = browser.cookies
        assert other.page("").status_code == 302


def test_a_first_password_leads_to_the_password_page_from_everywhere(site, browse):
    with site.store.engine.begin() as connection:
        connection.execute(Credential.__table__.update().values(must_change=True, changed_at=None))
    browser = browse("alice")
    for path in ("", f"units/{site.assignment}", "organize/", "organize/people"):
        answer = browser.page(path)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"{PREFIX}account/password",
        )
    page = browser.page("account/password")
    assert "设置新密码" in page.text
    assert 'name="old"' not in page.text
    answer = browser.submit("account/password", {"new": "yunxi-2026", "again": "yunxi-2026"})
    assert answer.headers["location"] == PREFIX
    assert browser.page("").status_code == 200


def test_after_a_reset_the_password_page_asks_for_the_code(site, browse):
    sitting = browse("alice")  # since before the reset
    code = reset_password(site.store, "system:test", site.people["alice"])
    page = sitting.page("account/password")
    assert "激活码" in page.text
    assert 'name="old"' in page.text
    new = {"new": "yunxi-2026", "again": "yunxi-2026"}
    refused = sitting.submit("account/password", new)
    assert refused.status_code == 422
    assert "请填写管理员给您的激活码" in refused.text
    answer = browse("alice").submit("account/password", {**new, "old": code})
    assert answer.headers["location"] == PREFIX


def test_changing_the_password_needs_the_old_one(browse):
    browser = browse("alice")
    new = {"new": "yunxi-2026", "again": "yunxi-2026"}
    for form, text in (
        ({**new, "again": "yunxi-2027"}, "两次输入的新密码不一样"),
        (new, "现在的密码不对"),
        ({**new, "old": "wrong"}, "现在的密码不对"),
    ):
        answer = browser.submit("account/password", form)
        assert answer.status_code == 422
        assert text in answer.text
        assert "yunxi-2026" not in answer.text


@pytest.mark.parametrize("path", ["", "organize/", "organize/people", "account/password"])
@pytest.mark.parametrize("scope", [LEARN_SCOPE, ACCESS, "admin:users"])
def test_no_token_opens_a_page(site, hub, anonymous, path, scope):
    token = hub.token(site.people["organizer1"], scope, ACCESS)
    answer = anonymous.get(
        PREFIX + path, headers={"authorization": f"token {token}"}, follow_redirects=False
    )
    assert answer.status_code == 302


def test_a_session_cookie_cannot_carry_a_servers_token(app, site, hub):
    """The seal is ours, but suppose it leaked: the hub still says what the token is for."""
    token = hub.token(site.people["organizer1"], LEARN_SCOPE)
    with Browser(app, base_url=HOST) as browser:
        from starlette.responses import Response

        response = Response()
        app.state.sessions.begin(response, site.people["organizer1"], token)
        value = re.search(r"yanxiu-records=([^;]+)", response.headers["set-cookie"])[1]
        browser.cookies.set("yanxiu-records", value)
        assert browser.page("organize/").status_code == 302


@pytest.mark.parametrize(
    "header, status",
    [
        (None, 401),
        ("", 401),
        ("token nobody", 401),
        ("Basic abc", 401),
        ("token {learn}", 200),
        ("Bearer {learn}", 200),
        ("token {other}", 403),
    ],
)
def test_the_learning_api_needs_the_learning_scope(site, hub, anonymous, header, status):
    tokens = {
        "learn": hub.token(site.people["alice"], LEARN_SCOPE),
        "other": hub.token(site.people["alice"], ACCESS),
    }
    headers = {"authorization": header.format(**tokens)} if header is not None else {}
    answer = anonymous.get(f"{PREFIX}api/v1/units", headers=headers)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert set(answer.json()) == {"code", "message"}


def test_a_browser_may_read_the_api_but_not_write_without_a_form_token(site, browse):
    browser = browse("alice")
    assert browser.get(f"{PREFIX}api/v1/units").status_code == 200
    path = f"{PREFIX}api/v1/units/{site.assignment}/submissions"
    answer = browser.post(path, content=b"x", headers={"content-type": "application/x-tar"})
    assert (answer.status_code, answer.json()["code"]) == (403, "form.token")


def test_an_expired_session_keeps_what_was_typed(app, site, hub, browse):
    browser = browse("alice")
    path = f"units/{site.assignment}"
    token = browser.token_of(path)
    browser.end_session()
    answer = browser.post(PREFIX + path, data={"_csrf": token, **FIELDS, "do": "submit"})
    assert answer.status_code == 401
    assert "登录已过期" in answer.text
    assert "多数学生在第二题上出错" in answer.text
    kept = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    assert kept["a.present"] == "４２人"
    assert kept["do"] == "submit"
    assert "_csrf" not in kept
    # Back from logging in, the kept form is confirmed once and then goes through.
    log_in(browser, hub, site.people["alice"])
    report = {"a.report": FIELDS["a.report"][0], "a.indicators": ["a", "c"]}
    again = browser.post(PREFIX + path, data={**kept, **report}, follow_redirects=False)
    assert again.status_code == 409
    assert "艾老师" in again.text
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', again.text))
    done = browser.post(PREFIX + path, data={**fields, **report}, follow_redirects=False)
    assert done.status_code == 303
    assert "/receipts/" in done.headers["location"]


def test_typed_passwords_are_not_kept(browse):
    browser = browse("alice")
    browser.end_session()
    answer = browser.post(f"{PREFIX}account/password", data={"old": "geheim-1", "new": "geheim-2"})
    assert answer.status_code == 401
    assert "geheim" not in answer.text


def test_a_hub_away_keeps_what_was_typed(site, hub, browse, seconds):
    browser = browse("alice")
    path = f"units/{site.assignment}"
    token = browser.token_of(path)
    hub.away, seconds.now = True, seconds.now + 61
    answer = browser.post(PREFIX + path, data={"_csrf": token, **FIELDS})
    assert answer.status_code == 503
    assert "多数学生在第二题上出错" in answer.text
