"""The cable between one teacher's server and the records service, for tests that cut it.

A sandbox reaches records through a Unix socket in a folder of the launcher's. ``Cable``
takes that socket's place and carries the bytes, until it is told to break.
"""

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

CHUNK = 64 * 1024


class Cable:
    """Carries connections from ``path`` to the socket that was there before.

    :param path: the relay's ``records.sock``
    """

    def __init__(self, path: Path):
        self.carried = 0
        self._breaks_at: int | None = None
        self._broken = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._path, self._behind = path, path.with_name("behind.sock")
        path.rename(self._behind)
        # Through a descriptor: the name of a Unix socket has room for 107 bytes.
        self._folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"/proc/self/fd/{self._folder}/{path.name}")
        # A sandbox has a user id of its own, which must still be let in.
        behind = self._behind.stat()
        os.chown(path, behind.st_uid, behind.st_gid)
        path.chmod(behind.st_mode)
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._drop()
        self._path.unlink()
        self._behind.rename(self._path)
        os.close(self._folder)

    def cut_after(self, sent: int) -> None:
        """Break once so many more bytes went to records; stay broken until ``mend``."""
        self._breaks_at = self.carried + sent

    def repair(self) -> None:
        """Carry again."""
        self._breaks_at, self._broken = None, False

    def _accept(self) -> None:
        while True:
            try:
                front, _ = self._listener.accept()
            except OSError:
                return
            if self._broken:
                front.close()
                continue
            back = socket.socket(socket.AF_UNIX)
            back.connect(f"/proc/self/fd/{self._folder}/{self._behind.name}")
            with self._lock:
                self._open |= {front, back}
            for source, target, outward in ((front, back, True), (back, front, False)):
                threading.Thread(
                    target=self._carry, args=(source, target, outward), daemon=True
                ).start()

    def _carry(self, source: socket.socket, target: socket.socket, outward: bool) -> None:
        with suppress(OSError):
            while content := source.recv(CHUNK):
                if outward:
                    with self._lock:
                        self.carried += len(content)
                        if self._breaks_at is not None and self.carried >= self._breaks_at:
                            self._broken = True
                if self._broken:
                    self._drop()
                    return
                target.sendall(content)
            target.shutdown(socket.SHUT_WR)

    def _drop(self) -> None:
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
