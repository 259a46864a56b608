"""Carry connections out of and into sandboxes, each to its one place.

One class for both ways: a server's TCP port → the Unix socket that it accepts on, and a
sandbox's Unix socket → the hub's API or records. Looks at no byte (``inside.carry`` moves
them). Called by ``carrier``; ``servers``, ``launcher`` and ``client`` use its sockets only.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from functools import partial

from yanxiu.sandbox.inside.carry import Stream, abort, carry

#: Where hub and records see a sandbox come from, never the proxy's address: they must not believe
#: what it says of where it comes from (``web.sources``). All of 127.0.0.0/8 is this machine.
SANDBOXES = "127.0.0.2"
#: The other end is on this machine; one that takes longer to accept is not well.
CONNECT_S = 30.0

Connect = Callable[[], Awaitable[Stream]]


class Relay:
    """Accept on one socket and connect each time to one other place.

    :param connect: opens the other end
    :param most: connections at once; one more is dropped, so that a sandbox can use up
        its own and nobody else's
    """

    def __init__(self, connect: Connect, most: int):
        self._connect = connect
        self._most = most
        self._server: asyncio.Server | None = None
        self._closed = False
        #: Both ends of what is carried now; the second is missing until it is connected.
        self._carried: dict[asyncio.StreamWriter, asyncio.StreamWriter | None] = {}

    def __len__(self) -> int:
        """Return how many connections are carried now."""
        return len(self._carried)

    async def listen(self, listener: socket.socket) -> None:
        """Accept on ``listener`` (Unix or TCP), which now belongs to this relay."""
        unix = listener.family == socket.AF_UNIX
        start = asyncio.start_unix_server if unix else asyncio.start_server
        self._server = await start(self._connected, sock=listener)
        if self._closed:  # before it had begun
            self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._carried) >= self._most:
            abort(writer)
            return
        self._carried[writer] = None
        try:
            async with asyncio.timeout(CONNECT_S):
                far = await self._connect()
            if writer.transport.is_closing():  # the relay was closed meanwhile
                abort(far[1])
                return
            self._carried[writer] = far[1]
            await carry((reader, writer), far)
        except OSError:
            abort(writer)
        finally:
            del self._carried[writer]

    def close(self) -> None:
        """Stop accepting and drop every connection."""
        self._closed = True
        if self._server:
            self._server.close()
        for near, far in self._carried.items():
            abort(near, *([far] if far else []))


def to_tcp(host: str, port: int) -> Connect:
    """Return a way to ``host:port``, which sees that a sandbox is asking."""
    local = (SANDBOXES, 0) if host == "127.0.0.1" else None
    return partial(asyncio.open_connection, host, port, local_addr=local)


def to_unix(path: str) -> Connect:
    """Return a way to the Unix socket at ``path``."""
    return partial(asyncio.open_unix_connection, path)


def listen_tcp() -> socket.socket:
    """Return a listener on a free port of 127.0.0.1."""
    sock = socket.socket(socket.AF_INET)
    sock.bind(("127.0.0.1", 0))
    sock.listen(128)
    return sock


def listen_unix(folder: int, name: str, mode: int = 0o600) -> socket.socket:
    """Return a listener called ``name`` in an open folder.

    A Unix address holds 107 bytes and ``$DATA`` may be longer: so by descriptor.
    """
    sock = socket.socket(socket.AF_UNIX)
    before = os.umask(0o777 & ~mode)
    try:
        sock.bind(short_path(folder, name))
    finally:
        os.umask(before)
    sock.listen(128)
    return sock


def short_path(folder: int, name: str) -> str:
    """Return an address for ``name`` in an open folder that fits any Unix socket."""
    return f"/proc/self/fd/{folder}/{name}"
