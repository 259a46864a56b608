"""That every WebSocket of a server is looked after, whichever class opened it."""

import asyncio
from types import SimpleNamespace

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect
from yanxiu.sandbox.inside import sessions


class Events(WebSocketHandler):
    """As Jupyter Server's stream of events: its ``open`` calls nobody else's."""

    def open(self) -> None:
        pass


class HubAuth:
    def get_token(self, handler: object) -> str:
        return "token"


@pytest.fixture
def stock_protocol():
    stock = WebSocketHandler.get_websocket_protocol
    yield
    WebSocketHandler.get_websocket_protocol = stock


@pytest.mark.parametrize("watched", [True, False])
def test_a_websocket_with_an_open_of_its_own_is_closed_when_its_login_ended(
    stock_protocol, monkeypatch, watched
):
    async def ended(hub_auth: object, token: str) -> bool:
        return True

    monkeypatch.setattr(sessions, "_has_ended", ended)

    async def whole() -> str | bytes | None:
        if watched:
            identity = SimpleNamespace(hub_auth=HubAuth())
            app = SimpleNamespace(identity_provider=identity)
            sessions.watch(app)
            app.yanxiu_watch.stop()
        sock, port = bind_unused_port()
        server = HTTPServer(Application([("/", Events)]))
        server.add_sockets([sock])
        opened = await websocket_connect(f"ws://127.0.0.1:{port}/")
        await sessions.close_ended(HubAuth())
        try:
            return await asyncio.wait_for(opened.read_message(), 60 if watched else 0.2)
        finally:
            opened.close()
            server.stop()

    if watched:
        assert asyncio.run(whole()) is None  # closed
    else:
        with pytest.raises(TimeoutError):
            asyncio.run(whole())
