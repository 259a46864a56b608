"""What a browser holds open in its Jupyter ends with its login: everything real, through the gate.

At a logout, and when the person changes the password in another browser. That a stock server's
socket goes on running code after the logout is shown in ``sandbox/test_logged_out.py``; that the
gate's questions keep no login awake, in ``hub/test_sessions.py``.
"""

import asyncio
import gc
import re
import time
import uuid

import httpx
from tornado.websocket import WebSocketClientConnection

from benchmarks.support.visitor import Visitor, run_on
from tests.support.site import Running, platform

#: Promised are 30 s, and 60 s after a change; a machine with other work may take its time.
PATIENCE_S = 150.0
FORM_PATH = "/services/records/account/password"
NEW = "云溪-2026-秋"


async def closed(socket: WebSocketClientConnection) -> float:
    """Wait until the other side ends a socket; return when that was."""
    while await socket.read_message() is not None:
        pass
    return time.monotonic()


async def open_all(who: Visitor, kernel: str) -> list[WebSocketClientConnection]:
    """Open what JupyterLab opens: a kernel's channel, and the server's events."""
    # Of two with the same session a server closes the first.
    channel = f"api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
    paths = (channel, "api/events/subscribe")
    return [await who.open_socket(f"{who.home}{path}") for path in paths]


async def ended(sockets: list[WebSocketClientConnection]) -> float:
    """Wait until all of them have ended; return the seconds until then."""
    began = time.monotonic()
    ends = await asyncio.wait_for(asyncio.gather(*map(closed, sockets)), PATIENCE_S)
    return max(ends) - began


async def check_open(sockets: list[WebSocketClientConnection]) -> None:
    printed = await run_on(sockets[0], "print(6 * 7)")
    assert printed.strip() == "42"
    assert sockets[1].protocol is not None


def cookie_for(who: Visitor) -> str:
    return who.http.build_request("GET", f"{who.home}api").headers["Cookie"]


def shut_out(who: Visitor, cookie: str) -> None:
    """Wait until the gate lets no new one in: it asks the hub again within half a minute."""
    deadline = time.monotonic() + PATIENCE_S
    while httpx.get(f"{who.home}api", headers={"Cookie": cookie}).status_code != 403:
        assert time.monotonic() < deadline
        time.sleep(0.5)


def change_password(site: Running, who: Visitor, old: str) -> None:
    """Fill in the portal's form."""
    page = who.http.get(FORM_PATH)
    token = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    assert token is not None, page.url
    form = {"_csrf": token[1], "old": old, "new": NEW, "again": NEW}
    page = who.http.post(FORM_PATH, data=form, headers={"Origin": site.url})
    assert "密码已修改" in page.text


def test_open_sockets_end_with_the_login(tmp_path):
    with platform(tmp_path / "data") as site:
        accounts = site.accounts()
        alice, elsewhere, bob = (
            Visitor(site.url, site.servers).login(one["username"], one["password"])
            for one in (accounts["艾老师"], accounts["艾老师"], accounts["包老师"])
        )
        for one in (elsewhere, bob):
            one.start_server()
        for one in (alice, elsewhere, bob):
            one.enter_server()
        kernels = [elsewhere.start_kernel(), bob.start_kernel()]
        cookies = [cookie_for(one) for one in (alice, elsewhere, bob)]

        async def scene() -> None:
            here, there = [await open_all(one, kernels[0]) for one in (alice, elsewhere)]
            his = await open_all(bob, kernels[1])
            await check_open(his)
            page = await asyncio.to_thread(bob.http.get, "/hub/logout")
            assert "已退出登录" in page.text
            print(f"ended {await ended(his):.1f} s after the logout")
            # Whoever is still logged in keeps theirs.
            await check_open(here)
            await check_open(there)
            old = accounts["艾老师"]["password"]
            await asyncio.to_thread(change_password, site, alice, old)
            print(f"ended {await ended(there):.1f} s after the change of the password")
            await check_open(here)
            for socket in here:
                socket.close()
            await ended(here)

        asyncio.run(scene())
        shut_out(bob, cookies[2])
        shut_out(elsewhere, cookies[1])
        assert httpx.get(f"{alice.home}api", headers={"Cookie": cookies[0]}).status_code == 200
        assert alice.http.get("/hub/home").url.path == "/hub/home"
        assert elsewhere.http.get("/hub/home").url.path == "/hub/login"
        for one in (alice, elsewhere, bob):
            one.http.close()
    # Python 3.11 cannot parse while a finalizer that it meets prints a trace: none is left to meet.
    gc.collect()
