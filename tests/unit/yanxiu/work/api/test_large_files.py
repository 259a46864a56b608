"""What goes out to browsers and programs goes in pieces: no file lies in memory as a whole."""

import asyncio
import io
import json
import os
from typing import Any

import pytest
from sqlalchemy import update
from yanxiu.courses.model import ReleaseUnit
from yanxiu.store.blobs import chunks_of
from yanxiu.work.reads import attempts
from yanxiu_formats.bundle import unpack, write

from tests.support.browser import HOST, PREFIX, Browser
from tests.support.memory import peak
from tests.support.work import released
from tests.support.writing import writing

SIZE = 15_000_000
MOST = 6_000_000


class Swallowed:
    """A browser that takes an answer in and keeps nothing of it but the head and the end."""

    def __init__(self, app: Any, like: Browser):
        self.app, self.like = app, like

    def get(self, path: str) -> tuple[int, int, bytes]:
        """Return status, length and the last bytes."""
        request = self.like.build_request("GET", path)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": request.url.scheme,
            "server": (request.url.host, request.url.port or 80),
            "client": ("127.0.0.1", 1),
            "root_path": "",
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "query_string": request.url.query,
            "headers": [
                (name.lower(), value)
                for name, value in request.headers.raw
                if name.lower() != b"accept-encoding"
            ],
        }
        status, length, last = 0, 0, b""
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status, length, last
            status = message.get("status", status)
            piece = message.get("body", b"")
            length += len(piece)
            last = (last + piece)[-4000:]

        asyncio.run(self.app(scope, receive, send))
        return status, length, last


@pytest.fixture
def client(app, hub, site):
    def open_for(who: str) -> Browser:
        token = hub.token(site.people[who], "custom:records:learn")
        return Browser(app, base_url=HOST, headers={"authorization": f"token {token}"})

    return open_for


def notebook(source: str) -> str:
    cell = {"cell_type": "code", "id": "c1", "execution_count": 1, "metadata": {}, "outputs": []}
    cells = [{**cell, "source": source}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def noise() -> io.BytesIO:
    return io.BytesIO(os.urandom(SIZE))


@pytest.mark.parametrize("program", [True, False])
def test_a_release(app, site, client, browse, program):
    with site.store.blobs.unnamed() as tar:
        write(tar, [("every.ipynb", SIZE, noise())])
        tar.seek(0)
        blob = site.store.blobs.put(chunks_of(tar))
    with writing(site.store) as session:
        session.execute(update(ReleaseUnit).values(learner_blob=blob))
    if program:
        way, path = client("alice"), f"{PREFIX}api/v1/units/{site.assignment}/release"
    else:
        way, path = browse("alice"), f"{PREFIX}units/{site.assignment}/files.zip"
    assert_in_pieces(app, way, path)


def test_feedback_with_a_large_notebook(app, site, client):
    one = released(site, executed=notebook("x = 1").encode())
    with site.store.read() as session:
        row = attempts.attempt(session, one)
        blob, receipt = row.rendered_blob, row.receipt_no
    with site.store.blobs.path(blob).open("wb") as file:
        file.write(b"<p>cells</p>")
        file.writelines(b"x" * 1000 for _ in range(SIZE // 1000))
    path = f"{PREFIX}api/v1/units/{site.assignment}/submissions/{receipt}/feedback"
    assert_in_pieces(app, client("alice"), path)
    (page,) = unpack(client("alice").get(path).content).values()
    assert page.index(b"</table>") < page.index(b"<p>cells</p>xxx") < page.index(b"</body>")


def assert_in_pieces(app: Any, way: Browser, path: str) -> None:
    """Fetch it, and see that what the service held of it was little."""
    Swallowed(app, way).get(path)  # what is loaded at the first time is not counted
    (status, length, last), most = peak(lambda: Swallowed(app, way).get(path))
    assert status == 200, last
    assert length > SIZE
    assert most < MOST
