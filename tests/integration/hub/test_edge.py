"""What the proxy itself refuses, bounds and says: real traefik, hub and records.

Sources are addresses of the loopback. What one of them may have at once is small where that is
the question, so that the attack is short; the same attack without the bound shows what it is for.
"""

import contextlib
import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator

import psutil
import pytest
from yanxiu.gate.routes import MOST_FOR_HUB

from tests.integration.hub.support import (
    Installation,
    Up,
    at_server,
    log_in,
    make_installation,
    serving,
    start_server,
    wait_until,
)

ATTACKER, NEIGHBOUR = "127.0.0.9", "127.0.0.8"
#: Half-sent forms of one machine, as the attack had them.
HALF_SENT = 1050
#: Open files that the account may have: too few for twice as many lines.
FILES = 1600
FORM = "application/x-www-form-urlencoded"
PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}


def ask(
    port: int, path: str, method: str = "GET", body: bytes = b"", host: str = "", **more: str
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=8, source_address=(NEIGHBOUR, 0)
    )
    headers = {"Host": host or f"127.0.0.1:{port}", **PAGE}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    try:
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode(errors="replace")
    finally:
        connection.close()


@contextlib.contextmanager
def half_sent(port: int, number: int, path: str) -> Iterator[list[socket.socket]]:
    """Hold forms of a stranger whose rest never comes."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {FORM}\r\n"
        f"Origin: http://127.0.0.1:{port}\r\nContent-Length: 90000\r\n\r\na="
    ).encode()
    lines = []
    try:
        for _ in range(number):
            with contextlib.suppress(OSError):
                line = socket.create_connection(
                    ("127.0.0.1", port), timeout=2, source_address=(ATTACKER, 0)
                )
                line.sendall(head)
                lines.append(line)
        yield lines
    finally:
        for line in lines:
            line.close()


def served(port: int) -> bool:
    """Say whether somebody else gets the login page and the portal."""
    try:
        pages = [ask(port, path)[0] for path in ("/hub/login", "/services/records/healthz")]
    except (OSError, http.client.HTTPException):
        return False
    return pages == [200, 200]


@pytest.mark.parametrize(("options", "held"), [(["--connections=100000"], False), ([], True)])
def test_half_sent_forms_of_one_machine_keep_nobody_else_out(tmp_path, options, held):
    with serving(make_installation(tmp_path), *options, files=FILES) as up:
        port = up.installation.port
        assert served(port)
        with half_sent(port, HALF_SENT, "/services/records/account/password"):
            if held:
                for _ in range(5):
                    assert served(port)
            else:
                wait_until(lambda: not served(port), 60, "without the bound all are kept out")


class TestBodies:
    def test_a_body_that_is_too_long_for_the_hub_gets_a_page(self, up, installation):
        status, _, text = ask(
            installation.port, "/hub/login", "POST", b"x" * (MOST_FOR_HUB + 1), Content_Type=FORM
        )
        assert status == 413
        assert "提交的内容太大，没有收下" in text
        assert "返回我的研修" in text

    def test_without_the_proxy_the_hub_says_nothing_that_anybody_reads(self, up, installation):
        hub = psutil.Process(up.tree()["hub"])
        [inner] = [c.laddr.port for c in hub.net_connections() if c.status == "LISTEN"]
        connection = http.client.HTTPConnection("127.0.0.1", inner, timeout=8)
        with contextlib.suppress(OSError):
            connection.request("POST", "/hub/login", body=b"x" * (MOST_FOR_HUB + 1))
        try:
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (400, b"")
        except OSError:
            pass  # cut off while still sending

    def test_the_hub_sees_no_half_sent_form(self, up, installation):
        hub = psutil.Process(up.tree()["hub"])

        def lines() -> int:
            return len([c for c in hub.net_connections() if c.status == "ESTABLISHED"])

        before = lines()
        with half_sent(installation.port, 60, "/hub/login"):
            time.sleep(1)
            assert lines() - before < 20

    def test_forms_and_streams_of_the_hub_pass(self, up, installation, browser):
        assert log_in(browser, "T0001").status_code == 200
        person = installation.people["alice"]
        start_server(browser, person)
        token = browser.cookies.get("_xsrf", domain="127.0.0.1", path="/hub/")
        with browser.stream(
            "GET", f"/hub/api/users/{person}/server/progress", params={"_xsrf": token}
        ) as events:
            assert events.headers["content-type"] == "text/event-stream"
            assert any("ready" in line for line in events.iter_lines())


def assert_page_instead(
    installation: Installation, up: Up, part: str, path: str, text: str
) -> None:
    """End a part, and see what its address says until it is back."""
    pid = up.tree()[part]
    # The supervisor is held, so that nothing comes back meanwhile.
    os.kill(up.process.pid, signal.SIGSTOP)
    try:
        os.kill(pid, signal.SIGKILL)
        pages = []

        def away() -> bool:
            pages.append(ask(installation.port, path))
            return pages[-1][0] in {502, 504}

        wait_until(away, 20, "the proxy notices")
        assert text in pages[-1][2]
        status, headers, _ = ask(
            installation.port, path, Accept="application/json", Sec_Fetch_Mode="cors"
        )
        assert status in {502, 504}
        assert headers["content-type"].startswith("application/json")
    finally:
        os.kill(up.process.pid, signal.SIGCONT)
    wait_until(lambda: served(installation.port), 60, "it is back")


class TestPages:
    @pytest.mark.parametrize(
        ("part", "path", "text"),
        [
            ("hub", "/hub/login", "登录服务正在重启"),
            ("records", "/services/records/", "研修门户正在重启"),
        ],
    )
    def test_a_part_that_is_away_has_a_page_of_the_other(self, up, installation, part, path, text):
        assert_page_instead(installation, up, part, path, text)

    def test_a_server_that_has_just_died_has_one_too(self, up, installation, browser):
        person = installation.people["bob"]
        log_in(browser, "T0002")
        start_server(browser, person)
        os.kill(up.process.pid, signal.SIGSTOP)
        try:
            os.kill(up.tree()["launcher"], signal.SIGKILL)  # the stand-in's servers are itself
            wait_until(lambda: at_server(browser, person).status_code != 200, 20, "it is gone")
            answer = at_server(browser, person)
            assert answer.status_code == 502
            assert "您的 Jupyter 没有回应" in answer.text
        finally:
            os.kill(up.process.pid, signal.SIGCONT)
        wait_until(lambda: "launcher" in up.tree(), 60, "the launcher is back")


def test_on_one_origin_a_part_that_is_away_has_a_page_too(tmp_path):
    installation = make_installation(tmp_path)
    with serving(installation, "--one-origin") as up:
        assert_page_instead(installation, up, "hub", "/hub/login", "登录服务正在重启")


@pytest.mark.parametrize("host", ["127.0.0.1.:{port}", "LocalHost.:{port}"])
def test_a_dot_behind_the_name_leads_to_the_name(up, installation, host):
    host = host.format(port=installation.port)
    status, headers, _ = ask(installation.port, "/user/x/a%20b?c=%2F", host=host)
    assert status == 302
    wanted = host.lower().replace(".:", ":")
    assert headers["location"].lower() == f"http://{wanted}/user/x/a%20b?c=%2f"
