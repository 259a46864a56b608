"""Carry bytes between two connections until both have said all they had to say.

Looks at no byte and opens nothing. Both ends of every way into and out of a sandbox use it:
``inside.relay`` within, ``yanxiu.sandbox.relay`` outside (docs/decisions/relay-streams.md).
asyncio's streams keep what arrives before the other side is there, and stop reading when
the other side takes no more.
"""

import asyncio
import contextlib
from typing import Any

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_CHUNK = 65_536
#: asyncio knows its tasks by weak references only. One whose both connections have nothing
#: to read at the moment would be collected as garbage, and its connections with it.
_under_way: set[asyncio.Task[Any]] = set()


async def carry(one: Stream, other: Stream) -> None:
    """Copy both ways and close both; returns when no descriptor is left of either.

    Either side may end its own half first. A connection that broke on one side is over on
    both: who waits for an answer on the other would else wait until it loses patience.
    """
    writers = one[1], other[1]
    if task := asyncio.current_task():
        _under_way.add(task)
        task.add_done_callback(_under_way.discard)
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_copy(one[0], other[1]))
            both.create_task(_copy(other[0], one[1]))
    except* OSError:
        abort(*writers)
    finally:
        for writer in writers:
            writer.close()
    for writer in writers:
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    # Not can_write_eof(): neither TCP nor Unix streams say no, and an end that is not handed
    # on is a connection that nobody ever closes.
    writer.write_eof()


def abort(*writers: asyncio.StreamWriter) -> None:
    """Close without waiting for what the other end has not taken."""
    for writer in writers:
        writer.transport.abort()
