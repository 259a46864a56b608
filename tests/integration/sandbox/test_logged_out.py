"""Who sits down at a shared computer after a logout, at a tab that somebody left open.

Asks a stock single-user server and ours the same: does the open connection to the kernel
still run code when the hub does not know the login any more?
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import websocket

from tests.integration.sandbox.accounts import ACCOUNTS, why_not
from tests.integration.sandbox.hub import BROWSER_TOKEN, environment, logged_in
from tests.integration.sandbox.scene import PERSON, running

#: Promised: a logout takes effect within a minute.
MINUTE_S = 60
PREFIX = f"/user/{PERSON}/"


class Tab:
    """A browser tab with a kernel's WebSocket open."""

    def __init__(self, port: int):
        headers = {"Authorization": f"token {BROWSER_TOKEN}"}
        base = f"127.0.0.1:{port}{PREFIX}api/kernels"
        made = httpx.post(f"http://{base}", json={}, headers=headers, timeout=60, trust_env=False)
        kernel = made.raise_for_status().json()["id"]
        self.socket = websocket.create_connection(
            f"ws://{base}/{kernel}/channels",
            header=headers,
            timeout=20,
            http_no_proxy=["*"],
        )

    def runs_code(self) -> bool:
        """Say whether the kernel still does what the tab says."""
        asked = uuid.uuid4().hex
        header = {"msg_id": asked, "msg_type": "execute_request", "session": "tab", "version": "5"}
        content = {"code": "6 * 7", "silent": False, "store_history": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        try:
            self.socket.send(json.dumps({**message, "channel": "shell", "buffers": []}))
            while True:
                opcode, data = self.socket.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    return False
                said = json.loads(data)
                if said["parent_header"].get("msg_id") == asked and "data" in said["content"]:
                    return said["content"]["data"]["text/plain"] == "42"
        except (websocket.WebSocketConnectionClosedException, BrokenPipeError, ConnectionError):
            return False


@contextlib.contextmanager
def stock_server(hub_port: int, home: Path) -> Iterator[int]:
    """JupyterHub's own single-user server, as it comes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = environment(hub_port) | {
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}{PREFIX}",
        "HOME": str(home),
        "PATH": os.environ["PATH"],
    }
    flags = ["--allow-root", "--ServerApp.log_level=ERROR"]
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub.singleuser", *flags],
        env=env,
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


def answers(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        url = f"http://127.0.0.1:{port}{PREFIX}api"
        return httpx.get(url, trust_env=False).status_code == 200
    return False


def test_an_open_tab_runs_code_after_logout_on_a_stock_server_and_not_on_ours(hub_port, tmp_path):
    account = next((one for one in ACCOUNTS if not why_not(one)), None)
    if account is None:
        pytest.skip("needs an account to run a launcher as")
    logged_in.add(BROWSER_TOKEN)
    with stock_server(hub_port, tmp_path) as stock_port, running(account, hub_port) as on:
        server = on.launcher.start_server(PERSON, environment(hub_port))
        deadline = time.monotonic() + MINUTE_S
        while not (answers(stock_port) and answers(server.port)):
            assert time.monotonic() < deadline, "the servers do not answer"
            time.sleep(0.1)
        stock, ours = Tab(stock_port), Tab(server.port)
        assert stock.runs_code() and ours.runs_code()
        logged_in.clear()  # the hub forgets the browser's tokens: that is its logout
        deadline = time.monotonic() + MINUTE_S
        while ours.runs_code():
            assert time.monotonic() < deadline, "still open a minute after the logout"
            time.sleep(1)
        assert stock.runs_code()  # the attack, without the defence
        on.launcher.stop(server.handle, 0)
