"""Two heavy pages a person, threads of their own, nothing for who has gone; lists never wait."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Annotated

import httpx
import pytest
from anyio import to_thread
from fastapi import Depends, FastAPI, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from yanxiu.errors import Refused
from yanxiu.web.heavy import ALL, HeavyPlaces, Places, heavy


class Scene:
    """A service with a list, a heavy page that takes as long as it is told, and its readers."""

    def __init__(self) -> None:
        self.gate, self.began = threading.Event(), []
        self.app = app = FastAPI()
        app.state.heavy = Places()
        app.add_middleware(HeavyPlaces, places=app.state.heavy)
        app.add_exception_handler(
            Refused, lambda _, error: JSONResponse({"text": error.text()}, error.status)
        )

        def reader(request: Request) -> SimpleNamespace:
            return SimpleNamespace(person_id=request.headers["who"])

        Reader = Annotated[SimpleNamespace, Depends(reader)]

        def slow(request: Request, actor: Reader) -> Response:
            self.began.append(actor.person_id)
            self.gate.wait(60)
            return PlainTextResponse("done")

        def streamed(request: Request, actor: Reader) -> Response:
            return StreamingResponse(iter([b"one", b"two"]))

        def refused(request: Request, actor: Reader) -> Response:
            raise Refused("no", "没有", status=403)

        app.get("/list")(lambda: PlainTextResponse("list"))
        app.get("/unprotected")(slow)
        app.get("/heavy")(heavy(slow))
        app.get("/streamed")(heavy(streamed))
        app.get("/refused")(heavy(refused))
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://here", timeout=60
        )

    def get(self, path: str, who: str = "alice") -> asyncio.Task[httpx.Response]:
        return asyncio.ensure_future(self.client.get(path, headers={"who": who}))

    async def until(self, happened) -> None:
        async with asyncio.timeout(30):
            while not happened():
                await asyncio.sleep(0.01)

    async def raw(self, path: str, messages: list[dict], send, who: str = "alice") -> None:
        """Ask as a browser whose every message is known; after the last one it is silent."""

        async def receive():
            if messages:
                return messages.pop(0)
            await asyncio.sleep(3600)

        headers = [(b"who", who.encode())]
        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        scope |= {"query_string": b"", "http_version": "1.1", "scheme": "http"}
        await self.app({"asgi": {"version": "3.0", "spec_version": "2.4"}, **scope}, receive, send)

    def taken(self) -> int:
        return sum(self.app.state.heavy._taken.values())


@pytest.fixture
async def scene():
    limiter = to_thread.current_default_thread_limiter()
    before, limiter.total_tokens = limiter.total_tokens, 2
    made = Scene()
    yield made
    made.gate.set()
    await made.until(lambda: made.taken() == 0)
    await made.client.aclose()
    limiter.total_tokens = before


async def test_a_third_is_refused_with_a_sentence_and_has_its_turn_later(scene):
    two = [scene.get("/heavy") for _ in range(2)]
    await scene.until(lambda: len(scene.began) == 2)
    third = await scene.get("/heavy")
    assert third.status_code == 429
    assert "2 个下载或较大的页面" in third.json()["text"]
    other = scene.get("/heavy", "bob")
    await scene.until(lambda: "bob" in scene.began)
    scene.gate.set()
    assert [(await one).status_code for one in (*two, other)] == [200] * 3
    assert (await scene.get("/heavy")).status_code == 200


async def test_lists_wait_for_pages_that_have_no_threads_of_their_own(scene):
    slow = [scene.get("/unprotected") for _ in range(2)]
    await scene.until(lambda: len(scene.began) == 2)
    waiting = scene.get("/list")
    await asyncio.sleep(0.5)
    assert not waiting.done()
    scene.gate.set()
    assert (await waiting).text == "list"
    await asyncio.gather(*slow)


async def test_lists_do_not_wait_for_heavy_pages(scene):
    slow = [scene.get("/heavy", f"teacher{n // 2}") for n in range(2 * ALL)]
    await scene.until(lambda: len(scene.began) == ALL)
    assert (await scene.get("/list")).text == "list"
    assert len(scene.began) == ALL
    scene.gate.set()
    assert {(await one).status_code for one in slow} == {200}


async def test_who_has_gone_before_their_turn_is_not_worked_for(scene):
    slow = [scene.get("/heavy", f"teacher{n}") for n in range(ALL)]
    await scene.until(lambda: len(scene.began) == ALL)
    sent = []

    async def send(message):
        sent.append(message)

    gone = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]
    await scene.raw("/heavy", gone, send)
    assert sent[0]["status"] == 499
    scene.gate.set()
    await asyncio.gather(*slow)
    assert "alice" not in scene.began


async def test_a_place_is_kept_until_the_last_byte_and_no_longer(scene):
    go_on = asyncio.Event()

    async def slow_line(message):
        await go_on.wait()

    asked = [{"type": "http.request", "body": b""}]
    lines = [
        asyncio.ensure_future(scene.raw("/streamed", list(asked), slow_line)) for _ in range(2)
    ]
    await scene.until(lambda: scene.taken() == 2)
    assert (await scene.get("/streamed")).status_code == 429
    go_on.set()
    await asyncio.gather(*lines)
    assert (await scene.get("/streamed")).text == "onetwo"


async def test_a_cut_line_and_a_refusal_give_the_place_back(scene):
    async def cut(message):
        raise OSError

    for _ in range(3):
        with pytest.raises(Exception):  # noqa: B017 - whatever the server makes of a cut line
            await scene.raw("/streamed", [{"type": "http.request", "body": b""}], cut)
        assert (await scene.get("/refused")).status_code == 403
    assert scene.taken() == 0
