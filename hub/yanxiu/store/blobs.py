"""Content-addressed files: staging → fsync → rename to the digest.

A blob exists whole or not at all, and the same content is kept once. Whoever is about to
refer to a blob puts it, even if it may be there already: that renews its age, and ``collect``
removes only what is old and needed by nobody. ``bucket`` keeps the same in an object store. Knows
nothing of what the bytes mean.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

#: What is on its way stays in memory up to here: most of what people hand in does.
_IN_MEMORY = 2_000_000
_CHUNK = 64 * 1024
#: What goes out to a browser: a thread brings each piece, so larger; small beside a large file.
LARGE = 256 * 1024


def chunks_of(file: IO[bytes], size: int = _CHUNK) -> Iterator[bytes]:
    """Give what is left of a file in pieces."""
    return iter(lambda: file.read(size), b"")


def named(digest: str) -> str:
    """Return a digest. :raises ValueError: it is none, and must not become a path"""
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError("not a digest")
    return digest


class Blobs:
    """Files named by their SHA-256 under ``root``.

    ``digest`` arguments are 64 lower-case hex digits; anything else is refused before it
    can become a path.
    """

    def __init__(self, root: Path):
        self.root = root
        self.staging = root / "staging"
        self.staging.mkdir(parents=True, exist_ok=True, mode=0o700)

    def below(self, *names: str) -> "Part":
        """Return a part that shares no blob with the rest, such as one draft's files."""
        return Part(self.root.joinpath(*names), self.staging)

    def path(self, digest: str) -> Path:
        """Return where a blob is (or would be); for this class alone: ``open`` works everywhere."""
        return self.root / named(digest)[:2] / digest

    def put(self, chunks: Iterable[bytes]) -> str:
        """Store the chunks as one blob and return its digest.

        Nothing is left behind when ``chunks`` raises or the disk is full (``OSError``).
        """
        staged = self.staging / secrets.token_hex(16)
        sha = hashlib.sha256()
        try:
            with staged.open("xb") as file:
                for chunk in chunks:
                    sha.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            digest = sha.hexdigest()
            target = self.path(digest)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._locked(fcntl.LOCK_SH):
                staged.replace(target)
        finally:
            staged.unlink(missing_ok=True)
        _fsync_folder(target.parent)
        return digest

    def read(self, digest: str) -> bytes:
        """Return a blob's bytes; ``FileNotFoundError`` when there is none."""
        return self.path(digest).read_bytes()

    def open(self, digest: str) -> IO[bytes]:
        """Open a blob that may be large, to read and seek; ``FileNotFoundError`` when there is none."""
        return self.path(digest).open("rb")

    def unnamed(self) -> IO[bytes]:
        """Return a file for what is on its way: nothing is left of it, whatever happens."""
        return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(self.staging))

    def has(self, digest: str) -> bool:
        """Say whether there is a blob."""
        return self.path(digest).is_file()

    def remove(self, digest: str) -> None:
        """Remove a blob, if it is there; for content that nobody else can have put."""
        self.path(digest).unlink(missing_ok=True)

    def old(self, before_s: float, digit: str) -> set[str]:
        """Return the blobs whose name begins with ``digit`` and that were put before then.

        :param before_s: seconds since 1970
        """
        return {
            file.name
            for folder in self.root.glob(f"{digit}[0-9a-f]")
            for file in os.scandir(folder)
            if file.stat(follow_symlinks=False).st_mtime < before_s
        }

    def remove_old(self, digest: str, before_s: float) -> int | None:
        """Remove a blob and return its size; None when it is gone, or put again meanwhile."""
        path = self.path(digest)
        # Nobody can put it between the look at its age and its end.
        with self._locked(fcntl.LOCK_EX):
            try:
                found = path.stat()
            except FileNotFoundError:
                return None
            if found.st_mtime >= before_s:
                return None
            path.unlink()
        return found.st_size

    def parts(self, above: str) -> Iterator[tuple[tuple[str, ...], float]]:
        """Give the names of the parts below ``above``, and when each was last added to.

        Of parts with two names, such as a person's draft of one assignment.
        """
        for folder in (self.root / above).glob("*/*"):
            with suppress(FileNotFoundError):
                yield (folder.parent.name, folder.name), folder.stat().st_mtime

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a folder for what is being made; a crash leaves it to ``clear_old_staging``."""
        folder = self.staging / f"scratch-{secrets.token_hex(16)}"
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def clear_old_staging(self, before_s: float) -> None:
        """Remove what crashes left half-written before ``before_s``."""
        for leftover in self.staging.iterdir():
            with suppress(FileNotFoundError):
                if leftover.stat().st_mtime < before_s:
                    _remove(leftover)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        lock = os.open(self.staging.parent / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, how)
            yield
        finally:
            os.close(lock)

    def clear_staging(self) -> None:
        """Remove what a crash left half-written; call when no writer runs."""
        for leftover in self.staging.iterdir():
            _remove(leftover)


class Part(Blobs):
    """Blobs of one owner in a folder of their own, which is there while any of them is.

    The same content elsewhere is another blob: so what is here can be removed.
    """

    def __init__(self, root: Path, staging: Path):
        self.root, self.staging = root, staging

    def path(self, digest: str) -> Path:
        """Return where a blob is (or would be): few enough for one folder."""
        return self.root / super().path(digest).name

    def digests(self) -> set[str]:
        """Return what is here."""
        return {path.name for path in self.root.iterdir()} if self.root.is_dir() else set()

    def remove_if_empty(self) -> None:
        """Remove the folder once nothing is in it."""
        with suppress(OSError):
            self.root.rmdir()


def _remove(leftover: Path) -> None:
    if leftover.is_dir() and not leftover.is_symlink():
        shutil.rmtree(leftover, ignore_errors=True)
    else:
        leftover.unlink()


def _fsync_folder(folder: Path) -> None:
    """Make a rename durable: without this a power cut may forget the new name."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
