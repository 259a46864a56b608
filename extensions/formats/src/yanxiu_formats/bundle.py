"""A tar of files, as it is handed in and handed out: pack, read, limits, digest.

Decides what an archive may hold (regular files of safe names, so many and so big) and what its
digest is. Knows neither who sends it nor what the files mean. The client packs with ``pack``,
the service reads with ``members``, graders and clients with ``unpack``: one rule for all.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

from . import names
from .units import canonical

#: The defaults of what a site takes; a site may say otherwise.
MAX_FILES, MAX_MB = 200, 20
#: nbgrader's own metadata: sent, but the same work at another minute is the same work.
TIMESTAMP = "timestamp.txt"
_BLOCK = 64 * 1024


class BadBundle(ValueError):
    """An archive may not be taken: ``code`` is a sentence's, with its ``params``."""

    def __init__(self, code: str, **params: Any):
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Limits:
    """How much one archive may bring: files, bytes after unpacking, length and depth of a name."""

    files: int = MAX_FILES
    total_bytes: int = MAX_MB * 1_000_000
    path: names.PathLimits = field(default_factory=names.PathLimits)

    @property
    def tar_bytes(self) -> int:
        """How long the tar itself may be: its own headers and padding come on top."""
        return self.total_bytes + self.files * 2048 + 20480


#: What the platform packed itself: releases, accepted bundles below a folder of ours.
OURS = Limits(files=1000, total_bytes=100_000_000, path=names.PathLimits(path_bytes=340, depth=16))


class Content:
    """A file's bytes on their way out of an archive."""

    def __init__(self, file: IO[bytes]):
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Return some of the bytes, none at the end. :raises BadBundle: there should be more"""
        try:
            return self._file.read(size)
        except tarfile.TarError as error:
            raise BadBundle("bundle.broken") from error


class Member(NamedTuple):
    """A file on its way out of an archive; ``content`` is read before the next one."""

    name: str
    size: int
    content: Content


class Files(Mapping[str, bytes]):
    """The files of an archive, put into one file: each content is read when it is asked for.

    :param kept: takes the contents; closed with this
    """

    def __init__(self, kept: IO[bytes]):
        self._kept = kept
        self._places: dict[str, tuple[int, int]] = {}
        self.digests: dict[str, str] = {}
        self.total = 0

    def __enter__(self) -> "Files":
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def add(self, member: Member) -> None:
        """Keep a file's content and digest."""
        sha = hashlib.sha256()
        start = self._kept.seek(0, io.SEEK_END)
        while block := member.content.read(_BLOCK):
            sha.update(block)
            self._kept.write(block)
        self._places[member.name] = (start, member.size)
        self.digests[member.name] = sha.hexdigest()
        self.total += member.size

    def __getitem__(self, name: str) -> bytes:
        start, size = self._places[name]
        self._kept.seek(start)
        return self._kept.read(size)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def pack(self, out: IO[bytes]) -> None:
        """Write a plain tar in the order of the names."""
        write(out, (self._at(name) for name in sorted(self._places)))

    def _at(self, name: str) -> tuple[str, int, IO[bytes]]:
        start, size = self._places[name]
        self._kept.seek(start)
        return name, size, self._kept


def pack(contents: Mapping[str, bytes]) -> bytes:
    """Return files as a plain tar, sorted, without anything of this machine."""
    buffer = io.BytesIO()
    write(buffer, ((name, len(data), io.BytesIO(data)) for name, data in sorted(contents.items())))
    return buffer.getvalue()


def write(out: IO[bytes], files: Iterable[tuple[str, int, IO[bytes] | Content]]) -> None:
    """Write ``(name, size, content)`` as a plain tar in the order given."""
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, size, content in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = size, 0o644
            tar.addfile(entry, content)


def digest_of(digests: Mapping[str, str]) -> str:
    """Return the digest of ``{name: sha256}``; a client's timestamp does not count."""
    kept = {name: sha for name, sha in digests.items() if name != TIMESTAMP}
    return hashlib.sha256(canonical(kept).encode()).hexdigest()


def digests_of(contents: Mapping[str, bytes]) -> dict[str, str]:
    """Return ``{name: sha256}`` of files."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}


def members(chunks: Iterable[bytes], limits: Limits | None = None) -> Iterator[Member]:
    """Give the files of an uncompressed tar one by one, each judged by its header alone.

    :param chunks: the tar as it comes in, in pieces of any length

    Names are judged here and not by ``tarfile.data_filter``: Python has it only since 3.11.4,
    and Debian 12 brings 3.11.2. Folders are implied by names and passed over.

    :raises BadBundle: ``bundle.not_regular``, ``.bad_name``, ``.twice``, ``.too_many``,
        ``.too_large`` or ``.broken``
    """
    limits = limits or Limits()
    seen: set[str] = set()
    total = 0
    stream = _Stream(chunks, limits)
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                if member.isdir():
                    continue
                # Not isreg(): it also takes GNU sparse files, whose few bytes can claim terabytes.
                if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
                    raise BadBundle("bundle.not_regular", name=names.shown_path(member.name))
                name = _safe(member.name, limits)
                if name in seen:
                    raise BadBundle("bundle.twice", name=names.shown_path(name))
                total += member.size
                if total > limits.total_bytes:
                    raise too_large(limits)
                if len(seen) >= limits.files:
                    raise BadBundle("bundle.too_many", most=limits.files)
                seen.add(name)
                content = tar.extractfile(member)
                assert content is not None
                yield Member(name, member.size, Content(content))
            # tarfile takes an archive that was cut between two files for a whole one: only
            # the two zero blocks at the end say that nothing is missing.
            while stream.read(_BLOCK):
                pass
            if stream.total < tar.offset + 2 * tarfile.BLOCKSIZE:
                raise tarfile.ReadError("no end of archive")
    except BadBundle:
        raise
    except (tarfile.TarError, EOFError, ValueError, OverflowError, RecursionError) as error:
        raise BadBundle("bundle.broken") from error
    for folder in (one for name in seen for one in _folders(name)):
        if folder in seen:
            raise BadBundle("bundle.twice", name=names.shown_path(folder))


def unpack(archive: bytes, limits: Limits = OURS, *, strip_top: bool = False) -> dict[str, bytes]:
    """Return the files of an uncompressed tar, sorted by name.

    :param strip_top: all lie below one folder, which is left out of the names
    :raises BadBundle: as ``members``, or ``bundle.broken`` when there is no such folder
    """
    files = {}
    for one in members([archive], limits):
        files[one.name] = one.content.read()
    if strip_top:
        if len({name.split("/")[0] for name in files}) != 1 or not all("/" in one for one in files):
            raise BadBundle("bundle.broken")
        files = {name.partition("/")[2]: data for name, data in files.items()}
    return dict(sorted(files.items()))


def read_file(chunks: Iterable[bytes], name: str) -> bytes | None:
    """Return one small file of our own tar, None when it has no such file."""
    return next((one.content.read() for one in members(chunks, OURS) if one.name == name), None)


def copy_file(chunks: Iterable[bytes], name: str, sha256: str, out: IO[bytes]) -> bool:
    """Copy one file of our own tar to ``out``; say whether it is there with this content.

    What was copied is of no use when it is not.
    """
    for one in members(chunks, OURS):
        if one.name == name:
            sha = hashlib.sha256()
            while block := one.content.read(_BLOCK):
                sha.update(block)
                out.write(block)
            return sha.hexdigest() == sha256
    return False


def below(chunks: Iterable[bytes], folder: str, out: IO[bytes]) -> None:
    """Write our own tar again to ``out``, with every name below ``folder``."""
    write(out, ((f"{folder}/{one.name}", one.size, one.content) for one in members(chunks, OURS)))


def too_large(limits: Limits) -> BadBundle:
    """Return the refusal of more bytes than ``limits`` take."""
    return BadBundle("bundle.too_large", limit_mb=f"{limits.total_bytes / 1e6:g}")


def human(size: int) -> str:
    """Return a size for people.

    >>> human(900), human(2000), human(20_000_000)
    ('0.9 KB', '2.0 KB', '20.0 MB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{size / 1e3:.1f} KB"


class _Stream(io.RawIOBase):
    """Pieces read as a file, up to as many bytes as a tar within the limits can have."""

    def __init__(self, chunks: Iterable[bytes], limits: Limits):
        self._chunks, self._limits = iter(chunks), limits
        self._rest = memoryview(b"")
        self.total = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Return some of what is there: at most ``size`` bytes, none at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self.total += len(chunk)
            if self.total > self._limits.tar_bytes:
                raise too_large(self._limits)
            self._rest = memoryview(chunk)
        # A view: a whole bundle in one piece is not copied again for each block.
        part, self._rest = self._rest[:size], self._rest[size:]
        return bytes(part)


def _safe(name: str, limits: Limits) -> str:
    try:
        return names.safe_path(name, limits.path)
    except (names.BadName, UnicodeError):
        raise BadBundle("bundle.bad_name", name=names.shown_path(name)) from None


def _folders(name: str) -> Iterator[str]:
    parts = name.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))
