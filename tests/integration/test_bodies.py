"""Bodies of strangers at the real platform: the services' memory, and somebody else's page meanwhile.

Through traefik and from beside it, as a sandbox's relay comes. Bounds are on bytes, statuses and
memory; that the same bytes are taken without the layer is shown in tests/unit/yanxiu/web/test_limits.py.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.support.site import Running, platform

MB = 1_000_000
RECORDS = "/services/records/"
UPLOADS = f"{RECORDS}api/v1/units/00000000-0000-7000-8000-000000000007/uploads"
REPORT = "/internal/v1/jobs/00000000-0000-7000-8000-000000000007/report"
HALF_SENT = 1050
PARTS = {"records": "yanxiu.portal.serve", "hub": "jupyterhub"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with platform(tmp_path_factory.mktemp("bodies") / "data") as running:
        yield running


def part(site: Running, name: str) -> psutil.Process:
    """Return the process of a part."""
    for child in psutil.Process(site.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            line = child.cmdline()
            if any(PARTS[name] in word for word in line) and "--help" not in line:
                return child
    raise AssertionError(name)


def rss_mb(site: Running, name: str) -> float:
    return part(site, name).memory_info().rss / MB


def port_of(site: Running, name: str) -> int:
    """Return the port that sandboxes are led to."""
    line = part(site, name).cmdline()
    return int(line[line.index("--port") + 1])


def public(site: Running) -> tuple[str, int]:
    url = httpx.URL(site.url)
    return url.host, url.port or 80


def pour(
    address: tuple[str, int], host: str, path: str, announced: int, kind: str
) -> tuple[int, bytes]:
    """Send a body until nobody takes it; return how much was taken, and the answer's beginning."""
    sent, answer = 0, b""
    with socket.create_connection(address, timeout=20) as line:
        line.sendall(
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {announced}\r\n\r\n".encode()
        )
        chunk = b"x" * 262_144
        with contextlib.suppress(OSError):
            while sent < announced:
                line.sendall(chunk)
                sent += len(chunk)
        with contextlib.suppress(OSError):
            answer = line.recv(65_536)
    return sent, answer


def test_a_strangers_json_leaves_no_memory_behind(site):
    host, port = public(site)
    httpx.get(f"{site.url}{RECORDS}healthz")
    before = rss_mb(site, "records")
    sent, answer = pour((host, port), f"{host}:{port}", UPLOADS, 400 * MB, "application/json")
    assert b" 401 " in answer.split(b"\r\n")[0] or sent < 400 * MB
    assert rss_mb(site, "records") - before < 60


def test_four_long_bodies_at_the_login_form_leave_none_in_the_hub(site):
    host, port = public(site)
    httpx.get(f"{site.url}/hub/login")
    before, after = rss_mb(site, "hub"), []

    def one() -> None:
        pour((host, port), f"{host}:{port}", "/hub/login", 99 * MB, "application/octet-stream")

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        after.append(rss_mb(site, "hub"))
        time.sleep(0.05)
    assert max(after) - before < 60


def test_what_a_sandbox_reaches_has_no_internal_interface(site):
    port = port_of(site, "records")
    before = rss_mb(site, "records")
    form = "multipart/form-data; boundary=x"
    sent, answer = pour(("127.0.0.1", port), f"127.0.0.1:{port}", REPORT, 300 * MB, form)
    assert b" 404 " in answer.split(b"\r\n")[0] or sent < 50 * MB
    assert rss_mb(site, "records") - before < 60
    line = part(site, "records").cmdline()
    inner = int(line[line.index("--internal-port") + 1])
    refused = httpx.post(f"http://127.0.0.1:{inner}{REPORT}", content=b"x" * MB)
    assert (refused.status_code, refused.json()["code"]) == (401, "worker.token")
    assert httpx.get(f"http://127.0.0.1:{inner}{RECORDS}healthz").status_code == 404


def test_a_thousand_half_sent_forms_hold_nobody_up(site):
    host, port = public(site)
    head = (
        f"POST {RECORDS}units/00000000-0000-7000-8000-000000000007 HTTP/1.1\r\n"
        f"Host: {host}:{port}\r\nOrigin: {site.url}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900000\r\n\r\na="
    ).encode()
    lines = [socket.create_connection((host, port), timeout=20) for _ in range(HALF_SENT)]
    try:
        for line in lines:
            line.sendall(head)
        # Somebody else: what one source has in flight is bounded, and it is told so.
        with httpx.Client(
            transport=httpx.HTTPTransport(local_address="127.0.0.2"), timeout=20
        ) as other:
            for _ in range(20):
                assert other.get(f"{site.url}{RECORDS}healthz").status_code == 200
                assert other.get(f"{site.url}/hub/login").status_code == 200
        # Answered and let go: what the proxy keeps of them is the proxy's.
        deadline = time.monotonic() + 60
        while len(part(site, "records").net_connections()) > HALF_SENT // 4:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        for line in lines:
            line.close()


def test_a_small_form_of_a_stranger_still_gets_its_sentence(site):
    answer = httpx.post(
        f"{site.url}{RECORDS}account/password", data={"new": "x"}, headers={"origin": site.url}
    )
    assert answer.status_code == 401
    assert "登录" in answer.text
