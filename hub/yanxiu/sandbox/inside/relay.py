"""Lead two loopback ports of the sandbox to the relays' Unix sockets.

A thread with its own event loop: an own process would cost each server 8 MB more.
Called by ``server`` before Jupyter starts.
"""

import asyncio
import os
import socket
import threading
from functools import partial


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def _carry(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        far_reader, far_writer = await asyncio.open_unix_connection(path)
    except OSError:
        writer.transport.abort()
        return
    try:
        # A connection that broke on one side is over on both: who waits for an answer on the
        # other would else wait until it loses patience.
        async with asyncio.TaskGroup() as both:
            both.create_task(_copy(reader, far_writer))
            both.create_task(_copy(far_reader, writer))
    except* ConnectionError:
        writer.transport.abort()
    finally:
        far_writer.close()
        writer.close()


async def _serve(listeners: list[tuple[socket.socket, str]]) -> None:
    for sock, path in listeners:
        await asyncio.start_server(partial(_carry, path), sock=sock)
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
