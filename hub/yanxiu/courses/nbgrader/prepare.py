"""Parse a stranger's notebooks, an author's or a learner's, as a program of its own.

``limited`` runs this module in a process apart: a notebook may unpack to more than there is,
and nbformat's and nbgrader's parsers were not written for enemies. That process imports
nbgrader once (a second of CPU) and never looks at what it is asked; for each request it forks
a child with limits on memory and time, which may fall over without harm. Frames on standard
input and output: eight bytes of length, then JSON. An empty answer says that the child fell
over. Bytes are base64 in both.
"""

import base64
import gc
import json
import os
import resource
import select
import signal
import sys
from pathlib import Path
from typing import Any

from . import feedback, leaks, notebooks
from .config import Settings
from .problems import Problem

LENGTH = 8
_IDLE_S = 60
#: Bytes of one file that a child may write; a learner's notebook has 29 MB at most.
_MOST_FILE = 100_000_000


def main() -> None:
    """Answer until nobody asks any more."""
    notebooks.Steps(Settings()).step("ClearSolutions")  # nbgrader is here from now on
    gc.freeze()
    while asked := _frame():
        answer = _forked(asked)
        sys.stdout.buffer.write(len(answer).to_bytes(LENGTH) + answer)
        sys.stdout.buffer.flush()


def _frame() -> bytes:
    """Return the next request, nothing at the end or after a minute of silence."""
    if not select.select([0], [], [], _IDLE_S)[0]:
        return b""
    length = int.from_bytes(_exactly(LENGTH))
    return _exactly(length)


def _exactly(count: int) -> bytes:
    parts = []
    while count:
        part = os.read(0, min(count, 1 << 20))
        if not part:
            return b""
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _forked(asked: bytes) -> bytes:
    """Answer in a child; nothing if it fell over."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as out:
                out.write(_answer(asked))
        except BaseException:  # MemoryError, RecursionError: the exit status says enough
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answered:
        answer = answered.read()
    return answer if os.waitpid(child, 0)[1] == 0 else b""


def _answer(asked: bytes) -> bytes:
    whole = json.loads(asked)
    for name, most in (
        (resource.RLIMIT_AS, whole["memory"]),
        (resource.RLIMIT_CPU, whole["cpu_s"]),
        (resource.RLIMIT_FSIZE, _MOST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (most, most))
    signal.alarm(whole["wall_s"])
    answer = {"versions": _versions, "check": _check, "write": _write}[whole["do"]]
    return json.dumps([answer(one) for one in whole["jobs"]], ensure_ascii=True).encode()


def _versions(job: dict[str, Any]) -> list[Any]:
    parts, settings = bytes_of(job["parts"]), Settings(job["options"])
    released = bytes_of(job["released"])
    return [
        _told(
            notebooks.versions(f"{job['where']}/{name}", data, settings, parts, released.get(name))
        )
        for name, data in bytes_of(job["notebooks"]).items()
    ]


def _told(made: notebooks.Versions | list[Problem]) -> Any:
    if isinstance(made, list):
        return {"problems": [vars(one) for one in made]}
    return {
        "grading": _text(made.grading),
        "release": _text(made.release),
        "cells": [vars(cell) for cell in made.cells],
    }


def _check(job: dict[str, Any]) -> list[Any]:
    found = leaks.check(
        job["where"],
        bytes_of(job["learner"]),
        bytes_of(job["source"]),
        Settings(job["options"]),
        bytes_of(job["parts"]),
    )
    return [vars(one) for one in found]


def _write(job: dict[str, Any]) -> bool:
    grading, release = bytes_of(job["grading"]), bytes_of(job["release"])
    feedback.write(Path(job["root"]), feedback.about_of(job, grading, release), job)
    return True


def bytes_of(files: dict[str, str]) -> dict[str, bytes]:
    """Return files as they came through JSON."""
    return {name: base64.b64decode(text) for name, text in files.items()}


def text_of(files: dict[str, bytes]) -> dict[str, str]:
    """Return files as they go through JSON."""
    return {name: _text(data) for name, data in files.items()}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    main()
