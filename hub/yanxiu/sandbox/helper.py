"""Helper processes of the launcher, and the line between it and each of them.

A line is a Unix socket that keeps messages apart: one JSON object each, descriptors with
it where there are any. A helper that ends or falls silent is replaced, and the new one told
again what there is. Used by ``monitor`` and ``relays`` on this side, by ``sampler`` and
``carrier`` on the other.
"""

import asyncio
import contextlib
import json
import logging
import os
import select
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from yanxiu.sandbox import process

log = logging.getLogger("yanxiu.sandbox")

Message = Mapping[str, Any]
#: A message and the descriptors that go with it.
Parcel = tuple[Message, tuple[int, ...]]

#: The number of the helper's end of the line.
NUMBER = 3
_LONGEST = 1 << 17
_MOST_DESCRIPTORS = 4
#: A new one is started so long after the last one's end.
_PAUSE_S = 0.2
#: A helper is asked this often whether it is there, and has so long to answer.
ASK_EVERY_S = 10.0


class Line:
    """A helper's end of its line; nothing here blocks but ``send``."""

    def __init__(self) -> None:
        self._sock = socket.socket(fileno=NUMBER)
        self._sock.setblocking(False)

    def fileno(self) -> int:
        """Return the descriptor to wait at."""
        return self._sock.fileno()

    def receive(self) -> Iterator[Message | None]:
        """Yield the messages that are there; None if the launcher is gone."""
        for message, _ in self.receive_parcels():
            yield message

    def receive_parcels(self) -> Iterator[tuple[Message | None, list[int]]]:
        """Yield messages with their descriptors, which are ours to close."""
        while True:
            try:
                said, descriptors, _, _ = socket.recv_fds(self._sock, _LONGEST, _MOST_DESCRIPTORS)
            except BlockingIOError:
                return
            except OSError:
                said, descriptors = b"", []
            if not said:
                yield None, []
                return
            yield json.loads(said), descriptors

    def send(self, message: Message) -> None:
        """Say something to the launcher."""
        with contextlib.suppress(OSError):  # it is gone; receiving will tell
            select.select((), (self._sock,), ())
            self._sock.send(json.dumps(message).encode())


class Helper:
    """One helper process, kept running until ``stop``.

    :param module: what to run
    :param heard: called with each message of it
    :param greeting: what a new one is told first
    """

    def __init__(
        self,
        module: str,
        heard: Callable[[Message], None],
        greeting: Callable[[], Iterable[Parcel]],
    ):
        self._module = module
        self._heard = heard
        self._greeting = greeting
        self._waiting: deque[Parcel] = deque()
        self._sock: socket.socket | None = None
        self._answered = True
        self._child: process.Child | None = None
        self._keeper = asyncio.ensure_future(self._keep())

    @property
    def pid(self) -> int | None:
        """Return the process's id, while there is one."""
        return self._child.pid if self._child and self._child.exit_code is None else None

    def tell(self, message: Message, *descriptors: int) -> None:
        """Send a message; descriptors stay ours and must stay open until it has gone."""
        if self._sock is None:
            return  # the next one is told by the greeting
        self._waiting.append((message, descriptors))
        self._send()

    def _send(self) -> None:
        sock, loop = self._sock, asyncio.get_running_loop()
        if sock is None:
            return
        while self._waiting:
            message, descriptors = self._waiting[0]
            try:
                socket.send_fds(sock, [json.dumps(message).encode()], descriptors)
            except BlockingIOError:
                loop.add_writer(sock, self._send)
                return
            except OSError as error:
                # It is gone, or a descriptor was closed before its turn came.
                log.debug("a message to %s was dropped: %s", self._module, error)
            self._waiting.popleft()
        loop.remove_writer(sock)

    async def _keep(self) -> None:
        while True:
            await self._live()
            log.warning("%s ended; starting it again", self._module)
            await asyncio.sleep(_PAUSE_S)

    async def _live(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        with ours, theirs:
            self._child = process.spawn(
                [sys.executable, "-P", "-m", self._module],
                {1: 1, 2: 2, NUMBER: theirs.fileno()},
                os.environ,
            )
            theirs.close()
            self._sock, self._answered = ours, True
            self._waiting = deque(self._greeting())
            loop.add_reader(ours, self._receive)
            self._send()
            try:
                while not await self._child.gone_within(ASK_EVERY_S):
                    if not self._answered:
                        log.error("%s does not answer; ending it", self._module)
                        self._child.send(signal.SIGKILL)
                    self._answered = False
                    self.tell({"ask": self._module})
            finally:
                self._sock = None
                loop.remove_reader(ours)
                loop.remove_writer(ours)

    def _receive(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._sock and (said := self._sock.recv(_LONGEST)):
                message = json.loads(said)
                self._answered = True
                if "ask" not in message:
                    self._heard(message)
            if self._sock:
                asyncio.get_running_loop().remove_reader(self._sock)

    async def stop(self) -> None:
        """End it for good."""
        self._keeper.cancel()
        await asyncio.wait({self._keeper})
        if self._child:
            self._child.send(signal.SIGKILL)
            await self._child.gone_within(1)
