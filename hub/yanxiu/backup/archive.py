"""The folder that archives lie in, and what one archive says of itself.

::

    FOLDER/blobs/ab/<sha256>           each blob once, shared by all archives
    FOLDER/<name>/manifest.json        digests, counts, versions; nothing is an archive without it
    FOLDER/<name>/tables/<table>.gz    one row a line
    FOLDER/<name>/{blobs,drafts,homes}.gz

An archive is made under another name and renamed once it is whole and on the disk. Everything
is for its owner alone (0600): it holds names, marks and password hashes.
"""

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from yanxiu.errors import SettingsError
from yanxiu.store.blobs import Blobs

FORMAT = 1
MANIFEST = "manifest.json"
NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_PART = ".part"


@dataclass(frozen=True)
class TableEntry:
    """One table: its columns as (name, kind), and the digest of its file."""

    rows: int
    sha256: str
    columns: list[list[str]]


@dataclass(frozen=True)
class ListEntry:
    """One list: how many lines, and the digest of its file; what they amount to in bytes."""

    count: int
    sha256: str
    bytes: int = 0


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself; all of it is checked before anything is restored.

    :param schema: the database's revision
    :param copied: the blobs are in the folder; else only their list is
    :param id_key: fingerprint of the key of ID numbers; empty where it was not at hand
    :param missing: blobs that rows named and nobody had
    :param gone: blobs that were let go while this was made
    """

    made_at: str
    yanxiu: str
    schema: str
    database: str
    tables: dict[str, TableEntry]
    blobs: ListEntry
    drafts: ListEntry
    homes: ListEntry
    copied: bool
    id_key: str = ""
    missing: list[str] = field(default_factory=list)
    gone: int = 0
    format: int = FORMAT


class Folder:
    """A folder of archives."""

    def __init__(self, root: Path):
        self.root = root

    @property
    def blobs(self) -> Blobs:
        """Return the blobs that the archives share."""
        return Blobs(self.root / "blobs")

    def names(self) -> list[str]:
        """Return the whole archives, oldest first."""
        if not self.root.is_dir():
            return []
        return sorted(one.name for one in self.root.iterdir() if _is_archive(one))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one that writes here, and begin without another's leftovers.

        :raises SettingsError: somebody else is at it, or the folder cannot be written
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise SettingsError(
                f"备份文件夹 {self.root} 无法写入：{error.strerror}。请换一个文件夹，或检查它的属主和磁盘。"
            ) from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SettingsError(
                    f"另一个 yanxiu backup 正在写 {self.root}。请等它做完，或用 --to 指定另一个文件夹。"
                ) from error
            for left in self.root.glob(f"*{_PART}"):
                shutil.rmtree(left)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def making(self, name: str) -> Iterator[Path]:
        """Give a folder that becomes the archive ``name`` at the end, or nothing."""
        part = self.root / f"{name}{_PART}"
        part.mkdir(mode=0o700)
        (part / "tables").mkdir(mode=0o700)
        try:
            yield part
            # Thousands of files: one flush of the system for all, before the name says it is whole.
            os.sync()
            part.rename(self.root / name)
            os.sync()
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def prune(self, keep: int) -> tuple[int, int]:
        """Remove all but the ``keep`` newest archives; return how many, and blobs none needs."""
        old = self.names()[:-keep]
        for name in old:
            # The manifest first: what is left of it by a crash is no archive any more.
            (self.root / name / MANIFEST).unlink()
            shutil.rmtree(self.root / name)
        needed: set[str] = set()
        for name in self.names():
            needed.update(digests_of(self.root / name))
        removed = 0
        for file in self.root.glob("blobs/??/*"):
            if file.name not in needed:
                file.unlink()
                removed += 1
        return len(old), removed


def _is_archive(folder: Path) -> bool:
    return bool(NAME.fullmatch(folder.name)) and (folder / MANIFEST).is_file()


def find(given: Path) -> tuple[Folder, Path]:
    """Return the folder and the archive that an operator names: one, or the newest of a folder.

    :raises SettingsError: there is none, or only half of one
    """
    if _is_archive(given):
        return Folder(given.parent), given
    folder = Folder(given)
    if names := folder.names():
        return folder, given / names[-1]
    if NAME.fullmatch(given.name.removesuffix(_PART)) and given.is_dir():
        raise SettingsError(
            f"{given} 是没有做完的备份（没有 {MANIFEST}），不能恢复。请用同一文件夹里的另一份。"
        )
    raise SettingsError(
        f"{given} 里没有备份。请给出 yanxiu backup --to 的文件夹，或其中名字像 20261129T010000Z 的一份。"
    )


def write_manifest(archive: Path, manifest: Manifest) -> None:
    """Write what the archive says of itself, with the digest of that."""
    said = asdict(manifest)
    text = json.dumps({"sha256": _digest(said), **said}, ensure_ascii=False, indent=1)
    with private(archive / MANIFEST) as file:
        file.write(text.encode() + b"\n")


def read_manifest(archive: Path) -> Manifest:
    """Read what an archive says of itself. :raises SettingsError: it is damaged, or too new"""
    path = archive / MANIFEST
    try:
        said = json.loads(path.read_text("utf-8"))
        found = said.pop("sha256")
        if said.get("format", 0) > FORMAT:
            raise SettingsError(
                f"{archive} 是更新版本的 yanxiu（{said.get('yanxiu', '?')}）做的备份，本程序读不了。"
                "请安装那个版本再恢复。"
            )
        if found != _digest(said):
            raise ValueError
        for name in ("blobs", "drafts", "homes"):
            said[name] = ListEntry(**said[name])
        said["tables"] = {name: TableEntry(**one) for name, one in said["tables"].items()}
        return Manifest(**said)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(path) from error


def damaged(file: Path) -> SettingsError:
    """Return what is said of a file that is not what it was."""
    return SettingsError(
        f"备份已损坏：{file} 和做备份时不一样。请用另一份备份（同一文件夹里较早的，或另一块盘上的）。"
    )


def _digest(said: dict[str, Any]) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def private(path: Path) -> IO[bytes]:
    """Open a new file that nobody else can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "wb")


class Lines:
    """A compressed file of lines on its way; ``sha256`` is of what lies on the disk."""

    def __init__(self, path: Path):
        self.path = path
        self.count = 0
        self._raw = private(path)
        # No name and no time in it: the same rows are the same bytes.
        self._file = gzip.GzipFile("", "wb", 4, self._raw, mtime=0)

    def add(self, line: bytes) -> None:
        """Write one line."""
        self._file.write(line + b"\n")
        self.count += 1

    def end(self) -> str:
        """Close the file and return its digest."""
        self._file.close()
        self._raw.close()
        return sha256_of(self.path)


def write_list(path: Path, lines: Iterator[str] | list[str], size: int = 0) -> ListEntry:
    """Write a list and return its entry."""
    out = Lines(path)
    for line in lines:
        out.add(line.encode())
    return ListEntry(out.count, out.end(), size)


def read_lines(path: Path) -> Iterator[bytes]:
    """Give the lines of a compressed file."""
    with gzip.open(path, "rb") as file:
        for line in file:
            yield line.rstrip(b"\n")


def digests_of(archive: Path) -> Iterator[str]:
    """Give the digests of all blobs that an archive needs, drafts' files with them."""
    for line in read_lines(archive / "blobs.gz"):
        yield line.decode()
    for line in read_lines(archive / "drafts.gz"):
        yield line.decode().rpartition("/")[2]


def sha256_of(path: Path) -> str:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
