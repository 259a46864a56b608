"""Unpack a tar that somebody else packed, or refuse it before anything is written.

Decides which archives may touch the disk: regular files only, relative NFC names, no
``..``, bounded in number and size. Does not know what the files mean. Called by ``job``
for bundles and releases alike: a release is ours, but checking it costs nothing.
"""

import io
import os
import tarfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path


class BadArchive(Exception):
    """The archive may not be unpacked; ``code`` says why, and nothing was written."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ArchiveLimits:
    """How much one archive may bring. Sizes in bytes, after unpacking."""

    files: int = 400
    total_bytes: int = 64 * 1024 * 1024
    depth: int = 12
    name_bytes: int = 255


def unpack(archive: bytes, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    """Return the files of an uncompressed tar, name to content, sorted by name.

    Two names that would need the same place (``a`` and ``a/b``) are refused, and so is
    every kind of member that is not a plain file: folders are implied by names. Names are
    judged here and not by ``tarfile.data_filter``: Python has it only since 3.11.4, and
    Debian 12 brings 3.11.2.

    :raises BadArchive: with code ``not_a_tar``, ``kind``, ``name``, ``duplicate``,
        ``too_many`` or ``too_large``
    """
    limits = limits or ArchiveLimits()
    files: dict[str, bytes] = {}
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            for member in tar:
                # Not isreg(): it also takes GNU sparse files, whose few bytes can claim terabytes.
                if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
                    raise BadArchive("kind")
                check_name(member.name, limits)
                if member.name in files:
                    raise BadArchive("duplicate")
                total += member.size
                if total > limits.total_bytes:
                    raise BadArchive("too_large")
                if len(files) == limits.files:
                    raise BadArchive("too_many")
                content = tar.extractfile(member)
                files[member.name] = content.read() if content else b""
    except (tarfile.TarError, OSError, ValueError, OverflowError) as error:
        raise BadArchive("not_a_tar") from error
    _check_places(files)
    return dict(sorted(files.items()))


def check_name(name: str, limits: ArchiveLimits) -> None:
    """Raise ``BadArchive("name")`` unless ``name`` is a plain relative path in NFC."""
    parts = name.split("/")
    if (
        len(parts) > limits.depth
        or any(part in ("", ".", "..") for part in parts)
        or any(len(part.encode("utf-8", "surrogateescape")) > limits.name_bytes for part in parts)
        or "\\" in name
        or any(unicodedata.category(character) in ("Cc", "Cs") for character in name)
        or unicodedata.normalize("NFC", name) != name
    ):
        raise BadArchive("name")


def write(files: dict[str, bytes], folder: Path) -> None:
    """Write ``files`` below ``folder``, readable by the sandbox's user, replacing nothing.

    :raises FileExistsError: a file is already there
    """
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)


def without_folder(files: dict[str, bytes], folder: str) -> dict[str, bytes]:
    """Return ``files`` named from inside ``folder`` if all of them lie in it.

    >>> without_folder({"a1/a1.ipynb": b"", "a1/data/x.csv": b""}, "a1")
    {'a1.ipynb': b'', 'data/x.csv': b''}
    >>> without_folder({"score.py": b""}, "a1")
    {'score.py': b''}
    """
    prefix = f"{folder}/"
    if not all(name.startswith(prefix) for name in files):
        return files
    return {name.removeprefix(prefix): content for name, content in files.items()}


def _check_places(files: dict[str, bytes]) -> None:
    folders = {
        "/".join(name.split("/")[:count])
        for name in files
        for count in range(1, name.count("/") + 1)
    }
    if folders & files.keys():
        raise BadArchive("duplicate")
