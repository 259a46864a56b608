"""Limit what a request may bring to the hub, and how long it may take.

The hub takes forms of a few fields and small JSON, and would keep 100 MB of anybody in memory, for
as long as it pleases the sender. Its own web server has the limits, and no setting of the hub
reaches them; so the server's defaults are changed before the hub makes it. Called by ``configure``.
"""

import functools
from typing import Any

from tornado.httpserver import HTTPServer

from yanxiu.gate.routes import MOST_FOR_HUB

MOST_BUFFERED = 1024 * 1024
#: For a whole body; a form of 1 KB needs that much on no line that anybody works on.
LONGEST_S = 30.0
LIMITS = {
    "max_body_size": MOST_FOR_HUB,
    "max_buffer_size": MOST_BUFFERED,
    "body_timeout": LONGEST_S,
    # A connection on which nothing is asked; the proxy opens another when it needs one.
    "idle_connection_timeout": 300.0,
}


def install() -> None:
    """Give every web server of this process the limits. A second call changes nothing."""
    stock = HTTPServer.initialize
    if hasattr(stock, "yanxiu"):
        return

    @functools.wraps(stock)
    def initialize(self: Any, *args: Any, **kwargs: Any) -> None:
        stock(self, *args, **{**LIMITS, **kwargs})

    initialize.yanxiu = True  # type: ignore[attr-defined]
    HTTPServer.initialize = initialize  # type: ignore[method-assign]
