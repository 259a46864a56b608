"""The real housekeeping process, started by a test."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .site import ROOT

#: A county's processes share two cores with seven other test runs.
PATIENCE_S = 120
LEASE_S = 3


def start(data: Path, url: str, *, site: Path = ROOT / "hub/sites/demo") -> subprocess.Popen[bytes]:
    """Start housekeeping over ``data`` with short leases; its log goes beside the data."""
    with (data / "housekeeping.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "yanxiu.housekeeping.process"],
            env={
                "PATH": os.environ["PATH"],
                "YANXIU_DATA": str(data),
                "YANXIU_SITE": str(site),
                "YANXIU_DATABASE_URL": url,
                "YANXIU_ID_KEY": "ab" * 32,
                "YANXIU_TASK_LEASE_S": str(LEASE_S),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def until(what: Callable[[], bool], *, alive: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until ``what`` holds, as long as the process lives."""
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert alive is None or alive.poll() is None, "housekeeping ended"
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)


def end(process: subprocess.Popen[bytes]) -> int:
    """Ask the process to end and return its exit code."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(PATIENCE_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
