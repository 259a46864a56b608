"""The launcher's side of the carrier: what leads where.

The launcher keeps a copy of every listening socket, so that a carrier that died has a
successor at the same ports; connections that came meanwhile wait in the socket's queue.
Called by ``servers``.
"""

import itertools
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from yanxiu.sandbox.helper import Helper, Message, Parcel


@dataclass(frozen=True)
class Way:
    """One relay, as the carrier is told of it.

    :param to: ``("tcp", host, port)`` or ``("unix", name)`` in ``folder``
    :param folder: our own descriptor of the folder, which ``Relays.close`` closes
    """

    number: int
    listener: socket.socket
    to: tuple[str | int, ...]
    most: int
    folder: int | None

    def parcel(self) -> Parcel:
        """Return the message that opens it."""
        descriptors = [self.listener.fileno(), *([] if self.folder is None else [self.folder])]
        return {"open": self.number, "to": self.to, "most": self.most}, tuple(descriptors)


class Relays:
    """All relays of one launcher."""

    def __init__(self) -> None:
        self._ways: dict[int, Way] = {}
        self._numbers = itertools.count(1)
        self._helper = Helper("yanxiu.sandbox.carrier", self._heard, self._everything)
        self.stop = self._helper.stop

    @property
    def pid(self) -> int | None:
        """Return the carrier's process id, while there is one."""
        return self._helper.pid

    def to_tcp(self, listener: socket.socket, host: str, port: int, most: int) -> Way:
        """Carry what comes to ``listener``, which is ours now, to ``host:port``."""
        return self._open(Way(next(self._numbers), listener, ("tcp", host, port), most, None))

    def to_unix(self, listener: socket.socket, folder: int, name: str, most: int) -> Way:
        """Carry what comes to ``listener``, which is ours now, to a socket in ``folder``."""
        return self._open(Way(next(self._numbers), listener, ("unix", name), most, os.dup(folder)))

    def _open(self, way: Way) -> Way:
        self._ways[way.number] = way
        message, descriptors = way.parcel()
        self._helper.tell(message, *descriptors)
        return way

    def close(self, way: Way) -> None:
        """Carry it no longer; its connections are dropped."""
        self._helper.tell({"close": way.number})
        if self._ways.pop(way.number, None):
            way.listener.close()
            if way.folder is not None:
                os.close(way.folder)

    def _everything(self) -> Iterable[Parcel]:
        return [way.parcel() for way in self._ways.values()]

    def _heard(self, message: Message) -> None:
        """It has nothing to say."""
