"""What a person meets: the login page, refusals, the way to the portal and to Jupyter."""

import re

import pytest

from tests.integration.hub.support import PASSWORD, at_server, log_in, start_server, wait_until

OUTSIDE = re.compile(r"""(?:https?:)?//(?!127\.0\.0\.1)[\w.-]+\.\w+""")


def test_the_login_page_is_chinese_light_and_asks_no_other_host(browser):
    answer = browser.get("/hub/login")
    css = browser.get(re.search(r'href="(\S+yanxiu\.css)"', answer.text)[1])
    assert '<html lang="zh-CN">' in answer.text
    assert "登录名" in answer.text
    assert "密码" in answer.text
    assert not OUTSIDE.search(answer.text)
    assert not OUTSIDE.search(css.text)
    assert "<script" not in answer.text
    sent = answer.num_bytes_downloaded + css.num_bytes_downloaded
    assert sent < 30_000  # encoded, of the 300 KB that login and portal may weigh together


def test_pages_cannot_be_framed_and_run_no_script_of_others(browser):
    answer = browser.get("/hub/login")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self';" in answer.text
    assert "x-jupyterhub-version" not in answer.headers


def test_a_teacher_lands_in_the_portal(browser, installation):
    answer = log_in(browser, "T0001")
    assert answer.url.path == "/services/records/"
    assert "我的研修" in answer.text


def test_session_cookies_end_with_the_browser(browser):
    log_in(browser, "T0001")
    kept = [cookie.name for cookie in browser.cookies.jar if cookie.expires is not None]
    # The form's cookie lives an hour and proves nothing; nor does having logged in here before.
    assert set(kept) <= {"_xsrf", "yanxiu-browser", "yanxiu-records-been"}


@pytest.mark.parametrize(
    ("login", "password", "status", "sentence"),
    [
        ("T0002", "wrong", 401, "登录名或密码不对"),
        ("nobody", "wrong", 401, "登录名或密码不对"),
        ("T0002", "", 400, "请输入登录名和密码"),
        ("T" * 65, "x", 400, "登录名或密码太长"),
        ("T0002", "x" * 257, 400, "登录名或密码太长"),
    ],
)
def test_a_refused_login_says_why_on_the_form(browser, login, password, status, sentence):
    answer = log_in(browser, login, password)
    assert answer.status_code == status
    assert sentence in answer.text
    assert 'name="password"' in answer.text


def test_a_form_without_its_token_is_refused_in_chinese(browser):
    answer = browser.post("/hub/login", data={"username": "T0001", "password": PASSWORD})
    assert answer.status_code == 403
    assert "登录页面已过期" in answer.text


def test_no_login_name_and_no_password_reach_the_log(browser, installation):
    log_in(browser, "T0009-mistyped", "pass-mistyped")
    log = (installation.data / "log" / "hub.log").read_text()
    assert "login refused: login.wrong" in log  # the log is the one that would show it
    assert "mistyped" not in log


def test_an_unknown_address_answers_in_chinese(browser):
    log_in(browser, "T0001")
    answer = browser.get("/hub/nothing-here")
    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert "Jupyter has lots of moons" not in answer.text


def test_every_page_says_that_there_is_no_isolation(browser):
    assert "未启用沙箱隔离" in browser.get("/hub/login").text


def test_nobody_can_mint_a_token_in_the_browser(browser, installation):
    log_in(browser, "T0001")
    page = browser.get("/hub/token")
    xsrf = browser.cookies.get("_xsrf", path="/hub/")
    answer = browser.post(
        f"/hub/api/users/{installation.people['alice']}/tokens",
        headers={"X-XSRFToken": xsrf, "Sec-Fetch-Mode": "cors"},
        json={},
    )
    assert page.status_code == 200
    assert answer.status_code in (403, 404)


class TestServer:
    def test_a_teacher_starts_and_stops_jupyter(self, browser, installation):
        alice = installation.people["alice"]
        log_in(browser, "T0001")
        env = start_server(browser, alice)
        assert env["JUPYTERHUB_USER"] == alice
        assert env["YANXIU_RECORDS_URL"].endswith("/services/records")
        # The school's memory, and the site's rest.
        assert env["LIMITS"] == {
            "memory_mb": 700,
            "cpus": 1.0,
            "processes": 200,
            "disk_mb": 1024,
            "files": 100_000,
        }
        assert not [name for name in env if "SECRET" in name or "PASSWORD" in name]

        home = browser.get("/hub/home")
        assert "正在运行" in home.text
        assert "艾老师" in home.text
        stopped = browser.delete(
            f"/hub/api/users/{alice}/server",
            headers={"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/")},
        )
        assert stopped.status_code in (202, 204)
        wait_until(lambda: "没有运行" in browser.get("/hub/home").text, 10, "stopped")

    def test_the_token_in_a_server_learns_and_nothing_else(self, browser, installation):
        bob = installation.people["bob"]
        log_in(browser, "T0002")
        browser.get("/hub/spawn")
        wait_until(lambda: "JUPYTERHUB_API_TOKEN" in at_server(browser, bob).text, 15, "started")
        token = at_server(browser, bob).json()["JUPYTERHUB_API_TOKEN"]
        mine = browser.get("/hub/api/user", headers={"Authorization": f"token {token}"}).json()
        assert mine["name"] == bob
        scopes = {scope.partition("!")[0] for scope in mine["scopes"]}
        assert "custom:records:learn" in scopes
        assert not scopes & {"custom:records:teach", "servers", "tokens", "access:services"}

    def test_the_password_is_changed_before_jupyter_starts(self, browser):
        log_in(browser, "T0003")
        answer = browser.get("/hub/spawn")
        assert answer.status_code == 403
        assert "请先在研修门户修改初始密码" in answer.text

    def test_another_persons_server_is_not_found(self, browser, installation):
        log_in(browser, "T0003")
        answer = browser.get(f"/hub/user/{installation.people['alice']}/")
        assert answer.status_code in (403, 404)


@pytest.mark.parametrize(
    "path",
    [
        "/internal/v1/jobs/lease",
        "/services/records/../../internal/v1",
        "/services/records/%2e%2e/%2e%2e/internal/v1",
        "/services/records/..%2f..%2finternal/v1",
        "/services/records//../internal",
        "/services/internal",
        "//internal/v1",
    ],
)
def test_the_proxy_has_no_way_to_internal(up, path):
    import http.client

    # Not httpx: it would tidy the path before sending.
    connection = http.client.HTTPConnection("127.0.0.1", up.installation.port, timeout=10)
    connection.putrequest("GET", path)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert b"the secret corner" not in body
    assert answer.status in (301, 302, 400, 403, 404)


def test_whoever_has_to_wait_is_told_how_long(browser):
    for _ in range(4):
        answer = log_in(browser, "T0003", "wrong again")
    assert answer.status_code == 429
    assert "密码输错的次数多了" in answer.text
    assert re.search(r"请过 \d+ 秒再试", answer.text)


def test_a_deactivated_person_is_thrown_out_and_the_server_ends(browser, installation):
    """The stand-in reads people again every 2 s, so that the test need not last a minute."""
    bob = installation.people["bob"]
    log_in(browser, "T0002")
    browser.get("/hub/spawn")
    wait_until(lambda: "JUPYTERHUB_USER" in at_server(browser, bob).text, 15, "started")
    installation.set_active("bob", False)
    try:
        wait_until(lambda: browser.get("/hub/home").url.path == "/hub/login", 10, "thrown out")
        wait_until(lambda: "JUPYTERHUB_USER" not in at_server(browser, bob).text, 10, "ended")
        assert log_in(browser, "T0002").status_code == 401
    finally:
        installation.set_active("bob", True)
