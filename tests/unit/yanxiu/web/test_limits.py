"""Bodies: nobody unknown sends any, nobody sends more than the route takes, nobody sends for ever.

Counted are the bytes that the service takes from the line, with the layer and without it.
"""

import asyncio
import re
import time

import pytest
from fastapi import APIRouter
from starlette.requests import Request
from yanxiu.portal import app as portal
from yanxiu.portal.bodies import WRITES, bodies
from yanxiu.scopes import LEARN
from yanxiu.web import limits
from yanxiu.web.bodies import announced
from yanxiu.web.limits import Sender
from yanxiu.work.api import grading_jobs

from tests.support.browser import HOST, PREFIX, Browser, make_portal
from tests.unit.yanxiu.portal.test_access import leaves

NEVER = "00000000-0000-7000-8000-000000000007"
CHUNK = b"x" * 65_536
JSON, FORM = "application/json", "multipart/form-data; boundary=x"
WORKER = {"authorization": f"token {'w' * 64}"}


class Line:
    """A sender at the other end, and what the service takes and answers."""

    def __init__(self, chunks: int, first: bytes = CHUNK, pause_s: float = 0.0):
        self.left, self.first, self.pause_s = chunks, first, pause_s
        self.taken = 0
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def receive(self):
        await asyncio.sleep(self.pause_s)
        self.left -= 1
        sent = self.first if not self.taken else CHUNK
        self.taken += len(sent)
        return {"type": "http.request", "body": sent, "more_body": self.left > 0}

    async def send(self, message):
        if message["type"] == "http.response.start":
            assert not self.status, "one answer"
            self.status = message["status"]
            self.headers = {key.decode(): value.decode() for key, value in message["headers"]}
        else:
            self.body += message.get("body", b"")


async def send(app, method: str, path: str, line: Line, **headers: str) -> Line:
    named = {"host": "testserver", "origin": HOST, "content_type": JSON, **headers}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (name.replace("_", "-").encode(), value.encode()) for name, value in named.items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    await app(scope, line.receive, line.send)
    return line


def cookies(browser: Browser) -> str:
    return "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)


def address(path: str) -> str:
    return re.sub(r"\{[^}]+\}", NEVER, path)


@pytest.fixture
def undefended(site, hub, monkeypatch):
    """The service as it was: FastAPI reads a body before it asks who sends it."""

    class Nothing:
        def __init__(self, app, **_):
            self.app = app

        async def __call__(self, scope, receive, send):
            await self.app(scope, receive, send)

    monkeypatch.setattr(portal, "BodyLimits", Nothing)
    return portal.build_app(make_portal(site, hub))


def test_every_route_that_takes_a_body_has_a_limit_and_a_sender(app, site):
    routers = [part.router for part in (*portal.PAGES, *portal.API)]
    table = bodies(site.site, PREFIX, routers, grading_jobs.router)
    for route in leaves(app.routes):
        for method in route.methods & WRITES:
            before = "" if route.path.startswith("/internal/") else PREFIX.rstrip("/")
            path = address(before + route.path.removeprefix(PREFIX.rstrip("/")))
            rows = [one for one in table if method in one.methods and one.path.match(path)]
            assert len(rows) == 1, (method, path)
            assert 0 < rows[0].most <= 70_000_000
            assert 0 < rows[0].longest_s <= 1800
    assert {one.sender for one in table} == set(Sender)


def test_a_route_of_nobody_in_particular_does_not_start(site):
    router = APIRouter()

    @router.post("/anything")
    def anything(body: dict[str, str]) -> None:
        """Take what comes."""

    with pytest.raises(LookupError, match="/anything"):
        bodies(site.site, PREFIX, [router], grading_jobs.router)


def every_write(app):
    for route in leaves(app.routes):
        for method in sorted(route.methods & WRITES):
            before = "" if route.path.startswith("/internal/") else PREFIX.rstrip("/")
            yield method, address(before + route.path.removeprefix(PREFIX.rstrip("/")))


@pytest.mark.parametrize("kind", [JSON, FORM])
@pytest.mark.parametrize("length", [{}, {"content_length": "4000000000"}])
async def test_nobody_takes_a_byte_from_a_stranger(app, kind, length):
    rows = list(every_write(app))
    assert len(rows) > 35
    for method, path in rows:
        line = await send(app, method, path, Line(100), content_type=kind, **length)
        assert line.status in {401, 403}, (method, path, line.status)
        assert line.taken == 0, (method, path)
        assert line.headers["connection"] == "close"
        assert re.search("[\u4e00-\u9fff]", line.body.decode()), "a sentence"


UPLOADS = f"{PREFIX}api/v1/units/{NEVER}/uploads"
REPORT = f"/internal/v1/jobs/{NEVER}/report"
PART = b'--x\r\nContent-Disposition: form-data; name="executed"; filename="e"\r\n\r\n'


async def test_without_the_layer_all_of_it_is_taken(undefended):
    """The attacks: a JSON of any length in memory, a file of any length on the disk."""
    line = await send(undefended, "POST", UPLOADS, Line(300))
    assert (line.taken, line.status) == (300 * len(CHUNK), 422)
    line = await send(undefended, "POST", REPORT, Line(300, PART), content_type=FORM)
    assert line.taken > 299 * len(CHUNK)


async def test_a_known_sender_is_stopped_at_the_limit(app, site, hub):
    token = {"authorization": f"token {hub.token(site.people['alice'], LEARN)}"}
    line = await send(app, "POST", UPLOADS, Line(300), **token)
    assert line.status == 413
    assert line.taken <= limits.MOST_TYPED + len(CHUNK)
    assert "超过 1 MB" in line.body.decode()
    line = await send(app, "POST", UPLOADS, Line(300), content_length="4000000000", **token)
    assert (line.status, line.taken) == (413, 0)


async def test_so_is_the_worker(app):
    line = await send(app, "POST", REPORT, Line(2000, PART), content_type=FORM, **WORKER)
    assert line.status == 413
    assert line.taken <= 65_000_000 + len(CHUNK)


async def test_a_session_from_elsewhere_sends_nothing(app, site, browse):
    browser = browse("alice")
    line = await send(
        app,
        "POST",
        f"{PREFIX}units/{site.assignment}",
        Line(100),
        content_type=FORM,
        cookie=cookies(browser),
        origin="https://elsewhere.example",
    )
    assert (line.status, line.taken) == (403, 0)


async def test_a_form_of_a_known_browser_is_kept_up_to_a_limit(app, site, browse):
    browser = browse("alice")
    browser.end_session()
    form = {"content_type": "application/x-www-form-urlencoded", "cookie": cookies(browser)}
    path = f"{PREFIX}units/{site.assignment}"
    line = await send(app, "POST", path, Line(100), content_length="30000000", **form)
    assert (line.status, line.taken) == (413, 0)
    line = await send(app, "POST", path, Line(1, b"a.plan=typed"), content_length="12", **form)
    assert line.status == 401
    assert "typed" in line.body.decode()


async def test_nobody_is_waited_for_for_ever(app, site, hub, monkeypatch):
    token = {"authorization": f"token {hub.token(site.people['alice'], LEARN)}"}
    monkeypatch.setattr(limits, "SILENT_S", 0.2)
    # One that goes silent …
    line = await send(app, "POST", UPLOADS, Line(5, pause_s=600), **token)
    assert line.status == 408
    assert "传得太慢" in line.body.decode()
    # … and one that always sends another byte, just in time.
    slow = Line(10**6, b"x", pause_s=0.05)
    slow.receive = _byte_by_byte(slow)
    line = await send(app, "POST", UPLOADS, slow, **token)
    assert line.status == 408
    assert line.taken < 100


def _byte_by_byte(line: Line):
    async def receive():
        await asyncio.sleep(line.pause_s)
        line.taken += 1
        return {"type": "http.request", "body": b"x", "more_body": True}

    return receive


async def test_time_that_a_handler_takes_is_not_the_senders(monkeypatch):
    monkeypatch.setattr(limits, "SILENT_S", 0.2)
    line = Line(5)
    arriving = limits.Arriving(line.receive, 10**9, 1, 1.0)
    for _ in range(4):
        assert (await arriving())["type"] == "http.request"
        time.sleep(0.1)
    assert arriving.refusal is None


@pytest.mark.parametrize(
    ("port", "path", "there"),
    [
        (8001, "/internal/v1/jobs/lease", False),
        (8002, "/internal/v1/jobs/lease", True),
        (8001, f"{PREFIX}healthz", True),
        (8002, f"{PREFIX}healthz", False),
    ],
)
async def test_the_workers_interface_has_a_listener_of_its_own(site, hub, port, path, there):
    app = portal.build_app(make_portal(site, hub, internal_port=8002))
    line, method = Line(1, b'{"worker": "w"}'), "POST" if "lease" in path else "GET"
    scope_app = _at(app, port)
    await send(scope_app, method, path, line, **WORKER)
    assert (line.status != 404) is there


def _at(app, port: int):
    async def at(scope, receive, send):
        await app({**scope, "server": ("127.0.0.1", port)}, receive, send)

    return at


@pytest.mark.parametrize(
    ("said", "meant"), [("12", 12), ("", None), ("²", None), ("1" * 5000, None), ("-1", None)]
)
def test_lengths_that_python_cannot_read_are_none(said, meant):
    headers = [(b"content-length", said.encode("latin-1"))]
    assert announced(Request({"type": "http", "headers": headers})) == meant
