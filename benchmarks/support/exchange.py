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
from urllib.parse import urlencode

import httpx
from yanxiu_formats.bundle import pack

from benchmarks.support import unit
from benchmarks.support.stock_hub import ADMIN, StockHub
from benchmarks.support.visitor import Visitor

RECORDS = "/services/records"
NGSHARE = "/services/ngshare"
COURSE, ASSIGNMENT = "c1", "a1"
PATIENCE_S = 60.0


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
    answers: list[dict[str, object]] = []
    async with httpx.AsyncClient(
        base_url=desks[0].url, timeout=PATIENCE_S, trust_env=False
    ) as http:

        async def one(desk: Desk, own: Sequence[bytes]) -> None:
            for body in own:
                began = time.perf_counter()
                answer = await http.post(desk.path, content=body, headers=desk.headers)
                latencies.append(time.perf_counter() - began)
                if answer.status_code not in {200, 201}:
                    raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")
                answers.append(answer.json())

        began = time.perf_counter()
        people = len(desks)
        await asyncio.gather(*(one(desk, bodies[n::people]) for n, desk in enumerate(desks)))
        seconds = time.perf_counter() - began
    return Load(seconds, latencies, answers)


def _files(notebook: bytes) -> str:
    content = base64.encodebytes(notebook).decode()
    return json.dumps([{"path": unit.NOTEBOOK, "content": content}])
