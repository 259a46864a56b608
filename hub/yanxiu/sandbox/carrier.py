"""Carry every sandbox's connections, in a process apart from whatever touches hostile files.

Holds all relays; a browser waits for nothing that goes on elsewhere. It decides nothing: the
launcher (``relays``) says what leads where and hands over the sockets.
Started by the launcher as ``python -m yanxiu.sandbox.carrier``; messages in ``helper``.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any

from yanxiu.sandbox import helper
from yanxiu.sandbox.relay import Connect, Relay, short_path, to_tcp, to_unix


class Carrier:
    """All relays of one launcher."""

    def __init__(self, line: helper.Line):
        self._line = line
        self._relays: dict[int, tuple[Relay, int | None]] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self.done = asyncio.Event()

    def receive(self) -> None:
        """Do what the launcher says."""
        for message, descriptors in self._line.receive_parcels():
            if message is None:
                self.done.set()
            elif "open" in message:
                self._open(message["open"], message["to"], message["most"], descriptors)
            elif "close" in message:
                self._close(message["close"])
            elif "ask" in message:
                self._line.send(message)

    def _open(self, number: int, to: Sequence[Any], most: int, descriptors: list[int]) -> None:
        listener, *folder = descriptors
        connect: Connect = to_unix(short_path(folder[0], to[1])) if folder else to_tcp(to[1], to[2])
        relay = Relay(connect, most)
        self._relays[number] = relay, folder[0] if folder else None
        task = asyncio.ensure_future(relay.listen(socket.socket(fileno=listener)))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    def _close(self, number: int) -> None:
        relay, folder = self._relays.pop(number, (None, None))
        if relay is not None:  # an idle one is empty, and so false
            relay.close()
        if folder is not None:
            os.close(folder)


async def serve() -> None:
    """Carry until the launcher is gone."""
    line = helper.Line()
    carrier = Carrier(line)
    asyncio.get_running_loop().add_reader(line.fileno(), carrier.receive)
    await carrier.done.wait()


def main() -> int:
    """Run; returns the exit code."""
    asyncio.run(serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
