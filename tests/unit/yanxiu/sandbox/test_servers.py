"""A server's end, whatever goes wrong at it."""

import asyncio
from typing import Any

from yanxiu.sandbox.lifetime import Lifetime
from yanxiu.sandbox.runtime import Runtime
from yanxiu.sandbox.servers import Servers

PERSON = "uabcdefghij234567"


async def test_a_server_that_was_lost_sight_of_does_not_hold_up_its_person(tmp_path, monkeypatch):
    async def fail(*_args: object) -> None:
        raise OSError

    monkeypatch.setattr(Lifetime, "_conclude", fail)
    on = Runtime(tmp_path, None, None)
    servers = Servers(on, ("127.0.0.1", 1), ("127.0.0.1", 1))
    try:
        async with asyncio.timeout(60):
            first = await servers.start(PERSON, {}, None)
            second = await servers.start(PERSON, {}, None)
            assert servers.poll(first["handle"]) == {"state": "unknown"}
            assert await servers.stop(second["handle"], 0) == {"state": "unknown"}
        assert len(servers) == 0
    finally:
        await on.stop()


async def test_a_start_is_a_sandbox_from_the_moment_it_is_asked_for(tmp_path, monkeypatch):
    on = Runtime(tmp_path, None, None)
    servers = Servers(on, ("127.0.0.1", 1), ("127.0.0.1", 1))
    counted = []
    start = Runtime.start

    async def counting(*args: Any) -> Lifetime:
        counted.append(len(servers))
        return await start(*args)

    monkeypatch.setattr(Runtime, "start", counting)
    try:
        server = await servers.start(PERSON, {}, None)
        assert (counted, len(servers)) == ([1], 1)
        await servers.stop(server["handle"], 0)
        assert len(servers) == 0
    finally:
        await on.stop()
