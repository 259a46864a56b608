"""The sandbox's own end of the way to the hub and to records."""

import asyncio
import socket
from contextlib import suppress
from functools import partial

import pytest
from yanxiu.sandbox.inside import relay

WAIT_S = 5


@pytest.fixture
def path(tmp_path, monkeypatch):
    # The name of a Unix socket has room for 107 bytes.
    monkeypatch.chdir(tmp_path)
    return "far.sock"


async def through(path, far):
    """Serve ``far`` on the Unix socket; return a connection to it by way of the relay."""
    servers = [
        await asyncio.start_unix_server(far, path),
        await asyncio.start_server(partial(relay._connected, path), "127.0.0.1", 0),
    ]
    port = servers[1].sockets[0].getsockname()[1]
    return servers, *await asyncio.open_connection("127.0.0.1", port)


def end(servers, writer):
    writer.close()
    for server in servers:
        server.close()


async def test_bytes_go_both_ways_and_an_end_is_an_end(path):
    async def echo(reader, writer):
        writer.write((await reader.read()).upper())
        writer.close()

    servers, reader, writer = await through(path, echo)
    writer.write(b"question")
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(), WAIT_S) == b"QUESTION"
    end(servers, writer)


async def test_who_waits_for_an_answer_hears_of_a_far_end_that_broke(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def break_off():
        far, _ = listener.accept()
        far.recv(1)
        far.close()  # with unread bytes: what is left of a service that was killed

    server = await asyncio.start_server(partial(relay._connected, path), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"question")
    await asyncio.to_thread(break_off)
    # Either end of the connection is good; what must not be is to wait.
    with suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
    end([server], writer)
    listener.close()


async def test_a_far_end_that_is_not_there_is_a_broken_connection(path):
    servers = [await asyncio.start_server(partial(relay._connected, path), "127.0.0.1", 0)]
    port = servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1), WAIT_S)
    end(servers, writer)
