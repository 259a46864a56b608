"""Who passes the gate, and what everybody else is told. The proxy's questions are made here.

That the proxy asks them, and about everything, is shown with the real one:
tests/integration/hub/test_gate.py.
"""

import asyncio
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from yanxiu.gate.passes import CODE_S, Pass
from yanxiu.portal.app import build_app
from yanxiu.settings.public import layout
from yanxiu.store.model import AuditEvent
from yanxiu.web.hub import FRESH_S, STALE_S

from tests.support.browser import HOST, PREFIX, Browser, log_in, make_portal
from tests.support.fake_hub import ACCESS

SERVERS = "http://servers"
PAGE = {"accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
SCRIPT = {"accept": "*/*", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
SOCKET = {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="}


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def at_servers(app):
    """A browser as it is on the servers' host: with that host's cookies only."""
    with Browser(app, base_url=SERVERS) as browser:
        yield browser


def ask(browser, owner, page="lab", *, method="GET", **headers):
    """What the proxy asks about a request for the server of ``owner``."""
    forwarded = {
        "x-forwarded-uri": f"/user/{owner}/{page}",
        "x-forwarded-method": method,
        "x-forwarded-host": "servers",
    }
    return browser.get(
        f"/.yanxiu/check/{owner}", headers={**forwarded, **headers}, follow_redirects=False
    )


def begin(at_servers, owner, page="lab?a=1&b=%2F"):
    """Open a page without a pass; return the portal's page that the browser is sent to."""
    sent = ask(at_servers, owner, page, **PAGE)
    assert sent.status_code == 302
    return sent.headers["location"]


def enter(portal, at_servers, owner, page="lab?a=1&b=%2F"):
    """Go the whole way; return the last answer."""
    coming = portal.get(begin(at_servers, owner, page), follow_redirects=False)
    assert coming.status_code == 302, coming.text
    return at_servers.get(coming.headers["location"], follow_redirects=False)


def test_the_owner_comes_in_and_goes_where_they_wanted(site, browse, at_servers):
    alice = site.people["alice"]
    done = enter(browse("alice"), at_servers, alice)
    assert done.headers["location"] == f"/user/{alice}/lab?a=1&b=%2F"
    for headers in (PAGE, SCRIPT, SOCKET, {}, {"origin": SERVERS, **SOCKET}):
        assert ask(at_servers, alice, **headers).status_code == 200


def test_a_question_costs_little_of_the_processor(site, browse, at_servers, app):
    """Every file of JupyterLab and every save asks one; load does not change processor time."""
    alice = site.people["alice"]
    enter(browse("alice"), at_servers, alice)
    request = at_servers.build_request("GET", f"/.yanxiu/check/{alice}", headers=SCRIPT)
    scope = {
        "type": "http",
        "method": "GET",
        "path": request.url.path,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
    }
    answers = []

    async def send(message):
        answers.append(message.get("status"))

    async def ask_often(times):
        for _ in range(times):
            await app(dict(scope), None, send)

    asyncio.run(ask_often(50))
    began = time.process_time()
    asyncio.run(ask_often(500))
    assert (time.process_time() - began) / 500 < 0.0005
    assert set(answers) == {200, None}


def ask_by_address(browser, address, host="servers", **headers):
    """What an ingress asks, whose rule is one for everybody."""
    forwarded = {"x-forwarded-uri": address, "x-forwarded-host": host}
    return browser.get(
        "/.yanxiu/check-forwarded", headers={**forwarded, **headers}, follow_redirects=False
    )


def test_an_ingress_is_told_by_the_address_whose_server_it_is(site, browse, at_servers):
    alice, charlie = site.people["alice"], site.people["charlie"]
    enter(browse("alice"), at_servers, alice)
    assert ask_by_address(at_servers, f"/user/{alice}/lab/tree/a%20b.ipynb?x=/../").is_success
    assert ask_by_address(at_servers, f"/user/{charlie}/lab", **SCRIPT).status_code == 403
    assert ask_by_address(at_servers, f"/user/{alice}/lab", host="elsewhere").status_code == 421


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/hub/home",
        "/user/{alice}/../{charlie}/lab",
        "/user/{alice}/%2e%2E/{charlie}/lab",
        "/user/{alice}/..%2f{charlie}/lab",
        "/user/{alice}/..%5C{charlie}/lab",
        "/user%2f{alice}/lab",
        "//user/{alice}/lab",
        "/user/{alice}@elsewhere.cn/",
    ],
)
def test_an_address_that_two_could_read_differently_is_nobodys(site, browse, at_servers, address):
    people = {name: site.people[name] for name in ("alice", "charlie")}
    enter(browse("alice"), at_servers, people["alice"])
    answer = ask_by_address(at_servers, address.format(**people), **SCRIPT)
    assert answer.status_code == 404
    assert "只有教师自己的 Jupyter" in answer.json()["message"]


def test_what_a_server_sees_has_none_of_our_cookies(site, browse, at_servers):
    alice = site.people["alice"]
    enter(browse("alice"), at_servers, alice)
    assert "cookie" not in ask(at_servers, alice).headers
    at_servers.cookies.set("_xsrf", "1", domain="servers.local")
    assert ask(at_servers, alice).headers["cookie"] == "_xsrf=1"


@pytest.mark.parametrize("headers", [SCRIPT, SOCKET, {}])
def test_nobody_and_anybody_else_is_refused_in_chinese(site, browse, at_servers, headers):
    alice, bob = site.people["alice"], site.people["bob"]
    assert ask(at_servers, alice, **headers).status_code == 403
    enter(browse("alice"), at_servers, alice)
    answer = ask(at_servers, bob, **headers)
    assert answer.status_code == 403
    assert "不是您的" in answer.json()["message"]
    assert ask(at_servers, "", **headers).status_code == 403  # a route that is nobody's


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
def test_a_form_of_a_stranger_is_no_page(site, at_servers, method):
    assert ask(at_servers, site.people["alice"], method=method, **PAGE).status_code == 403


def test_a_frame_is_no_page(site, at_servers):
    frame = {**PAGE, "sec-fetch-dest": "iframe"}
    assert ask(at_servers, site.people["alice"], **frame).status_code == 403


@pytest.mark.parametrize("who", ["bob", "charlie", "organizer1", "organizer2", "county", "county2"])
def test_the_portal_gives_nobody_a_code_for_anothers_server(site, browse, at_servers, who):
    answer = browse(who).get(begin(at_servers, site.people["alice"]), follow_redirects=False)
    assert answer.status_code == 403
    assert "属于另一个账号" in answer.text
    site.store.tally.flush()
    with site.store.read() as session:
        [event] = session.query(AuditEvent).filter_by(verb="page.get").all()
    assert (event.actor, event.outcome) == (site.people[who], "refused gate.other")


def test_a_stranger_goes_through_the_login_and_on_to_the_page(site, hub, app, at_servers):
    alice = site.people["alice"]
    wanted = begin(at_servers, alice)
    with Browser(app, base_url=HOST, headers={"origin": HOST}) as browser:
        leaving = browser.get(wanted, follow_redirects=False)
        code, state = hub.authorize(leaving.headers["location"], alice)
        back = browser.get(f"{PREFIX}oauth_callback", params={"code": code, "state": state})
        assert back.request.url.path == "/.yanxiu/enter", back.request.url


@pytest.mark.parametrize(
    "next_page", ["", "/hub/home", "//evil.cn/", "https://evil.cn/user/x/", "/user/u1/lab"]
)
def test_a_code_leads_to_a_server_and_nowhere_else(browse, next_page):
    query = {"next": next_page, "state": "0" * 64}
    answer = browse("alice").get(f"{PREFIX}gate", params=query, follow_redirects=False)
    assert answer.status_code == 404


@pytest.mark.parametrize("state", ["é" * 64, "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n"])
def test_a_code_is_made_for_a_secret_of_the_gate_and_for_nothing_else(site, browse, state):
    query = {"next": f"/user/{site.people['alice']}/lab", "state": state}
    answer = browse("alice").get(f"{PREFIX}gate", params=query, follow_redirects=False)
    assert answer.status_code == 404


@pytest.mark.parametrize(("headers", "is_json"), [(PAGE, False), (SCRIPT, True)])
def test_what_nobody_expected_is_a_sentence_and_opens_nothing(
    site, app, at_servers, monkeypatch, caplog, headers, is_json
):
    def falls_over(*_):
        raise TypeError("secret of somebody")

    monkeypatch.setattr("yanxiu.gate.passes.Passes.read", falls_over)
    for answer in (
        ask(at_servers, site.people["alice"], **headers),
        at_servers.get("/.yanxiu/enter?code=x", headers=headers),
    ):
        assert answer.status_code == 500
        assert "平台出了错" in (answer.json()["message"] if is_json else answer.text)
    assert "TypeError" in caplog.text
    assert "secret of somebody" not in caplog.text + answer.text


def test_a_code_is_of_one_browser_once_and_for_half_a_minute(site, app, browse, at_servers, clock):
    alice = site.people["alice"]
    portal = browse("alice")

    def coming() -> str:
        wanted = begin(at_servers, alice)
        return portal.get(wanted, follow_redirects=False).headers["location"]

    first = coming()
    with Browser(app, base_url=SERVERS) as victim:  # without the secret: somebody else's link
        assert victim.get(first).status_code == 400
        ask(victim, alice, **PAGE)  # with a secret of its own
        assert victim.get(first).status_code == 400
        assert ask(victim, alice).status_code == 403
    secret = dict(at_servers.cookies)
    assert at_servers.get(first, follow_redirects=False).status_code == 302
    at_servers.cookies.clear()
    at_servers.cookies.update(secret)
    replayed = at_servers.get(first, follow_redirects=False)
    assert replayed.status_code == 400
    assert "返回我的研修" in replayed.text or "message" in replayed.json()
    late = coming()
    clock.advance(seconds=CODE_S + 1)
    assert at_servers.get(late, follow_redirects=False).status_code == 400


def test_the_passes_of_two_people_are_refused_said_and_taken_away(site, app, browse, at_servers):
    alice = site.people["alice"]
    enter(browse("alice"), at_servers, alice)
    good = at_servers.cookies["yanxiu-gate"]
    other = app.state.passes.seal(Pass(site.people["bob"], "t")).partition(";")[0]
    answer = ask(at_servers, alice, cookie=f"yanxiu-gate={good}; {other}", **PAGE)
    assert answer.status_code == 403  # and not sent round in circles
    assert "已经全部清除" in answer.text
    ended = answer.headers.get_list("set-cookie")
    assert any("Path=/;" in one and "Max-Age=0" in one for one in ended)
    assert any("Path=/user/;" in one for one in ended)


def test_a_cookie_that_a_page_made_up_shuts_nobody_out(site, browse, at_servers):
    alice = site.people["alice"]
    enter(browse("alice"), at_servers, alice)
    good = at_servers.cookies["yanxiu-gate"]
    assert ask(at_servers, alice, cookie=f"yanxiu-gate=x; yanxiu-gate={good}").status_code == 200


def test_a_logout_ends_it_within_half_a_minute(site, app, hub, browse, at_servers):
    app.state.gate_hub.monotonic = seconds = Seconds()
    alice = site.people["alice"]
    enter(browse("alice"), at_servers, alice)
    assert ask(at_servers, alice).status_code == 200
    hub.log_out(alice)
    seconds.now += FRESH_S
    assert ask(at_servers, alice).status_code == 403
    # The portal remembers the login a little longer; it must not send the browser in circles.
    again = browse("alice").get(begin(at_servers, alice), follow_redirects=False)
    assert "/hub/api/oauth2/authorize" in again.headers["location"]


def test_logging_out_in_the_portal_ends_it_at_once(site, hub, browse, at_servers):
    alice = site.people["alice"]
    portal = browse("alice")
    enter(portal, at_servers, alice)
    portal.post(f"{PREFIX}logout", follow_redirects=False)
    hub.log_out(alice)
    assert ask(at_servers, alice).status_code == 403


def test_when_the_hub_is_away_it_holds_a_minute_and_then_nobody_passes(
    site, app, hub, browse, at_servers
):
    app.state.gate_hub.monotonic = seconds = Seconds()
    alice = site.people["alice"]
    enter(browse("alice"), at_servers, alice)
    hub.away = True
    seconds.now += STALE_S - 1
    assert ask(at_servers, alice).status_code == 200
    seconds.now += 1
    answer = ask(at_servers, alice, **SCRIPT)
    assert answer.status_code == 503
    assert "正在重启" in answer.json()["message"]


def test_the_hub_is_asked_once_in_half_a_minute_and_told_that_it_is_no_use(
    site, app, hub, browse, at_servers
):
    alice = site.people["alice"]
    enter(browse("alice"), at_servers, alice)
    before = hub.asked
    for _ in range(20):
        ask(at_servers, alice)
    assert hub.asked == before
    assert hub.watched >= 1


def test_a_pass_with_a_servers_token_opens_nothing(site, app, hub, at_servers):
    alice = site.people["alice"]
    token = hub.token(alice, "custom:records:learn")
    cookie = app.state.passes.seal(Pass(alice, token)).partition(";")[0]
    assert ask(at_servers, alice, cookie=cookie).status_code == 403
    good = hub.token(alice, ACCESS)
    cookie = app.state.passes.seal(Pass(alice, good)).partition(";")[0]
    assert ask(at_servers, alice, cookie=cookie).status_code == 200


@pytest.mark.parametrize(
    "origin", [HOST, "http://evil.cn", "null", "http://servers:81", "https://servers"]
)
def test_another_hosts_page_opens_no_websocket(site, browse, at_servers, origin):
    alice = site.people["alice"]
    enter(browse("alice"), at_servers, alice)
    assert ask(at_servers, alice, origin=origin, **SOCKET).status_code == 403


def test_whoever_sits_down_next_finds_nothing_of_the_one_before(site, browse, at_servers):
    alice, bob = site.people["alice"], site.people["bob"]
    assert "clear-site-data" not in enter(browse("alice"), at_servers, alice).headers
    assert enter(browse("bob"), at_servers, bob).headers["clear-site-data"] == '"storage"'
    assert ask(at_servers, alice).status_code == 403


def test_one_name_per_person(site, hub):
    names = layout(HOST, "http://*.servers")
    app = build_app(make_portal(site, hub, layout=names))
    alice = site.people["alice"]
    mine = f"http://{alice}.servers"
    with (
        Browser(app, base_url=HOST, headers={"origin": HOST}) as portal,
        Browser(app, base_url=mine) as own,
        Browser(app, base_url=SERVERS) as other,
    ):
        log_in(portal, hub, alice)
        for browser, status in ((other, 421), (own, 302)):
            coming = portal.get(begin(browser, alice), follow_redirects=False)
            address = coming.headers["location"]
            assert address.startswith(f"{mine}/.yanxiu/enter?")
            path = address.removeprefix(mine)
            assert browser.get(path, follow_redirects=False).status_code == status
        assert ask(own, alice).status_code == 200
        assert ask(own, alice, origin=mine, **SOCKET).status_code == 200
        assert ask(own, alice, origin=SERVERS, **SOCKET).status_code == 403


@pytest.mark.parametrize(
    ("path", "headers", "status", "said"),
    [
        ("/.yanxiu/nothing/hub/login", SCRIPT, 404, "只有教师自己的 Jupyter"),
        ("/.yanxiu/nothing/", SCRIPT, 404, "只有教师自己的 Jupyter"),
        ("/.yanxiu/foreign/hub/login", SCRIPT, 403, "没有执行"),
        ("/.yanxiu/unknown-host/", PAGE, 421, "不用这个网址"),
        ("/.yanxiu/no-server/user/uabcdefghij234567/api", SCRIPT, 424, "没有运行"),
        ("/.yanxiu/no-server/user/x/api", PAGE, 404, "只有教师自己的 Jupyter"),
        ("/.yanxiu/", PAGE, 404, "只有教师自己的 Jupyter"),
        ("/.yanxiu/enter", PAGE, 400, "用的时间太长"),
        ("/.yanxiu/enter?code=x", PAGE, 400, "用的时间太长"),
    ],
)
def test_what_nobody_answers_is_said_in_a_sentence(at_servers, path, headers, status, said):
    answer = at_servers.get(path, headers=headers, follow_redirects=False)
    assert answer.status_code == status
    assert said in (answer.text if headers is PAGE else answer.json()["message"])
    assert "script" not in answer.headers["content-security-policy"]
    assert not re.search(r'(?:src|href)="(?!http://testserver/services/records/")', answer.text)


def test_a_page_of_a_server_that_does_not_run_leads_to_the_hubs_page_about_it(at_servers):
    path = "/user/uabcdefghij234567/lab/tree/a%20b.ipynb?x=1"
    answer = at_servers.get(f"/.yanxiu/no-server{path}", headers=PAGE, follow_redirects=False)
    assert answer.headers["location"] == f"{HOST}/hub{path}"


def test_the_servers_address_by_heart_leads_to_the_portal(at_servers):
    answer = at_servers.get("/.yanxiu/nothing/", headers=PAGE, follow_redirects=False)
    assert answer.headers["location"] == f"{HOST}{PREFIX}"


def test_english_when_the_browser_says_so(at_servers):
    answer = at_servers.get("/.yanxiu/nothing/x", headers={"accept-language": "en-GB,en"})
    assert "At this address" in answer.json()["message"]


def test_a_code_says_nothing_to_who_reads_the_address(site, browse, at_servers):
    alice = site.people["alice"]
    portal = browse("alice")
    query = parse_qs(urlsplit(begin(at_servers, alice)).query)
    assert at_servers.cookies["yanxiu-gate-state"] not in str(query)
    coming = portal.get(begin(at_servers, alice), follow_redirects=False).headers["location"]
    assert alice not in coming
