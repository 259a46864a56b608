"""Lead two loopback ports of the sandbox to the relays' Unix sockets.

A thread with its own event loop: an own process would cost each server 8 MB more.
Called by ``server`` before Jupyter starts.
"""

import asyncio
import os
import socket
import threading
from functools import partial

from .carry import abort, carry


async def _connected(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        far = await asyncio.open_unix_connection(path)
    except OSError:
        abort(writer)
        return
    await carry((reader, writer), far)


async def _serve(listeners: list[tuple[socket.socket, str]]) -> None:
    for sock, path in listeners:
        await asyncio.start_server(partial(_connected, path), sock=sock)
    await asyncio.Event().wait()


def start() -> None:
    """Listen where ``YANXIU_RELAYS`` (``port=path,…``) says; return once that is so."""
    listeners = []
    for pair in filter(None, os.environ.pop("YANXIU_RELAYS", "").split(",")):
        port, _, path = pair.partition("=")
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", int(port)))
        sock.listen(64)
        listeners.append((sock, path))
    if listeners:
        work = threading.Thread(target=asyncio.run, args=(_serve(listeners),), daemon=True)
        work.start()
