"""What the gate adds to the opening of a WebSocket of one's server; afterwards it is not asked.

As ``gate``. The socket is that of the server's events, which starts nothing.
"""

import asyncio
import time

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from benchmarks.gate import OPEN, in_ms, scene
from benchmarks.result import Result
from benchmarks.support.measure import take_turns

NAME = "gate-socket"
ROUNDS = 9
SOCKETS = 30


def run() -> Result:
    """Open and close sockets by both ways in turn."""
    with scene() as at:
        address = at.address.replace("http", "ws", 1) + f"/user/{at.who.user}/api/events/subscribe"

        async def open_all(host: str) -> float:
            took = 0.0
            for _ in range(SOCKETS):
                headers = {"Host": host, "Cookie": at.headers["Cookie"]}
                began = time.perf_counter()
                socket = await websocket_connect(HTTPRequest(address, headers=headers))
                took += time.perf_counter() - began
                socket.close()
            return took / SOCKETS * 1000

        ours, stock = take_turns(
            lambda: asyncio.run(open_all(at.host)), lambda: asyncio.run(open_all(OPEN)), ROUNDS
        )
    return in_ms(ours, stock)
