"""Hand in notebooks, many at once: the same load on our records service and on ngshare.

Requests are made ready before the clock runs; twenty clients, each one person, send one
after another. Called by ``submit`` and ``autograde``.
"""

import asyncio
import base64
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import httpx
from yanxiu_formats.bundle import pack

from benchmarks.support import unit
from benchmarks.support.stock_hub import ADMIN, StockHub
from benchmarks.support.visitor import Visitor

RECORDS = "/services/records"
NGSHARE = "/services/ngshare"
COURSE, ASSIGNMENT = "c1", "a1"
PATIENCE_S = 60.0
_STATUS = re.compile(r"HTTP/1\.1 (\d{3})")
_LENGTH = re.compile(r"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
#: A connection that stays open.
_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Desk:
    """Where one person hands in.

    :param headers: what proves who it is
    """

    url: str
    path: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Load:
    """What came of a load.

    :param latencies: seconds of each request
    :param answers: what the server said, parsed
    """

    seconds: float
    latencies: list[float]
    answers: list[dict[str, object]]

    @property
    def rate(self) -> float:
        """Return how many a second."""
        return len(self.latencies) / self.seconds


def our_desk(visitor: Visitor) -> Desk:
    """Return where a teacher of ours hands in, with a portal session that the hub confirmed."""
    visitor.http.get(f"{RECORDS}/")
    (assignment,) = visitor.http.get(f"{RECORDS}/api/v1/units").json()
    page = visitor.http.get(f"{RECORDS}/units/{assignment['assignment']}")
    address = f"{RECORDS}/api/v1/units/{assignment['assignment']}/submissions"
    token = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    if token is None:
        raise RuntimeError("the portal's page has no form token")
    headers = {
        "Cookie": visitor.http.build_request("GET", address).headers["Cookie"],
        "Origin": visitor.url,
        "X-CSRF-Token": token[1],
        "Content-Type": "application/x-tar",
    }
    return Desk(visitor.url, address, headers)


def our_body(notebook: bytes) -> bytes:
    """Return a bundle as records takes it."""
    return pack({unit.NOTEBOOK: notebook})


def stock_desks(hub: StockHub, people: int) -> list[Desk]:
    """Make a course, an assignment and its students in ngshare; return where they hand in."""
    names = [f"student{number}" for number in range(people)]
    hub.api("POST", "users", json={"usernames": [ADMIN, *names]})
    admin = {"Authorization": f"token {hub.user_token(ADMIN)}"}
    students = [
        {"username": name, "first_name": "", "last_name": "", "email": ""} for name in names
    ]
    for path, form in (
        (f"course/{COURSE}", {}),
        (f"students/{COURSE}", {"students": json.dumps(students)}),
        (f"assignment/{COURSE}/{ASSIGNMENT}", {"files": _files(unit.notebook())}),
    ):
        answer = httpx.post(
            f"{hub.url}{NGSHARE}/{path}", data=form, headers=admin, timeout=60, trust_env=False
        )
        if not answer.json().get("success"):
            raise RuntimeError(f"ngshare {path}: {answer.text[:300]}")
    return [
        Desk(
            hub.url,
            f"{NGSHARE}/submission/{COURSE}/{ASSIGNMENT}",
            {
                "Authorization": f"token {hub.user_token(name)}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        for name in names
    ]


def stock_body(notebook: bytes) -> bytes:
    """Return a submission as ngshare_exchange sends it."""
    return urlencode({"files": _files(notebook)}).encode()


def send(desks: Sequence[Desk], bodies: Sequence[bytes]) -> Load:
    """Send every body, each person one after another, all people at once.

    :raises RuntimeError: something was refused
    """
    return asyncio.run(_send(desks, bodies))


async def _send(desks: Sequence[Desk], bodies: Sequence[bytes]) -> Load:
    latencies: list[float] = []
    answers: list[bytes] = []
    people = len(desks)
    # Written out before the clock runs: the clients share the machine with what is measured.
    requests = [
        [_request(desk, body) for body in bodies[n::people]] for n, desk in enumerate(desks)
    ]
    address = urlsplit(desks[0].url)
    lines = [await asyncio.open_connection(address.hostname, address.port) for _ in desks]

    async def one(line: _Line, own: Sequence[bytes]) -> None:
        for request in own:
            began = time.perf_counter()
            answers.append(await asyncio.wait_for(_ask(line, request), PATIENCE_S))
            latencies.append(time.perf_counter() - began)

    try:
        began = time.perf_counter()
        await asyncio.gather(*map(one, lines, requests))
        seconds = time.perf_counter() - began
    finally:
        for _, writer in lines:
            writer.close()
    return Load(seconds, latencies, [json.loads(answer) for answer in answers])


def _request(desk: Desk, body: bytes) -> bytes:
    said = {"Host": urlsplit(desk.url).netloc, **desk.headers, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"POST {desk.path} HTTP/1.1\r\n{head}\r\n".encode() + body


async def _ask(line: _Line, request: bytes) -> bytes:
    """Send a request and return the body of its answer: a line that stays open, as browsers do.

    By hand because a client library would take as much of the machine as what is measured.
    """
    reader, writer = line
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, length = _STATUS.match(head), _LENGTH.search(head)
    if status is None or length is None:
        raise RuntimeError(f"no answer of a known length: {head[:300]}")
    body = await reader.readexactly(int(length[1]))
    if status[1] not in {"200", "201"}:
        raise RuntimeError(f"{status[1]}: {body[:300]!r}")
    return body


def _files(notebook: bytes) -> str:
    content = base64.encodebytes(notebook).decode()
    return json.dumps([{"path": unit.NOTEBOOK, "content": content}])
