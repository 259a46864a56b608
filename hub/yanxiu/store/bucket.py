"""The same blobs in an S3-compatible bucket, for a platform on several machines.

A blob is one object, ``<first two digits>/<digest>/<put>``: the last part is new with every put, so
that nothing is ever overwritten. That is what makes removing safe where nobody can take a lock: who
removes what is old names just the objects that it saw, and a put at the same moment made another
one. A second put of what is there only makes a new object when the first has some age.

What comes is kept in an unnamed file here until its digest is known; what is read is whole, and its
digest checked, before anybody sees a byte. Made by ``open_blobs``; ``blobs`` is the same in files.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from yanxiu.errors import N_, Refused, SettingsError
from yanxiu.settings.blobs import BlobSettings, Keys, keys

from .blobs import Blobs, Part, named

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

log = logging.getLogger("yanxiu.store")

#: In the folder of this machine, once a bucket was used: nothing is looked for in the wrong place.
MARK = "in-bucket"
#: A put of what was put less than this ago renews nothing; ``retention.blobs_hours`` is longer.
_YOUNG_S = 1800
#: What is sent at once, and read at once; larger objects go in parts, of which two are in memory.
_PIECE = 5 * 1024 * 1024
_CLIENT: "ClientConfig" = {"connect_timeout": "5s", "timeout": "60s"}
_RETRIES: "RetryConfig" = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}


class Away(Refused):
    """The bucket does not answer, or not to us: nobody's fault in front of a screen."""

    def __init__(self) -> None:
        super().__init__(
            "storage.away",
            N_("平台的文件存储暂时没有回答，这次没有办成。您的内容还在原处，请稍后再试。"),
            status=503,
        )


def open_blobs(settings: BlobSettings, folder: Path, environ: Mapping[str, str]) -> Blobs:
    """Return the blobs of a site.

    :param folder: of this machine: the blobs themselves, or what is on its way to the bucket
    :raises SettingsError: a bucket without keys, or files where a bucket has been used
    """
    mark = folder / MARK
    if settings.kind == "files":
        if mark.exists():
            raise SettingsError(
                f"{folder} 里的文件已经改放在对象存储里，而现在的设置是 blobs.kind: files。"
                "请用环境变量 YANXIU_SITE 指明 site.yaml 所在的文件夹，并检查其中的 blobs；"
                f"要改回来，先把文件搬回，再删除 {mark}。"
            )
        return Blobs(folder)
    found = BucketBlobs(folder, bucket_of(settings, keys(environ)))
    mark.touch(mode=0o600)
    return found


def bucket_of(settings: BlobSettings, held: Keys) -> S3Store:
    """Return the bucket that the settings name."""
    assert settings.endpoint and settings.bucket
    endpoint = urlsplit(settings.endpoint)
    if not settings.path_style:
        endpoint = endpoint._replace(netloc=f"{settings.bucket}.{endpoint.netloc}")
    return S3Store(
        settings.bucket,
        prefix=settings.prefix.rstrip("/") or None,
        endpoint=urlunsplit(endpoint),
        region=settings.region,
        access_key_id=held.access_key_id,
        secret_access_key=held.secret_access_key,
        virtual_hosted_style_request=not settings.path_style,
        client_options={**_CLIENT, "allow_http": endpoint.scheme == "http"},
        retry_config=_RETRIES,
    )


class BucketBlobs(Blobs):
    """See ``Blobs``. ``root`` is a folder of this machine, for what is on its way."""

    def __init__(self, root: Path, bucket: S3Store):
        super().__init__(root)
        self._bucket = bucket

    def below(self, *names: str) -> "BucketPart":
        """Return a part that shares no blob with the rest."""
        return BucketPart(self, "/".join(names))

    def path(self, digest: str) -> Path:
        """There is none."""
        raise NotImplementedError("a blob of a bucket is no file of this machine")

    def folder(self, digest: str) -> str:
        """Return what the names of a blob's objects begin with."""
        return f"{named(digest)[:2]}/{digest}"

    def put(self, chunks: Iterable[bytes]) -> str:
        """Store the chunks as one blob and return its digest. :raises Away: it is not stored"""
        sha = hashlib.sha256()
        with self.unnamed() as file:
            for chunk in chunks:
                sha.update(chunk)
                file.write(chunk)
            file.seek(0)
            digest = sha.hexdigest()
            try:
                with _answering():
                    self._store(digest, file)
            except FileNotFoundError:  # of a put: there is no such bucket
                log.error("the bucket is not there")
                raise Away from None
        return digest

    def _store(self, digest: str, file: IO[bytes]) -> None:
        folder = self.folder(digest)
        before = self._objects(folder)
        if any(put_at(one) > time.time() - _YOUNG_S for one in before):
            return
        name = f"{folder}/{secrets.token_hex(8)}"
        self._bucket.put(name, file, chunk_size=_PIECE, max_concurrency=2)
        if before:  # whoever reads one of them just now finds the new one
            self._bucket.delete([one["path"] for one in before])

    def read(self, digest: str) -> bytes:
        """Return a blob's bytes; ``FileNotFoundError`` when there is none."""
        with self.open(digest) as file:
            return file.read()

    def open(self, digest: str) -> IO[bytes]:
        """Return a blob, whole, as an unnamed file; ``FileNotFoundError`` when there is none.

        :raises Away: it cannot be had now
        :raises OSError: its bytes are not those that were put
        """
        file = self.unnamed()
        try:
            with _answering():
                # Put anew between the two requests, it has another name.
                if not any(self._fetch(digest, file) for _ in range(3)):
                    raise FileNotFoundError(digest)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def _fetch(self, digest: str, file: IO[bytes]) -> bool:
        """Bring a blob into ``file``; say whether there was one."""
        for one in self._objects(self.folder(digest)):
            sha = hashlib.sha256()
            file.seek(0)
            file.truncate()
            try:
                for chunk in self._bucket.get(one["path"]).stream(min_chunk_size=_PIECE):
                    sha.update(chunk)
                    file.write(chunk)
            except FileNotFoundError:
                continue
            if sha.hexdigest() != digest:
                raise OSError(f"a blob of the bucket is damaged: {digest}")
            return True
        return False

    def has(self, digest: str) -> bool:
        """Say whether there is a blob."""
        with _answering():
            return bool(self._objects(self.folder(digest)))

    def remove(self, digest: str) -> None:
        """Remove a blob, if it is there; for content that nobody else can have put."""
        with _answering():
            self._remove(self._objects(self.folder(digest)))

    def old(self, before_s: float, digit: str) -> set[str]:
        """Return the blobs whose name begins with ``digit`` and that were put before then."""
        young: dict[str, bool] = {}
        with _answering():
            for second in "0123456789abcdef":
                for one in self._objects(f"{digit}{second}"):
                    digest = one["path"].split("/")[1]
                    young[digest] = young.get(digest, False) or put_at(one) >= before_s
        return {digest for digest, is_young in young.items() if not is_young}

    def remove_old(self, digest: str, before_s: float) -> int | None:
        """Remove a blob and return its size; None when it is gone, or put again meanwhile."""
        with _answering():
            found = self._objects(self.folder(digest))
            if not found or any(put_at(one) >= before_s for one in found):
                return None
            # These, and none that a put makes from now on.
            self._remove(found)
        return max(one["size"] for one in found)

    def parts(self, above: str) -> Iterator[tuple[tuple[str, ...], float]]:
        """Give the names of the parts below ``above``, and when each was last added to."""
        latest: dict[tuple[str, ...], float] = {}
        with _answering():
            for one in self._objects(above):
                names = tuple(one["path"].split("/")[1:-2])
                latest[names] = max(latest.get(names, 0.0), put_at(one))
        yield from latest.items()

    def _objects(self, folder: str) -> list[Any]:
        return [one for page in self._bucket.list(f"{folder}/") for one in page]

    def _remove(self, objects: list[Any]) -> None:
        if objects:
            self._bucket.delete([one["path"] for one in objects])


class BucketPart(BucketBlobs, Part):
    """Blobs of one owner, below a name of their own."""

    def __init__(self, whole: BucketBlobs, below: str):
        self.root, self.staging, self._bucket = whole.root, whole.staging, whole._bucket
        self._below = below

    def folder(self, digest: str) -> str:
        """Return what the names of a blob's objects begin with."""
        return f"{self._below}/{named(digest)}"

    def digests(self) -> set[str]:
        """Return what is here."""
        with _answering():
            return {one["path"].split("/")[-2] for one in self._objects(self._below)}

    def remove_if_empty(self) -> None:
        """Nothing is left of names without objects."""


def put_at(found: Mapping[str, Any]) -> float:
    """Return when an object was put, by the bucket's clock, in seconds since 1970."""
    return float(found["last_modified"].timestamp())


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what the client says into what callers know."""
    try:
        yield
    except BaseError as error:
        # The client's own words have the address and, of a refusal, the whole answer.
        log.error("the bucket: %s", type(error).__name__)
        raise Away from None
