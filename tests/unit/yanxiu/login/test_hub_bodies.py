"""The hub's web server takes short bodies in a short time, and nothing else."""

import asyncio

import pytest
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler
from yanxiu.login import hub_bodies

STOCK = HTTPServer.initialize


class Count(RequestHandler):
    """Says how long a body was."""

    def post(self) -> None:
        self.finish(str(len(self.request.body)))


@pytest.fixture
def serve(monkeypatch):
    """Start a server as the hub does; return its port."""
    monkeypatch.setattr(HTTPServer, "initialize", STOCK)
    started = []

    def start(*, limited: bool) -> int:
        if limited:
            hub_bodies.install()
            hub_bodies.install()
        server = HTTPServer(Application([("/login", Count)]), xheaders=True)
        server.listen(0, "127.0.0.1")
        started.append(server)
        return next(iter(server._sockets.values())).getsockname()[1]

    yield start
    for server in started:
        server.stop()


async def post(port: int, length: int, sent: int) -> bytes:
    """Announce ``length`` bytes, send ``sent`` of them; return the answer, nothing if there is none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
    try:
        writer.write(b"x" * sent)
        await writer.drain()
        return await asyncio.wait_for(reader.read(10_000), 20)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_stock_a_hub_takes_what_anybody_sends(serve):
    assert b"30000000" in await post(serve(limited=False), 30_000_000, 30_000_000)


async def test_a_long_body_is_refused_by_its_length(serve):
    port = serve(limited=True)
    answer = await post(port, 30_000_000, 0)
    assert answer.startswith(b"HTTP/1.1 400") or not answer
    assert b"\r\n\r\n1000" in await post(port, 1000, 1000)


async def test_half_a_body_is_not_waited_for(serve, monkeypatch):
    monkeypatch.setitem(hub_bodies.LIMITS, "body_timeout", 0.2)
    assert await post(serve(limited=True), 1000, 10) == b""
