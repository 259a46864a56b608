"""Relays outside the sandbox, and the whole way through both kinds of them."""

import asyncio
import gc
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from yanxiu.sandbox import relay
from yanxiu.sandbox.inside import relay as inside_relay
from yanxiu.web.sources import source_of

WAIT_S = 20
#: More than are asked for at once: a place is given back a moment after its connection ended.
PLACES = 256


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    # The name of a Unix socket has room for 107 bytes.
    monkeypatch.chdir(tmp_path)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A small HTTP server: an answer for each request, until one says that it is the last."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            await writer.drain()
            if b"Connection: close" in head:
                break
    writer.close()


Way = tuple[int, list[relay.Relay]]


@asynccontextmanager
async def inward(far=answer, most: int = PLACES) -> AsyncIterator[Way]:
    """Browser → port → Unix socket → server."""
    server = await asyncio.start_unix_server(far, "serve.sock")
    carried = relay.Relay(relay.to_unix("serve.sock"), most)
    listener = relay.listen_tcp()
    await carried.listen(listener)
    yield listener.getsockname()[1], [carried]
    carried.close()
    server.close()


@asynccontextmanager
async def outward(far=answer, most: int = PLACES) -> AsyncIterator[Way]:
    """Kernel → the sandbox's own port → Unix socket → the hub's port: two relays."""
    server = await asyncio.start_server(far, "127.0.0.1", 0)
    carried = relay.Relay(relay.to_tcp(*server.sockets[0].getsockname()), most)
    handle = os.open(".", os.O_RDONLY)
    await carried.listen(relay.listen_unix(handle, "hub.sock"))
    os.close(handle)
    within = await asyncio.start_server(
        partial(inside_relay._connected, "hub.sock"), "127.0.0.1", 0
    )
    yield within.sockets[0].getsockname()[1], [carried]
    within.close()
    carried.close()
    server.close()


WAYS = pytest.mark.parametrize("way", [inward, outward], ids=["inward", "outward"])


async def closing(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).endswith(b"hello")
    writer.close()


async def kept_alive(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"hello")
    writer.close()


async def half_closed(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    writer.write_eof()
    assert (await reader.read()).endswith(b"hello")
    writer.close()


async def reset(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    await reader.readuntil(b"hello")
    writer.transport.abort()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@WAYS
async def test_two_thousand_requests_leave_no_place_and_no_descriptor_behind(way):
    kinds = (closing, kept_alive, half_closed, reset)
    async with way() as (port, relays), asyncio.timeout(120):
        await closing(port)
        before = descriptors()

        async def some(count: int) -> None:
            for number in range(count):
                await kinds[number % len(kinds)](port)

        await asyncio.gather(*(some(100) for _ in range(20)))
        while descriptors() > before or any(len(one) for one in relays):
            await asyncio.sleep(0.01)  # the last ends are still under way
        assert descriptors() <= before


@WAYS
async def test_what_is_said_before_the_other_end_is_there_arrives(way, monkeypatch):
    """Before CPython 3.11.4, ``pause_reading`` in ``connection_made`` does nothing."""

    async def late(connect):
        await asyncio.sleep(0.2)
        return await connect()

    async def echo(reader, writer):
        writer.write((await reader.read()).upper())
        writer.close()

    async with way(echo) as (port, (carried,)):
        monkeypatch.setattr(carried, "_connect", partial(late, carried._connect))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"first ")
        await asyncio.sleep(0.1)
        writer.write(b"second")
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), WAIT_S) == b"FIRST SECOND"
        writer.close()


@WAYS
async def test_who_waits_in_silence_is_not_collected_as_garbage(way):
    """asyncio holds a task by what it reads from; after an end there is nothing to read."""
    asked = asyncio.Event()

    async def think(reader, writer):
        await reader.read()
        asked.set()
        await asyncio.sleep(0.2)
        writer.write(b"answer")
        writer.close()

    async with way(think) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"question")
        writer.write_eof()
        await asyncio.wait_for(asked.wait(), WAIT_S)
        gc.collect()
        assert await asyncio.wait_for(reader.read(), WAIT_S) == b"answer"
        writer.close()


@WAYS
async def test_one_connection_too_many_is_dropped_and_the_place_comes_back(way):
    async with way(most=2) as (port, _), asyncio.timeout(WAIT_S):
        taken = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for reader, writer in taken:
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            await reader.readuntil(b"hello")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await kept_alive(port)
        for _, writer in taken:
            writer.close()
        while True:
            with suppress(ConnectionError, asyncio.IncompleteReadError, AssertionError):
                await closing(port)
                break
            await asyncio.sleep(0.01)


async def test_a_slow_reader_makes_the_writer_wait():
    sent = 0

    async def flood(reader, writer):
        nonlocal sent
        with suppress(ConnectionError):
            while True:
                writer.write(b"x" * 65_536)
                sent += 65_536
                await writer.drain()

    async with inward(flood) as (port, _):
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        before = -1
        while sent > before:
            before = sent
            await asyncio.sleep(0.3)
        assert sent < 50_000_000  # what the machine's own buffers hold, and a little of ours
        writer.transport.abort()


async def test_a_closed_relay_drops_what_it_carries():
    async with inward() as (port, (carried,)):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"hello")
        carried.close()
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
        while len(carried):
            await asyncio.sleep(0.01)
        writer.close()


async def test_hub_and_records_see_that_a_sandbox_asks():
    """Else a program in a server could say that it comes from anywhere (``web.sources``)."""

    async def whence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(writer.get_extra_info("peername")[0].encode())
        writer.close()

    async with outward(whence) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        seen = (await reader.read()).decode()
        writer.close()
    assert seen == relay.SANDBOXES
    assert source_of(seen, "203.0.113.9") == relay.SANDBOXES
    assert source_of("127.0.0.1", "203.0.113.9") == "203.0.113.9", "the proxy is believed"
