"""Carry bytes between two stream sockets, outside of the sandboxes.

One class for both ways: a server's TCP port → the Unix socket that it accepts on, and a
sandbox's Unix socket → the hub's API or records. Looks at no byte. Called by ``servers``.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

Connect = Callable[[Callable[[], asyncio.Protocol]], Awaitable[object]]


class _Side(asyncio.Protocol):
    """One end of a carried connection."""

    def __init__(self) -> None:
        self.peer: _Side | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.peer and self.peer.transport:
            self.peer.transport.write(data)

    def eof_received(self) -> bool:
        peer = self.peer.transport if self.peer else None
        if peer and not peer.is_closing() and peer.can_write_eof():
            peer.write_eof()
            return True
        return False

    def pause_writing(self) -> None:
        if self.peer and self.peer.transport:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.peer and self.peer.transport:
            self.peer.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.peer and self.peer.transport:
            self.peer.transport.close()


class _Front(_Side):
    """The end that came to us: it waits until the other end is connected."""

    def __init__(self, relay: "Relay"):
        super().__init__()
        self._relay = relay
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert self.transport
        if len(self._relay.fronts) >= self._relay.most:
            self.transport.abort()
            return
        self._relay.fronts.add(self)
        self.transport.pause_reading()
        self._task = asyncio.ensure_future(self._join())

    async def _join(self) -> None:
        back = _Side()
        back.peer = self
        try:
            await self._relay.connect(lambda: back)
        except OSError:
            if self.transport:
                self.transport.abort()
            return
        if self.transport is None:  # it went away meanwhile
            if back.transport:
                back.transport.abort()
            return
        self.peer = back
        self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._relay.fronts.discard(self)


class Relay:
    """Accept on one socket and connect each time to one other place.

    :param connect: opens the other end with the protocol it is given
    :param most: connections at once; one more is dropped, so that a sandbox can use up
        its own and nobody else's
    """

    def __init__(self, connect: Connect, most: int):
        self.connect = connect
        self.most = most
        self.fronts: set[_Front] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, listener: socket.socket) -> None:
        """Accept on ``listener`` (Unix or TCP), which now belongs to this relay."""
        loop = asyncio.get_running_loop()
        make = loop.create_unix_server if listener.family == socket.AF_UNIX else loop.create_server
        self._server = await make(lambda: _Front(self), sock=listener)

    def close(self) -> None:
        """Stop accepting and drop every connection."""
        if self._server:
            self._server.close()
        for front in list(self.fronts):
            if front.transport:
                front.transport.abort()


def to_tcp(host: str, port: int) -> Connect:
    """Return a way to ``host:port``."""

    async def connect(make: Callable[[], asyncio.Protocol]) -> object:
        return await asyncio.get_running_loop().create_connection(make, host, port)

    return connect


def to_unix(path: str) -> Connect:
    """Return a way to the Unix socket at ``path``."""

    async def connect(make: Callable[[], asyncio.Protocol]) -> object:
        return await asyncio.get_running_loop().create_unix_connection(make, path)

    return connect


def listen_tcp() -> socket.socket:
    """Return a listener on a free port of 127.0.0.1."""
    sock = socket.socket(socket.AF_INET)
    sock.bind(("127.0.0.1", 0))
    sock.listen(128)
    return sock


def listen_unix(folder: int, name: str) -> socket.socket:
    """Return a listener called ``name`` in an open folder, mode 0600.

    A Unix address holds 107 bytes and ``$DATA`` may be longer: so by descriptor.
    """
    sock = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        sock.bind(short_path(folder, name))
    finally:
        os.umask(before)
    sock.listen(128)
    return sock


def short_path(folder: int, name: str) -> str:
    """Return an address for ``name`` in an open folder that fits any Unix socket."""
    return f"/proc/self/fd/{folder}/{name}"
