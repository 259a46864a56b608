"""Where a provider is told to send the browser back to: an address of ours, whatever was asked for."""

from types import SimpleNamespace

import pytest
from tornado import web
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from yanxiu.login.sso_login import COOKIE, LeaveHandler, SsoAuthenticator


class Provider:
    """Notes the trip."""

    visit = None

    async def leave(self, visit):
        self.visit = visit
        return "https://sso.example.cn/"


async def leave(portal: str, host: str, scheme: str):
    """Leave by a request that says it was made to ``host``; return callback and cookie."""
    provider = Provider()
    login = SsoAuthenticator(
        directory=lambda: None,
        desk=lambda: None,
        providers=lambda: {"xian": provider},
        portal=portal,
    )
    hub = SimpleNamespace(base_url="/hub/", server=SimpleNamespace(base_url="/"))
    app = web.Application(
        hub=hub, authenticator=login, cookie_secret=b"x" * 32, log=SimpleNamespace(debug=print)
    )
    connection = SimpleNamespace(
        set_close_callback=lambda *_: None,
        context=SimpleNamespace(remote_ip="127.0.0.1", protocol=scheme),
    )
    request = HTTPServerRequest(
        start_line=RequestStartLine("GET", "/hub/sso/xian/login", "HTTP/1.1"),
        headers=HTTPHeaders({"Host": host}),
        connection=connection,
    )
    handler = LeaveHandler(app, request)
    handler.redirect = lambda address: None
    await handler.get("xian")
    return provider.visit.callback, handler._new_cookie[COOKIE]


@pytest.mark.parametrize(("host", "scheme"), [("evil.cn", "http"), ("yx.cn:8000", "https")])
async def test_the_way_back_is_the_portals_whatever_the_request_says(host, scheme):
    callback, cookie = await leave("https://yx.cn", host, scheme)
    assert callback == "https://yx.cn/hub/sso/xian/callback"
    assert cookie["secure"]
    callback, cookie = await leave("http://127.0.0.1:8000", host, scheme)
    assert callback == "http://127.0.0.1:8000/hub/sso/xian/callback"
    assert not cookie["secure"]
