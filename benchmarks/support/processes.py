"""Start programs, and end them with all they started: by process id, never by name."""

import contextlib
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

#: What a command line has, and the name of that part.
_PARTS = {
    "yanxiu.portal.serve": "records",
    "ngshare": "ngshare",
    "traefik": "proxy",
    "jupyterhub": "hub",
    "yanxiu.housekeeping": "housekeeping",
    "benchmarks/run.py": "client",
}


@contextlib.contextmanager
def started(command: list[str], env: dict[str, str], log: Path) -> Iterator[psutil.Popen]:
    """Run a program for a block; afterwards neither it nor its descendants are there."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        process = psutil.Popen(
            command, env=env, cwd=log.parent, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        end(process)


def end(process: psutil.Popen, patience_s: float = 20) -> None:
    """Ask it to end, then see that it and everything it started has."""
    with contextlib.suppress(psutil.NoSuchProcess):
        everybody = process.children(recursive=True)
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(patience_s)
        _, left = psutil.wait_procs([*everybody, process], timeout=1)
        for one in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(left, timeout=5)


def wait_until(happened: Callable[[], bool], what: str, log: Path, within_s: float = 90) -> None:
    """Wait for something that a started program does.

    :raises RuntimeError: it did not happen; with the end of the program's log
    """
    deadline = time.monotonic() + within_s
    while not happened():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not happen:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def cost(root: psutil.Process, before: set[int]) -> dict[str, float]:
    """Return what the descendants of ``root`` born since took: seconds of CPU, private MB.

    Neither depends much on what else the machine does.
    """
    found = {"cpu_s": 0.0, "private_mb": 0.0}
    for one in root.children(recursive=True):
        if one.pid not in before:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                found["cpu_s"] += times.user + times.system
                found["private_mb"] += one.memory_full_info().uss / 1e6
    return found


def spent(root: psutil.Process) -> Counter[str]:
    """Return the seconds of CPU that each part took so far: ``root`` itself and its descendants.

    Of those that ended meanwhile nothing is known.
    """
    found: Counter[str] = Counter()
    for one in [root, *root.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            found[f"{_part(one)} {one.pid}"] = times.user + times.system
    return found


def _part(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    return next((name for mark, name in _PARTS.items() if mark in command), process.name())


def descendants(root: psutil.Process) -> set[int]:
    """Return the ids of everything that ``root`` started."""
    return {one.pid for one in root.children(recursive=True)}
