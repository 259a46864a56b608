"""Tidying up after a launcher that was killed."""

import os
import subprocess

from yanxiu.sandbox import process, proctree


def sleeper(mark: str) -> "subprocess.Popen[bytes]":
    """A process that calls itself ``mark``, as bubblewrap does for its launcher."""
    return subprocess.Popen([mark, "60"], executable="/bin/sleep")


def test_only_sandboxes_of_dead_launchers_are_swept():
    own = f"yanxiu-sandbox-{os.getpid()}-{proctree.started(os.getpid())}"
    reused = f"yanxiu-sandbox-{os.getpid()}-1"  # the number is somebody else's by now
    alive = [sleeper(own), sleeper("sleep"), sleeper("yanxiu-sandbox-x")]
    dead = [sleeper(reused)]
    try:
        process.sweep()
        assert dead[0].wait(timeout=10) == -9
        assert [child.poll() for child in alive] == [None, None, None]
    finally:
        for child in (*alive, *dead):
            child.kill()
            child.wait()
