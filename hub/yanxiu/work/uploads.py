"""Bundles on their way in: files that grow until they are whole, beside the blobs.

One folder for each person holds, for each upload, what it is (``<id>.json``) and the bytes
that arrived (``<id>.part``); the size of the second is the offset to go on from, so a process
that dies forgets nothing. Knows nothing of rules. Called by ``verbs.upload``.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from yanxiu.names import is_person_id
from yanxiu.store.blobs import Blobs, chunks_of

_ID = re.compile(r"[0-9a-f]{32}")


class Overtaken(Exception):
    """Somebody else wrote to the upload meanwhile, or it is gone: ask for the offset again."""


@dataclass(frozen=True)
class Upload:
    """One bundle on its way.

    :param digest: of the bundle's manifest, as the client counted it
    :param size: bytes in all
    """

    id: str
    person_id: str
    assignment_id: uuid.UUID
    client_key: str
    digest: str
    size: int
    created_at: datetime


def upload_id(assignment_id: uuid.UUID, client_key: str, digest: str, size: int) -> str:
    """Return the one id of this attempt, so that asking again finds the same upload."""
    named = json.dumps([str(assignment_id), client_key, digest, size])
    return hashlib.sha256(named.encode()).hexdigest()[:32]


class Uploads:
    """All unfinished uploads of a site."""

    def __init__(self, blobs: Blobs):
        self._root = blobs.root / "uploads"

    def find(self, person_id: str, upload: str) -> Upload | None:
        """Return a person's upload; None for anybody else's, or what is no id."""
        if _ID.fullmatch(upload) is None:
            return None
        return self._read(self._folder(person_id) / f"{upload}.json")

    def of(self, person_id: str) -> list[Upload]:
        """Return a person's uploads, oldest first."""
        found = [self._read(path) for path in self._folder(person_id).glob("*.json")]
        return sorted((one for one in found if one), key=lambda one: (one.created_at, one.id))

    def create(self, upload: Upload) -> None:
        """Begin an upload, empty. :raises OSError: the disk is full"""
        folder = self._folder(upload.person_id)
        content = {
            **asdict(upload),
            "assignment_id": str(upload.assignment_id),
            "created_at": upload.created_at.isoformat(),
        }
        draft = folder / f"{upload.id}.new"
        for last in (False, False, True):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                draft.write_text(json.dumps(content), encoding="utf-8")
                break
            except FileNotFoundError:
                # ``expire`` found the folder empty between the two lines.
                if last:
                    raise
        self._part(upload).touch(mode=0o600)
        draft.replace(folder / f"{upload.id}.json")

    def held(self, upload: Upload) -> int:
        """Return how many bytes have arrived."""
        try:
            return self._part(upload).stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def writing(self, upload: Upload, offset: int) -> Iterator["Writer"]:
        """Go on writing at ``offset``. :raises Overtaken: that is not where it stands"""
        try:
            descriptor = os.open(self._part(upload), os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
        except FileNotFoundError:
            raise Overtaken from None
        try:
            yield Writer(descriptor, offset, upload.size)
        finally:
            os.close(descriptor)

    @contextmanager
    def reading(self, upload: Upload) -> Iterator[Iterator[bytes]]:
        """Give what has arrived, in chunks."""
        with self._part(upload).open("rb") as file:
            yield chunks_of(file)

    def remove(self, upload: Upload) -> None:
        """Forget an upload."""
        folder = self._folder(upload.person_id)
        for ending in ("json", "part", "new"):
            (folder / f"{upload.id}.{ending}").unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()  # only when it is empty

    def expire(self, begun_before: datetime) -> int:
        """Remove the uploads begun before then, and what crashes left; return how many."""
        count = 0
        for folder in self._root.iterdir() if self._root.is_dir() else ():
            if not is_person_id(folder.name):
                continue
            for upload in self.of(folder.name):
                if upload.created_at < begun_before:
                    self.remove(upload)
                    count += 1
            for left in folder.glob("*"):
                # What a crash left before it had a name; younger ones may be on their way.
                with contextlib.suppress(FileNotFoundError):
                    named = left.with_suffix(".json").exists()
                    if not named and left.stat().st_mtime < begun_before.timestamp():
                        left.unlink()
            with contextlib.suppress(OSError):
                folder.rmdir()  # only when it is empty
        return count

    def _folder(self, person_id: str) -> Path:
        if not is_person_id(person_id):
            raise ValueError("not a person's id")
        return self._root / person_id

    def _part(self, upload: Upload) -> Path:
        return self._folder(upload.person_id) / f"{upload.id}.part"

    def _read(self, path: Path) -> Upload | None:
        try:
            content = json.loads(path.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        content["assignment_id"] = uuid.UUID(content["assignment_id"])
        content["created_at"] = datetime.fromisoformat(content["created_at"])
        return Upload(**content)


class Writer:
    """Appends, as long as nobody else does.

    A line that hangs may come back when a new one has long gone on: whoever finds the file at
    another size than they left it stops. The lock is held for one piece, not for one line.
    """

    def __init__(self, descriptor: int, offset: int, size: int):
        self._descriptor, self.offset, self._size = descriptor, offset, size

    def write(self, piece: bytes) -> None:
        """Add a piece; what is over the announced size is dropped.

        :raises Overtaken: the file has another size than we left it with, or was removed
        :raises OSError: the disk is full; what fitted stays and counts
        """
        piece = piece[: self._size - self.offset]
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            state = os.fstat(self._descriptor)
            if state.st_size != self.offset or state.st_nlink == 0:
                raise Overtaken
            while piece:
                written = os.write(self._descriptor, piece)
                self.offset += written
                piece = piece[written:]
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
