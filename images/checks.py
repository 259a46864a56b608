"""What every image's ``verify.py`` asks from the inside. Standard library only.

Knows nothing of a role; each ``verify.py`` says what it is to have, to lack and to answer.
"""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

HOME = Path("/opt/yanxiu")
PATIENCE_S = 120


def say(what: str) -> None:
    """Name a check that held."""
    print(f"  ok  {what}", flush=True)


def ordinary_user() -> None:
    """The image runs as somebody who may not change what it brings."""
    assert os.getuid() == 1000, f"runs as {os.getuid()}"
    writable = [
        path
        for path in [HOME, *HOME.rglob("*"), Path("/etc"), Path("/usr/bin")]
        if not path.is_symlink() and os.access(path, os.W_OK)
    ]
    assert not writable, writable[:3]
    home = Path.home()
    (home / ".probe").write_text("x", encoding="ascii")
    (home / ".probe").unlink()
    say(f"uid 1000, {home} is its own, nothing else is")


def has(*modules: str) -> None:
    """The role's libraries import, all in one process."""
    subprocess.run([sys.executable, "-P", "-c", f"import {', '.join(modules)}"], check=True)
    say(f"imports {', '.join(modules)}")


def lacks(*modules: str) -> None:
    """What belongs to another role is not there."""
    there = [name for name in modules if importlib.util.find_spec(name)]
    assert not there, f"should not be here: {there}"
    say(f"has no {', '.join(modules)}")


def yanxiu_says_its_version() -> None:
    """The command starts with this role's libraries alone."""
    done = subprocess.run(["yanxiu", "--version"], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("yanxiu "), done.stdout
    say(done.stdout.strip())


def refuses(command: Sequence[str], sentence: str) -> None:
    """Started without what it needs, it ends at once with a sentence and no traceback."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 2 and sentence in said and "Traceback" not in said, said
    say(f"without settings it says: {said.strip()[:60]}")


def run(*command: str) -> str:
    """Run a program to its end and return what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def draws_chinese() -> None:
    """Charts have Chinese labels and no empty boxes."""
    run(sys.executable, "-P", str(Path(__file__).with_name("drawing.py")))
    say("draws a chart with Chinese labels")


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


@contextmanager
def running(command: Sequence[str], env: Mapping[str, str], url: str) -> Iterator[bytes]:
    """Run a service until it answers ``url`` with 200; give the answer, and end it."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env={**os.environ, **env}, stdout=log, stderr=log)
        try:
            yield _answer(process, url, log)
        finally:
            process.terminate()
            process.wait(30)


def _answer(process: "subprocess.Popen[bytes]", url: str, log: IO[bytes]) -> bytes:
    until = time.monotonic() + PATIENCE_S
    said: object = None
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - this machine's own
                answer: bytes = response.read()
                return answer
        except urllib.error.HTTPError as error:
            said = (error.code, error.read()[:200])
        except OSError as error:
            said = error
        time.sleep(0.2)
    log.seek(0)
    raise AssertionError(f"{url}: {said}\n{log.read().decode()[-2000:]}")


def json_of(answer: bytes) -> Any:
    """Return an answer's content."""
    return json.loads(answer)
