"""Run A: execute a learner's notebook alone and keep what it declares.

Reads ``/in``, works in ``/work``, writes ``/out``; what each file holds is in
docs/reference/launcher.md. The learner's code shares this sandbox and could write those
files itself, so nobody outside believes them more than it.
Started by the launcher as ``python -m inside.execute``.
"""

import contextlib
import json
import os
import shutil
import signal
import stat
import sys
from pathlib import Path
from typing import Any

from . import paths, prepare, quick

_ANSWERS_MOST = 1 << 20
#: What the launcher takes for "its memory was not enough".
_EXIT_MEMORY = 86


def folders() -> tuple[Path, Path, Path]:
    """Return inbox, outbox and scratch folder."""
    pairs = (("IN", "/in"), ("OUT", "/out"), ("WORK", "/work"))
    inbox, outbox, work = (os.environ.get(f"YANXIU_{name}", path) for name, path in pairs)
    return Path(inbox), Path(outbox), Path(work)


def leave(path: Path, content: str | bytes) -> None:
    """Write a file of the outbox, in place of whatever the code that ran put there.

    It is there whole or not at all. Never through a link: without a sandbox it would lead to
    any file of ours.
    """
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    part.replace(path)


def main() -> int:
    """Execute; returns the exit code."""
    isolated = os.environ.pop("YANXIU_ISOLATED", "") == "1"
    inbox, outbox, work = folders()
    paths.leave_programs()
    quick.leave_out()
    job = json.loads((inbox / "job.json").read_text())
    shutil.copytree(inbox / "work", work, dirs_exist_ok=True)
    os.chdir(work)
    release = inbox / "release.ipynb"
    if release.is_file():
        put_back(work / job["notebook"], release)
    result = run(
        work / job["notebook"],
        outbox / "executed.ipynb",
        cell_timeout_s=float(job.get("cell_timeout_s", 60)),
        output_bytes=int(job.get("output_mb", 8)) << 20,
    )
    # The parent of a program in a sandbox is outside of it and has no number there.
    if isolated and os.getppid() == 0:
        # What the notebook left running may not change the answers while they are read.
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
    answers = declared((work / job["notebook"]).parent / "answers.json")
    if answers is not None:
        leave(outbox / "answers.json", json.dumps(answers, ensure_ascii=False))
    leave(outbox / "result.json", json.dumps(result))
    return _EXIT_MEMORY if result["reason"] == "memory" else 0


def put_back(notebook: Path, release: Path) -> None:
    """Put a submitted notebook into its release's shape."""
    notebook.write_bytes(prepare.prepare(notebook.read_bytes(), release.read_bytes()))


def run(
    notebook: Path, target: Path, *, cell_timeout_s: float, output_bytes: int
) -> dict[str, Any]:
    """Execute ``notebook`` into ``target`` and return the contents of ``result.json``."""
    import nbformat

    from .notebook import Runner

    book = nbformat.read(notebook, as_version=4)
    runner = Runner(book, cell_timeout_s, output_bytes, notebook.parent)
    runner.run()
    leave(target, nbformat.writes(book) + "\n")
    return {
        "cells": len(book.cells),
        "failed_cells": runner.failed_cells(),
        "stopped_at": runner.stopped_at,
        "reason": runner.reason,
    }


def declared(path: Path) -> Any | None:
    """Return the answers that are there afterwards, or None.

    They are taken only from a plain file of at most 1 MB that holds JSON.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    info = os.fstat(fd)
    if not stat.S_ISREG(info.st_mode) or info.st_size > _ANSWERS_MOST:
        os.close(fd)
        return None
    with os.fdopen(fd, "rb") as file:
        try:
            return json.loads(file.read(_ANSWERS_MOST + 1))
        except (ValueError, RecursionError):
            return None


if __name__ == "__main__":
    sys.exit(main())
