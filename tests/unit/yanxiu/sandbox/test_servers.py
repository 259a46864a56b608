"""A server's end, whatever goes wrong at it."""

import asyncio

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
