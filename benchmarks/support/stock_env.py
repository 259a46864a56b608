"""The stock side's own environment, in ``build/bench-stock``: installed once, with hashes.

Lock it anew, after a change of ``requirements.in``, with
``uv pip compile benchmarks/stock/requirements.in --universal --python-version 3.11
--generate-hashes --no-header --no-annotate -q -o benchmarks/stock/requirements.lock``.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.support.measure import say

ROOT = Path(__file__).resolve().parents[2]
STOCK = ROOT / "benchmarks" / "stock"
VENV = ROOT / "build" / "bench-stock"
BIN = VENV / "bin"
LOCK = STOCK / "requirements.lock"
#: Nothing else of ours reaches the stock side.
_INHERITED = ("HOME", "USER", "LANG", "TZ", "TMPDIR")


def prepare() -> None:
    """Install what the lock says, unless it is installed.

    :raises RuntimeError: pip failed
    """
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    ready = VENV / ".locked"
    if ready.exists() and ready.read_text() == wanted:
        return
    say("installing the stock environment (once, two minutes or so)")
    pip = [str(BIN / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    commands = [
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        [*pip, "--require-hashes", "--no-deps", "-r", str(LOCK)],
    ]
    # With byte code, whatever the caller's environment says: nobody's start shall compile.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for command in commands:
        if subprocess.run(command, stdout=sys.stderr, env=env, check=False).returncode:
            raise RuntimeError("the stock environment could not be installed")
    # The same proxy for both sides: what differs is not the proxy.
    (BIN / "traefik").symlink_to(Path(sys.executable).with_name("traefik"))
    ready.write_text(wanted)


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return a clean environment whose programs are the stock side's."""
    env = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    env |= {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(home), "PYTHONUNBUFFERED": "1"}
    return {"LANG": "C.UTF-8", **env, **more}
