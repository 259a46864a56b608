"""Helper processes: whatever becomes of one, there is another."""

import asyncio
import os
import signal
import socket

import pytest
from yanxiu.sandbox import helper
from yanxiu.sandbox.relays import Relays

WAIT_S = 30


async def until(true) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():
            await asyncio.sleep(0.02)


def listener() -> socket.socket:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen()
    return sock


async def carried(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(WAIT_S):
            return await reader.read()
    finally:
        writer.close()


@pytest.fixture
async def greeter():
    """A service that says hello and hangs up."""

    async def greet(_, writer):
        writer.write(b"hello")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def relays(monkeypatch):
    monkeypatch.setattr(helper, "ASK_EVERY_S", 2.0)
    made = Relays()
    await until(lambda: made.pid)
    yield made
    await made.stop()
    assert made.pid is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_one_that_dies_or_falls_silent_has_a_successor(relays, greeter, number):
    front = listener()
    port = front.getsockname()[1]
    way = relays.to_tcp(front, "127.0.0.1", greeter, most=4)
    assert await carried(port) == b"hello"
    old = relays.pid
    os.kill(old, number)
    await until(lambda: relays.pid not in (None, old))
    assert await carried(port) == b"hello"
    relays.close(way)


async def test_what_is_closed_is_carried_no_more(relays, greeter):
    front = listener()
    port = front.getsockname()[1]
    relays.close(relays.to_tcp(front, "127.0.0.1", greeter, most=4))
    with pytest.raises(ConnectionError):
        async with asyncio.timeout(WAIT_S):
            while True:
                await carried(port)


async def test_many_messages_at_once_all_arrive(relays, greeter):
    fronts = [listener() for _ in range(200)]
    ports = [front.getsockname()[1] for front in fronts]
    ways = [relays.to_tcp(front, "127.0.0.1", greeter, most=4) for front in fronts]
    assert [await carried(port) for port in ports] == [b"hello"] * 200
    for way in ways:
        relays.close(way)
