"""Somebody at a hub, stock or ours: logs in with a password, starts a server, runs a cell.

The same requests to both sides, with cookies as a browser sends them. Times what it does.
"""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PATIENCE_S = 90.0


@dataclass
class Visitor:
    """One person's browser.

    :param url: of the site, without a slash at the end
    :param servers: of people's servers, where they have a host of their own
    :param user: the hub's name of the person, known after ``login``
    """

    url: str
    servers: str = ""
    user: str = ""
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.servers = self.servers or self.url
        self.http = httpx.Client(
            base_url=self.url, follow_redirects=True, timeout=PATIENCE_S, trust_env=False
        )

    def login(self, name: str, password: str) -> "Visitor":
        """Fill in the hub's login form."""
        self.http.get("/hub/login").raise_for_status()
        form = {"username": name, "password": password, "_xsrf": self._xsrf("/hub/")}
        # A stock hub would lead on to the server and thereby start it.
        answer = self.http.post("/hub/login", data=form, follow_redirects=False)
        if answer.status_code != 302:
            raise RuntimeError(f"the hub did not log {name} in: {answer.status_code}")
        self.user = self.api("GET", "/hub/api/user").json()["name"]
        return self

    def start_server(self, look_s: float = 0.02, patience_s: float = PATIENCE_S) -> float:
        """Start one's server; return the seconds until the hub calls it ready.

        :param look_s: between two looks; a crowd that looks fifty times a second is a flood
        """
        began = time.perf_counter()
        answer = self.api("POST", f"/hub/api/users/{self.user}/server")
        while answer.status_code == 202 and not self._ready():
            if time.perf_counter() - began > patience_s:
                raise RuntimeError("the server did not start")
            time.sleep(look_s)
        return time.perf_counter() - began

    def enter_server(self) -> None:
        """Open one's server, which checks with the hub who comes."""
        # As a browser's tab does: a script that asks is not led through the login.
        page = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
        self.http.get(f"{self.home}lab", headers=page).raise_for_status()

    def stop_server(self) -> None:
        """Stop one's server; it is gone when this returns."""
        self.api("DELETE", f"/hub/api/users/{self.user}/server")
        deadline = time.monotonic() + PATIENCE_S
        while self._servers():
            if time.monotonic() > deadline:
                raise RuntimeError("the server did not stop")
            time.sleep(0.1)

    @property
    def home(self) -> str:
        """The address of one's server."""
        return f"{self.servers}/user/{self.user}/"

    def start_kernel(self) -> str:
        """Ask for a kernel in one's server, as JupyterLab does; return its id."""
        body = {"name": "python3"}
        return str(self.api("POST", f"{self.home}api/kernels", json=body).json()["id"])

    def stop_kernel(self, kernel: str) -> None:
        """End a kernel."""
        self.api("DELETE", f"{self.home}api/kernels/{kernel}")

    def run_cell(self, kernel: str, code: str) -> str:
        """Run a cell and return what it printed."""
        return asyncio.run(asyncio.wait_for(self._run_cell(kernel, code), PATIENCE_S))

    async def _run_cell(self, kernel: str, code: str) -> str:
        address = f"{self.home}api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
        socket = await self.open_socket(address)
        printed = await run_on(socket, code)
        socket.close()
        return printed

    async def open_socket(self, address: str) -> WebSocketClientConnection:
        """Open a WebSocket of one's server, with this browser's cookies."""
        cookie = self.http.build_request("GET", address).headers["Cookie"]
        ws = HTTPRequest(
            address.replace("http", "ws", 1),
            headers={"Cookie": cookie},
            connect_timeout=PATIENCE_S,
            request_timeout=PATIENCE_S,
        )
        return await websocket_connect(ws)

    def api(self, method: str, address: str, **more: Any) -> httpx.Response:
        """Ask the hub (by path) or one's server, with the form token that its pages have."""
        # The hub and each server have a form token of their own, by the path of its cookie.
        home = "/hub/" if address.startswith("/hub/") else f"/user/{self.user}/"
        headers = {"X-XSRFToken": self._xsrf(home)}
        answer = self.http.request(method, address, headers=headers, **more)
        if answer.status_code >= 400:
            raise RuntimeError(f"{method} {address}: {answer.status_code} {answer.text[:300]}")
        return answer

    def _xsrf(self, path: str) -> str:
        found = [c.value for c in self.http.cookies.jar if c.name == "_xsrf" and c.path == path]
        return found[-1] or "" if found else ""

    def _servers(self) -> dict[str, Any]:
        servers: dict[str, Any] = self.api("GET", f"/hub/api/users/{self.user}").json()["servers"]
        return servers

    def _ready(self) -> bool:
        return any(one["ready"] for one in self._servers().values())


async def run_on(socket: WebSocketClientConnection, code: str) -> str:
    """Run a cell on a kernel's open WebSocket; return what it printed first."""
    asked = uuid.uuid4().hex
    await socket.write_message(json.dumps(_execute(asked, code)))
    while True:
        raw = await socket.read_message()
        if raw is None:
            raise RuntimeError("the kernel's connection ended")
        message = json.loads(raw)
        if message["parent_header"].get("msg_id") != asked:
            continue
        if message["msg_type"] == "error":
            raise RuntimeError(f"the cell failed: {message['content']['evalue']}")
        if message["msg_type"] == "stream":
            return str(message["content"]["text"])


def _execute(asked: str, code: str) -> dict[str, Any]:
    header = {
        "msg_id": asked,
        "msg_type": "execute_request",
        "username": "",
        "session": uuid.uuid4().hex,
        "date": "",
        "version": "5.3",
    }
    content = {
        "code": code,
        "silent": False,
        "store_history": False,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }
    return {
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
        "channel": "shell",
        "buffers": [],
    }
