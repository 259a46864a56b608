"""Close what a browser holds open once its login has ended, and say when a kernel is at work.

A page asks the hub anew at most every half minute; a WebSocket is asked about once, when it
opens, and would go on running code for whoever sits there next. So each open one is asked
about again. Asking is not use: a header tells the hub so (``login.hub_sessions``).
Called by ``server``; runs as the teacher, so it protects the teacher and nobody else.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any
from weakref import WeakSet

from tornado.httpclient import AsyncHTTPClient
from tornado.ioloop import PeriodicCallback
from tornado.websocket import WebSocketHandler

from .watch import WATCH_HEADER

#: For how long the hub's answer about a login holds.
FRESH_S = 30
EVERY_S = 20
#: The hub does not know the token any more. Other answers say that the hub is unwell.
ENDED = (401, 403, 404)
POLICY_VIOLATION = 1008

_open: "WeakSet[Any]" = WeakSet()


def watch(app: Any) -> None:
    """Begin to look after the WebSockets and kernels of ``app``, a running Jupyter Server."""
    stock = WebSocketHandler.get_websocket_protocol

    # What every WebSocket goes through: not each kind of Jupyter Server's (that of events) calls
    # the ``open`` of the class that the others have in common.
    def opened(self: Any) -> Any:
        _open.add(self)
        return stock(self)

    setattr(WebSocketHandler, "get_websocket_protocol", opened)  # noqa: B010 - mypy knows it as a method

    async def look() -> None:
        note_work(app)
        await close_ended(app.identity_provider.hub_auth)

    app.yanxiu_watch = PeriodicCallback(look, EVERY_S * 1000)
    app.yanxiu_watch.start()


def note_work(app: Any) -> None:
    """Count a kernel that computes as use, also when it prints nothing for hours."""
    if any(one["execution_state"] == "busy" for one in app.kernel_manager.list_kernels()):
        app.web_app.settings["last_activity_times"]["busy_kernels"] = datetime.now(UTC)


async def close_ended(hub_auth: Any) -> None:
    """Close the WebSockets whose logins have ended; each login is asked about once."""
    by_token: dict[str, list[Any]] = {}
    for handler in list(_open):
        if getattr(handler, "ws_connection", None) is None:
            _open.discard(handler)
        elif token := hub_auth.get_token(handler):
            by_token.setdefault(token, []).append(handler)
    ended = await asyncio.gather(*(_has_ended(hub_auth, token) for token in by_token))
    for handlers, over in zip(by_token.values(), ended, strict=True):
        for handler in handlers if over else ():
            handler.close(POLICY_VIOLATION, "logged out")


async def _has_ended(hub_auth: Any, token: str) -> bool:
    try:
        answer = await AsyncHTTPClient().fetch(
            f"{hub_auth.api_url}/user",
            headers={"Authorization": f"token {token}", WATCH_HEADER: "1"},
            raise_error=False,
        )
    except OSError:
        return False
    return answer.code in ENDED
