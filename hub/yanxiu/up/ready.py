"""Questions that tell whether a part serves. Called by ``child`` until the answer is yes.

Plain sockets and one line of HTTP: the supervisor must stay small and start at once.
"""

import asyncio
from pathlib import Path

from yanxiu.errors import YanxiuError
from yanxiu.sandbox.client import Launcher, Status

from .ports import LOOPBACK

TIMEOUT_S = 3.0


async def http_ok(port: int, path: str, host: str = LOOPBACK, name: str = "") -> bool:
    """Whether ``GET path`` is answered with 200.

    :param name: the host name that is asked for, if it is not where it listens
    """
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(
                    f"GET {path} HTTP/1.1\r\nHost: {name or f'{host}:{port}'}\r\nConnection: close\r\n\r\n".encode()
                )
                status = await reader.readline()
            finally:
                writer.close()
    except TimeoutError:
        return False
    return status.split(b" ")[1:2] == [b"200"]


async def listening(port: int, host: str = LOOPBACK) -> bool:
    """Whether somebody accepts connections on ``host:port``."""
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    return True


async def launcher_answers(path: Path) -> bool:
    """Whether the launcher answers ``ping`` on its socket (docs/reference/launcher.md)."""
    return await launcher_status(path) is not None


async def launcher_status(path: Path) -> Status | None:
    """What the launcher says of itself; None while it does not answer."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await Launcher(path).ping()
    except (TimeoutError, YanxiuError):
        return None
