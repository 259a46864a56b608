"""The real thing for tests: ``yanxiu up`` as a subprocess on the demo site, and its accounts."""

import csv
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from yanxiu.people.reads import people, profiles
from yanxiu.settings.notice import load_notice
from yanxiu.store.engine import open_store

from .writing import writing

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "hub/sites/demo"
YANXIU = Path(sys.executable).with_name("yanxiu")
#: Two cores that also run a browser: a start takes 5 s alone and a minute in bad company.
START_S = 150


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Running:
    """A platform that serves.

    :param url: of portal and hub; ``servers``: of teachers' servers
    """

    url: str
    servers: str
    data: Path
    process: subprocess.Popen[str]
    output: Path

    def accounts(self) -> dict[str, dict[str, str]]:
        """Return the demo accounts by the name of the person."""
        with (self.data / "demo-accounts.csv").open(encoding="utf-8") as file:
            return {row["name"]: row for row in csv.DictReader(file)}


def everybody_agrees(data: Path, database_url: str = "") -> None:
    """Record that everybody has agreed to the privacy notice, as they do on their first day."""
    store = open_store(database_url or f"sqlite:///{data}/db/yanxiu.sqlite", data / "blobs")
    with writing(store) as session:
        for who in people.accounts(session):
            profiles.add_consent(session, who.id, load_notice().version, store.clock())
    store.close()


def start(
    data: Path,
    *options: str,
    port: int | None = None,
    agreed: bool = True,
    program: Path = YANXIU,
    site: Path | None = DEMO,
) -> Running:
    """Start ``yanxiu up`` on the demo site and wait until it says that it serves.

    :param agreed: everybody has agreed to the privacy notice; False for a real first day
    :param program: the command; another installation's is started outside this source tree
    :param site: None for the site that the installation brings
    """
    port = port or free_port()
    data.mkdir(parents=True, exist_ok=True)
    output = data.parent / f"{data.name}.out"
    with output.open("a") as out:
        began = out.tell()
        process = subprocess.Popen(
            [
                program,
                "up",
                *(("--site", site) if site else ()),
                "--data",
                data,
                "--port",
                str(port),
                "--demo",
                *options,
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, "YANXIU_LANG": "zh_CN"},
            cwd=data.parent,
        )
    servers = "127.0.0.1" if "--one-origin" in options else "localhost"
    running = Running(f"http://127.0.0.1:{port}", f"http://{servers}:{port}", data, process, output)
    deadline = time.monotonic() + START_S
    while "已就绪" not in output.read_bytes()[began:].decode(errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(running)
            raise AssertionError(f"the platform did not start:\n{output.read_text()[-3000:]}")
        time.sleep(0.1)
    if agreed:
        everybody_agrees(data)
    return running


def stop(running: Running) -> int:
    """End it as Ctrl-C would; return the exit code."""
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGINT)
        try:
            running.process.wait(40)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait(10)
    return running.process.returncode


@contextmanager
def platform(data: Path, *options: str) -> Iterator[Running]:
    """Run the platform for a block."""
    running = start(data, *options)
    try:
        yield running
    finally:
        stop(running)
