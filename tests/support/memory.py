"""Large files that take no memory, and how much memory something took at most."""

import io
import os
import tracemalloc
from collections.abc import Callable
from typing import Any


class Large(io.RawIOBase):
    """A file of many bytes that takes no memory itself: ``begin``, then one letter."""

    def __init__(self, letter: bytes, size: int, begin: bytes = b"") -> None:
        self.letter, self.size, self.begin, self.at = letter, size, begin, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, where: int, whence: int = os.SEEK_SET) -> int:
        self.at = where + {os.SEEK_SET: 0, os.SEEK_CUR: self.at, os.SEEK_END: self.size}[whence]
        return self.at

    def read(self, size: int = -1) -> bytes:
        count = self.size - self.at if size < 0 else min(size, self.size - self.at)
        part = self.begin[self.at : self.at + count]
        self.at += count
        return part + self.letter * (count - len(part))


def peak(work: Callable[[], Any]) -> tuple[Any, int]:
    """Return what ``work`` returns, and the bytes that it had in memory at most."""
    tracemalloc.start()
    try:
        done = work()
        return done, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
