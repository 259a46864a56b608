"""Take what a sandbox prints into a file of bounded size.

A flood is read slowly, so that it costs its writer and not the launcher. Says when a run
printed too much; a server's log just begins anew. What a full disk has no room for is lost.
Called by ``runtime`` and ``lifetime``.
"""

import asyncio
import contextlib
import os
from pathlib import Path

_CHUNK = 65_536
#: Pause after each full chunk: at most about 16 MB a second from one sandbox.
_PAUSE_S = 0.004


class LogFile:
    """The log of one sandbox.

    :param most: bytes it may have
    :param begin_anew: empty the file when it is full (servers) instead of stopping (runs)
    """

    def __init__(self, path: Path, most: int, *, begin_anew: bool):
        self._most = most
        self._begin_anew = begin_anew
        self._size = 0
        #: A run has printed more than it may.
        self.overflow = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o600)
        self._pipe, self.writer = os.pipe()
        os.set_blocking(self._pipe, False)
        self._loop.add_reader(self._pipe, self._read)

    @property
    def full(self) -> bool:
        """Say whether more was printed than it may have."""
        return self.overflow.is_set()

    def started(self) -> None:
        """Let go of the end that the sandbox writes to; it has its own copy now."""
        os.close(self.writer)
        self.writer = -1

    def _read(self) -> None:
        self._timer = None
        try:
            chunk = os.read(self._pipe, _CHUNK)
        except BlockingIOError:
            return
        self._loop.remove_reader(self._pipe)
        if not chunk:
            return
        self._keep(chunk)
        if len(chunk) == _CHUNK:
            self._timer = self._loop.call_later(_PAUSE_S, self._resume)
        else:
            self._resume()

    def _resume(self) -> None:
        self._timer = None
        self._loop.add_reader(self._pipe, self._read)

    def _keep(self, chunk: bytes) -> None:
        if self._size + len(chunk) > self._most:
            self.overflow.set()
            if not self._begin_anew:
                return
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, 0)
                os.lseek(self._file, 0, os.SEEK_SET)
            self._size = 0
        self._size += len(chunk)
        # On a full disk this is lost; the pipe is emptied all the same, or its writer hangs.
        with contextlib.suppress(OSError):
            os.write(self._file, chunk)

    def close(self) -> None:
        """Take what is still in the pipe and close both ends."""
        if self._timer:
            self._timer.cancel()
        self._loop.remove_reader(self._pipe)
        with contextlib.suppress(BlockingIOError):
            self._keep(os.read(self._pipe, _CHUNK))
        for fd in (self._pipe, self._file, self.writer):
            if fd >= 0:
                os.close(fd)
        self.writer = -1
