"""What there is to steal around a launcher, and listeners that must not be reached."""

import contextlib
import ctypes
import os
import platform
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yanxiu.sandbox.client import Job, LauncherGone, SyncLauncher

from tests.integration.sandbox.accounts import REPO, Account, command
from tests.integration.sandbox.attacks import LOOT
from tests.support.few_descriptors import few_descriptors

PERSON = "uabcdefghij234567"
OTHER = "uzyxwvutsrq765432"
_SETRESUID = {"x86_64": 117, "aarch64": 147}[platform.machine()]


class Listener:
    """Says the loot to everyone who connects."""

    def __init__(self, sock: socket.socket):
        sock.listen()
        self.sock = sock
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                with self.sock.accept()[0] as found:
                    found.recv(1000)
                    found.sendall(LOOT.encode())


def listen_tcp() -> Listener:
    """Return a listener on a free port of 127.0.0.1."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return Listener(sock)


@dataclass
class Running:
    """A launcher that is running."""

    account: Account
    process: "subprocess.Popen[str]"
    data: Path
    launcher: SyncLauncher
    records_port: int

    def own(self, path: Path) -> None:
        """Give a path to the account that runs the launcher."""
        if self.account.uid is not None:
            os.chown(path, self.account.uid, self.account.uid)

    def write(self, path: Path, text: str) -> Path:
        """Write a file that belongs to the launcher's account."""
        missing = [folder for folder in path.parents if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for made in (*reversed(missing), path):
            self.own(made)
            made.chmod(0o700 if made.is_dir() else 0o600)
            self._to_its_home(made)
        return path

    def _to_its_home(self, made: Path) -> None:
        """Give what is in a home to whose home it is, as somebody who puts a file there must."""
        homes = self.data / "homes"
        if homes in made.parent.parents:
            owner = (homes / made.relative_to(homes).parts[0]).stat().st_uid
            os.chown(made, owner, owner)


class OfAnAccount(SyncLauncher):
    """Asks as another account: the machine's root is nobody to a launcher with granted ids."""

    uid: int

    @contextlib.contextmanager
    def _as_account(self) -> Iterator[None]:
        # The system call is of one thread; Python's own would be of all of them.
        call = ctypes.CDLL(None, use_errno=True).syscall
        call(_SETRESUID, -1, self.uid, -1)
        try:
            yield
        finally:
            call(_SETRESUID, -1, 0, -1)

    def _ask(self, *asked: Any) -> dict[str, Any]:
        with self._as_account():
            return super()._ask(*asked)

    @contextlib.contextmanager
    def job(self) -> Iterator[Job]:
        """Open a job; whose connection it is, is known from its first moment."""
        with contextlib.ExitStack() as stack:
            with self._as_account():
                job = stack.enter_context(super().job())
            yield job


def spawn(
    account: Account, data: Path, hub_port: int, records_port: int, *flags: str
) -> "subprocess.Popen[str]":
    """Start a launcher process."""
    argv = [sys.executable, "-m", "yanxiu.sandbox.launcher", "--data", str(data)]
    argv += ["--hub-api", f"127.0.0.1:{hub_port}", "--records", f"127.0.0.1:{records_port}"]
    return subprocess.Popen(
        command(account, few_descriptors([*argv, *flags])),
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPO / "hub"),
            "YANXIU_WORKER_TOKEN": LOOT,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
    )


def wait_for(process: "subprocess.Popen[str]", launcher: SyncLauncher) -> None:
    """Wait until a launcher answers; fail at once if it ends."""
    until = time.monotonic() + 30
    while True:
        try:
            launcher.ping()
            return
        except LauncherGone:
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                raise AssertionError(process.communicate()[0]) from None
            time.sleep(0.02)


@contextlib.contextmanager
def running(
    account: Account, hub_port: int, *flags: str, data: Path | None = None
) -> Iterator[Running]:
    """Run a launcher on a data folder of its own."""
    folder = data or Path(tempfile.mkdtemp(prefix="yanxiu-sandbox-"))
    if account.uid is not None:
        os.chown(folder, account.uid, account.uid)
    records = listen_tcp()
    records_port = records.sock.getsockname()[1]
    process = spawn(account, folder, hub_port, records_port, *flags)
    launcher = SyncLauncher(folder / "run" / "launcher" / "launcher.sock")
    if account.granted:
        launcher = OfAnAccount(folder / "run" / "launcher" / "launcher.sock")
        launcher.uid = account.uid
    try:
        wait_for(process, launcher)
        yield Running(account, process, folder, launcher, records_port)
    finally:
        process.terminate()
        process.communicate(timeout=20)
        records.sock.close()
        if data is None:
            shutil.rmtree(folder)


@contextlib.contextmanager
def dressed(on: Running, hub_port: int) -> Iterator[dict[str, Any]]:
    """Put everything worth stealing around a launcher; return where it is."""
    beside = Path(tempfile.mkdtemp(prefix="yanxiu-beside-"))
    other = listen_tcp()
    abstract = f"yanxiu-test-{os.getpid()}-{on.process.pid}"
    unix = socket.socket(socket.AF_UNIX)
    unix.bind("\0" + abstract)
    Listener(unix)
    on.own(beside)
    on.write(on.data / "homes" / OTHER / "diary.txt", LOOT)
    solution = on.write(beside / "courses" / "a1" / "solution.json", LOOT)
    database = on.data / "db" / "yanxiu.sqlite"
    on.write(database, "")
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE secrets (secret)")
        connection.execute("INSERT INTO secrets VALUES (?)", (LOOT,))
    secret_beside = on.write(Path(beside) / "note.txt", LOOT)
    victim = subprocess.Popen(
        ["/bin/sh", "-c", f": {LOOT}; read x"],
        stdin=subprocess.PIPE,
        user=on.account.uid,
        group=on.account.uid,
        extra_groups=None if on.account.uid is None else [],
    )
    stack = contextlib.ExitStack()
    waiting = stack.enter_context(on.launcher.job())
    on.write(waiting.inbox / "work" / "a1.ipynb", LOOT)
    on.write(waiting.inbox / "scoring" / "score.py", LOOT)
    try:
        yield {
            "data": str(on.data),
            "solution": str(solution),
            "database": str(database),
            "beside_venv": str(secret_beside.parent),
            "hub_source": str(REPO / "hub" / "yanxiu" / "names.py"),
            "hub_port": hub_port,
            "other_port": other.sock.getsockname()[1],
            "abstract": abstract,
            "victim": victim.pid,
        }
    finally:
        stack.close()
        victim.communicate(b"\n")
        other.sock.close()
        unix.close()
        shutil.rmtree(beside)
