"""Portal and servers apart, behind the real proxy: which host answers what, and to whom.

The servers here are the launcher's stand-ins, which answer everybody: whatever is refused, the
gate refused it before a byte reached one.
"""

import http.client
import json
import socket
from collections.abc import Iterator

import httpx
import pytest
from jupyterhub import __version__ as hub_version

from tests.integration.hub.support import (
    Installation,
    Up,
    at_server,
    log_in,
    make_installation,
    new_browser,
    serving,
    start_server,
    wait_until,
)

#: What a server answers with, and nobody else.
REACHED = "JUPYTERHUB_USER"
CLAIMED = ("service-worker-allowed", "clear-site-data", "strict-transport-security")
SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def alice(up, installation) -> Iterator[httpx.Client]:
    """艾老师's browser, with her server running and her pass for it."""
    with new_browser(installation.url) as browser:
        log_in(browser, "T0001")
        start_server(browser, installation.people["alice"])
        yield browser


def raw(
    installation: Installation, host: str, path: str, method: str = "GET", **headers: str
) -> tuple[int, http.client.HTTPMessage, str]:
    """Ask with exactly this host and path: clients would tidy both."""
    connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=15)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", host)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-") if name.islower() else name, value)
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, answer.headers, text


def cookies_for(browser: httpx.Client, host: str, path: str) -> str:
    url = browser.base_url.copy_with(host=host, raw_path=path.encode())
    return str(browser.build_request("GET", url).headers.get("cookie", ""))


PORTAL, SERVERS, STRANGER = "127.0.0.1", "localhost", "yanxiu.example"
HUB, RECORDS = "hub", "records"
#: host, path → who answers a page (as a tab asks for it), and what it says or where it leads.
TABLE = [
    (PORTAL, "/hub/login", HUB, 200),
    (PORTAL, "/hub/api", HUB, 200),
    (PORTAL, "/services/records/healthz", RECORDS, 200),
    (PORTAL, "/", HUB, 302),
    (PORTAL, "/user/{alice}/api", HUB, 302),  # to the servers' host
    (PORTAL, "/.yanxiu/check/{alice}", HUB, 302),  # as every address that is not the hub's
    (PORTAL, "/.yanxiu/enter", HUB, 302),
    (SERVERS, "/", RECORDS, 302),  # to the portal
    (SERVERS, "/hub/login", RECORDS, 404),
    (SERVERS, "/hub/api/user", RECORDS, 404),
    (SERVERS, "/hub/logout", RECORDS, 404),
    (SERVERS, "/services/records/", RECORDS, 404),
    (SERVERS, "/services/records/healthz", RECORDS, 404),
    (SERVERS, "/internal/v1/jobs/lease", RECORDS, 404),
    (SERVERS, "//hub/login", RECORDS, 404),
    (SERVERS, "/user/../hub/login", RECORDS, 404),
    (SERVERS, "/user/{alice}/../../hub/login", RECORDS, 404),
    (SERVERS, "/user/{alice}/..%2f..%2fhub/login", None, 400),
    (SERVERS, "/.yanxiu/check/{alice}", RECORDS, 404),
    (SERVERS, "/.yanxiu/enter", RECORDS, 400),
    (SERVERS, "/user/{bob}/lab", RECORDS, 302),  # not running: the hub's page about it
    (SERVERS, "/user/{alice}/lab", RECORDS, 302),  # running: to the portal for a code
    (STRANGER, "/hub/login", RECORDS, 421),
    (STRANGER, "/services/records/", RECORDS, 421),
    (STRANGER, "/user/{alice}/lab", RECORDS, 421),
    ("", "/hub/login", RECORDS, 421),
    ("127.0.0.1.nip.io", "/hub/login", RECORDS, 421),
    ("hub.localhost", "/user/{alice}/api", RECORDS, 421),
]


@pytest.mark.parametrize(("host", "path", "who", "status"), TABLE)
def test_which_host_answers_what(alice, installation, host, path, who, status):
    path = path.format(**installation.people)
    got, headers, text = raw(
        installation, host, path, Accept="text/html", Sec_Fetch_Mode="navigate"
    )
    assert got == status
    assert REACHED not in text
    if who == RECORDS and status >= 400:
        assert "返回我的研修" in text
    if path.startswith("/user/") and status == 302:
        servers, portal = installation.servers, installation.url
        leads = {
            (PORTAL, "alice"): f"{portal}/hub/user/",
            (SERVERS, "bob"): f"{portal}/hub/user/",
            (SERVERS, "alice"): f"{portal}/services/records/gate?next=%2Fuser%2F",
        }
        [name] = [one for one, person in installation.people.items() if person in path]
        assert headers["location"].startswith((leads[host, name], f"{servers}/user/"))


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost:443", "LocalHost:80"])
def test_however_the_host_is_written_the_gate_is_there(alice, installation, host):
    person = installation.people["alice"]
    path = f"/user/{person}/api"
    assert raw(installation, host, path)[0] == 403
    cookie = cookies_for(alice, "localhost", path)
    assert REACHED in raw(installation, host, path, Cookie=cookie)[2]


@pytest.mark.parametrize("host", ["localhost.", "LocalHost.:80"])
def test_a_dot_behind_the_name_leads_to_the_name(alice, installation, host):
    """To a browser it is another host: without cookies, and with an origin that is nobody's."""
    path = f"/user/{installation.people['alice']}/api"
    cookie = cookies_for(alice, "localhost", path)
    status, headers, text = raw(installation, host, path, Cookie=cookie)
    assert (status, REACHED in text) == (302, False)
    assert headers["location"] == f"http://{host.replace('.', '')}{path}"


def test_only_the_owner_comes_in(alice, installation):
    person = installation.people["alice"]
    assert at_server(alice, person).json()[REACHED] == person
    with new_browser(installation.url) as stranger:
        answer = at_server(stranger, person)
        assert answer.url.path == "/hub/login"
        log_in(stranger, "T0002")
        answer = at_server(stranger, person)
        assert answer.status_code == 403
        assert "属于另一个账号" in answer.text
        path = f"/user/{person}/api"
        for cookie in (
            "",
            cookies_for(stranger, "localhost", path),
            cookies_for(stranger, "127.0.0.1", "/services/records/"),
            cookies_for(alice, "127.0.0.1", "/services/records/"),
        ):
            for headers in ({}, SOCKET, {"Sec-Fetch-Mode": "cors"}, {"Authorization": "token x"}):
                status, _, text = raw(installation, SERVERS, path, Cookie=cookie, **headers)
                assert (status, REACHED in text) == (403, False)


def test_a_websocket_passes_with_the_owners_pass_and_from_the_servers_own_pages(
    alice, installation
):
    path = f"/user/{installation.people['alice']}/api/kernels/x/channels"
    cookie = cookies_for(alice, "localhost", path)
    for origin, passes in (
        (installation.servers, True),
        ("http://evil.example", False),
        (installation.url, False),
    ):
        status, _, text = raw(installation, SERVERS, path, Cookie=cookie, Origin=origin, **SOCKET)
        assert (status, REACHED in text) == ((200, True) if passes else (403, False))


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Uri": "/user/{bob}/api"},
        {"X-Forwarded-Host": "127.0.0.1"},
        {"X-Forwarded-Method": "GET", "X-Forwarded-Proto": "https"},
        {"X_Forwarded_Uri": "/user/{bob}/api"},
        {"X-Original-Url": "/user/{bob}/api"},
        {"X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1;host=127.0.0.1"},
    ],
)
def test_what_a_stranger_says_of_the_request_changes_nothing(alice, installation, headers):
    people = installation.people
    with new_browser(installation.url) as stranger:
        log_in(stranger, "T0002")
        start_server(stranger, people["bob"])
        cookie = cookies_for(stranger, "localhost", f"/user/{people['bob']}/api")
        said = {name: value.format(**people) for name, value in headers.items()}
        status, _, text = raw(
            installation, SERVERS, f"/user/{people['alice']}/api", Cookie=cookie, **said
        )
        assert (status, REACHED in text) == (403, False)


@pytest.mark.parametrize("path", ["/user/{bob}/../{alice}/api", "/user/{bob}/%2e%2e/{alice}/api"])
def test_no_way_of_writing_an_address_leads_to_anothers_server(alice, installation, path):
    people = installation.people
    with new_browser(installation.url) as stranger:
        log_in(stranger, "T0002")
        start_server(stranger, people["bob"])
        cookie = cookies_for(stranger, "localhost", f"/user/{people['bob']}/api")
        _, _, text = raw(installation, SERVERS, path.format(**people), Cookie=cookie)
        assert people["alice"] not in (json.loads(text).get(REACHED) or "")


def test_the_server_sees_no_cookie_of_ours_and_claims_nothing_for_the_host(alice, installation):
    person = installation.people["alice"]
    alice.cookies.set("_xsrf", "mine", domain="localhost.local", path=f"/user/{person}/")
    sent = cookies_for(alice, "localhost", f"/user/{person}/api")
    assert "yanxiu-gate=" in sent
    answer = at_server(alice, person)
    asked = answer.json()["ASKED"].lower()
    assert "yanxiu-gate" not in asked
    assert "cookie: _xsrf=mine\r\n" in asked
    for name in (*CLAIMED, "access-control-allow-credentials"):
        assert name not in answer.headers
    assert hub_version not in str(answer.headers)


def test_without_records_nobody_reaches_a_server(alice, up, installation):
    import os
    import signal

    person = installation.people["alice"]
    path = f"/user/{person}/api"
    cookie = cookies_for(alice, "localhost", path)
    records = up.tree()["records"]
    os.kill(records, signal.SIGSTOP)  # held, so that the answer is not a matter of luck
    try:
        with socket.create_connection(("127.0.0.1", installation.port), timeout=3) as asking:
            asking.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()
            )
            asking.settimeout(2)
            with pytest.raises(TimeoutError):
                asking.recv(100)
    finally:
        os.kill(records, signal.SIGKILL)
    statuses = set()

    def back() -> bool:
        status, _, text = raw(installation, SERVERS, path, Cookie=cookie)
        statuses.add((status, REACHED in text))
        return status == 200

    wait_until(back, 60, "records is back")
    assert {reached for status, reached in statuses if status != 200} <= {False}


class TestForeign:
    """Requests that another site's page makes a browser send to the portal."""

    @pytest.mark.parametrize("path", ["/hub/login", "/hub/logout", "/services/records/logout"])
    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:{port}"])
    def test_a_form_is_refused_at_the_door(self, up, installation, path, origin):
        origin = origin.format(port=installation.port)
        status, _, text = raw(installation, PORTAL, path, "POST", Origin=origin)
        assert status == 403
        assert "没有执行" in text

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    @pytest.mark.parametrize(
        ("mode", "dest"), [("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe")]
    )
    def test_nor_is_a_picture_or_a_frame_let_through(self, up, installation, site, mode, dest):
        fetch = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        for path in ("/hub/logout", "/services/records/static/x/portal.css", "/hub/api/user"):
            assert raw(installation, PORTAL, path, **fetch)[0] == 403

    @pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", "none"])
    def test_a_link_from_anywhere_is(self, up, installation, site):
        fetch = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        assert raw(installation, PORTAL, "/hub/login", **fetch)[0] == 200

    def test_and_the_portals_own_pages_and_programs_are(self, up, installation):
        own = {"Origin": installation.url, "Sec-Fetch-Site": "same-origin"}
        for headers in ({}, own):
            status, _, text = raw(
                installation, PORTAL, "/services/records/logout", "POST", **headers
            )
            # Records asks for an origin itself; from its own pages it asks who it is.
            assert status == (401 if headers else 403)
            assert ("不是从本平台的页面发出的" in text) is (headers == {})


def test_forms_work_behind_a_proxy_that_writes_the_host_in_its_own_way(up, installation):
    """The reason of this: the portal compared the form's origin with what the proxy wrote."""
    for host in (f"127.0.0.1:{installation.port}", "127.0.0.1:443", "127.0.0.1"):
        status, _, text = raw(
            installation, host, "/services/records/logout", "POST", Origin=installation.url
        )
        assert status == 401  # nobody is logged in here: past the question where it comes from
        assert "不是从本平台的页面发出的" not in text


def test_hub_pages_let_no_other_page_hold_on_to_them(up, installation):
    for path in ("/hub/login", "/services/records/privacy"):
        _, headers, _ = raw(installation, PORTAL, path)
        assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.fixture(scope="module")
def named(tmp_path_factory) -> Iterator[Up]:
    """A site with https in front of it, two domains and a name for each person."""
    installation = make_installation(tmp_path_factory.mktemp("named"))
    site = installation.site / "site.yaml"
    public = (
        "public: {portal: 'https://yx.example.cn', servers: 'https://*.yx-jupyter.cn', "
        "proxies: [127.0.0.1]}\n"
    )
    site.write_text(site.read_text() + public)
    with serving(installation) as running:
        yield running


def test_over_https_cookies_are_locked_to_their_host(named):
    status, headers, text = raw(named.installation, "yx.example.cn", "/services/records/")
    assert status == 302
    assert "__Host-yanxiu-records-login-" in headers["set-cookie"]
    person = named.installation.people["alice"]
    status, headers, _ = raw(
        named.installation, f"{person}.yx-jupyter.cn", f"/user/{person}/lab", Accept="text/html"
    )
    assert (status, headers["location"]) == (302, f"https://yx.example.cn/hub/user/{person}/lab")
    for host in ("yx-jupyter.cn", "127.0.0.1", "localhost", "a.b.yx-jupyter.cn"):
        assert raw(named.installation, host, "/hub/login")[0] in {404, 421}
    status, _, text = raw(named.installation, "yx.example.cn", "/hub/login")
    assert status == 200
    assert "form-action 'self' https://*.yx-jupyter.cn;" in text
