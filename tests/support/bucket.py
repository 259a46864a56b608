"""A real S3 server for tests: versitygw over a folder, built once from the Go module proxy.

It checks signatures, takes parts, and keeps each object as a file of its name: so a test can look
at an object, age it or damage it. ``go.mod`` beside pins it and everything it is made of.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from yanxiu.settings.blobs import BlobSettings, Keys
from yanxiu.store.blobs import Blobs
from yanxiu.store.bucket import BucketBlobs, bucket_of

from .site import free_port
from .waiting import eventually

MODULE = "github.com/versity/versitygw/cmd/versitygw"
SOURCES = Path(__file__).parent / "s3"
VERSION = "1.8.0"
KEYS = Keys("test-key", "test-secret")


class NoGo(Exception):
    """There is no compiler on this machine: nothing was tried."""


def binary() -> Path:
    """Return the server, which is built the first time. :raises NoGo: it cannot be"""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    made = cache / "yanxiu-tests" / f"versitygw-{VERSION}"
    if made.exists():
        return made
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        raise NoGo("an S3 server needs Go 1.25 or newer to be built")
    made.parent.mkdir(parents=True, exist_ok=True)
    with (made.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one of the test processes builds
        if not made.exists():
            _build(go, made)
    return made


def _build(go: str, made: Path) -> None:
    with tempfile.TemporaryDirectory(dir=made.parent) as folder:
        draft = Path(folder) / "versitygw"
        command = [go, "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", draft, MODULE]
        done = subprocess.run(command, check=False, cwd=SOURCES, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the S3 server cannot be built: {done.stderr[-1000:]}")
        draft.replace(made)


#: By the root of some blobs, the folder of their bucket.
_FOLDERS: dict[Path, Path] = {}


def folder_of(blobs: Blobs) -> Path:
    """Return the folder in which the objects of a bucket's blobs are files."""
    return _FOLDERS[blobs.root]


@dataclass(frozen=True)
class Server:
    """A running server, and the folder that its buckets lie in."""

    endpoint: str
    folder: Path

    def bucket(self) -> BlobSettings:
        """Make an empty bucket."""
        name = f"b{uuid.uuid4().hex}"
        (self.folder / name).mkdir()
        return BlobSettings(kind="s3", endpoint=self.endpoint, bucket=name, prefix="yanxiu/")

    def blobs(self, folder: Path, bucket: BlobSettings | None = None) -> BucketBlobs:
        """Return the blobs of a bucket, an empty one unless it is given."""
        settings = bucket or self.bucket()
        assert settings.bucket
        _FOLDERS[folder] = self.folder / settings.bucket
        return BucketBlobs(folder, bucket_of(settings, KEYS))

    def objects(self, digest: str) -> list[Path]:
        """Return the files of a blob's objects, in whatever bucket."""
        return sorted(self.folder.rglob(f"{digest}/*"))


@contextmanager
def server() -> Iterator[Server]:
    """Run a server on the loopback address."""
    program = binary()
    with tempfile.TemporaryDirectory(prefix="yx-s3-") as root:
        data, about = Path(root) / "data", Path(root) / "about"
        data.mkdir()
        about.mkdir()
        address = f"127.0.0.1:{free_port()}"
        command = [program, "--access", KEYS.access_key_id, "--secret", KEYS.secret_access_key]
        command += ["--port", address, "--health", "/health", "--quiet"]
        command += ["posix", "--sidecar", str(about), str(data)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert eventually(lambda: _answers(process, address), 60), "the S3 server is silent"
            yield Server(f"http://{address}", data)
        finally:
            process.terminate()
            process.wait(30)


def _answers(process: subprocess.Popen[bytes], address: str) -> bool:
    assert process.poll() is None, "the S3 server ended"
    try:
        return httpx.get(f"http://{address}/health", trust_env=False).is_success
    except httpx.TransportError:
        return False
