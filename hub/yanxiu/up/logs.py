"""Log files of the parts: appended by the part itself, kept small from outside.

A part writes straight to its file (``O_APPEND``), so the supervisor can never block it,
and a full disk costs log lines and nothing else. Rotation copies and truncates, because
the part keeps its file open. Called by ``child`` and ``main``.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

MAX_BYTES = 5 * 1024 * 1024
KEPT = 3


def open_log(file: Path) -> int:
    """Open ``file`` for appending and return the descriptor; ``/dev/null`` if it cannot be.

    A part that cannot log still serves.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def rotate(file: Path, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> None:
    """Move the content of a too large ``file`` to ``file.1``, that to ``.2``, and so on.

    What is written between the copy and the truncation is lost: a few lines at most.
    """
    try:
        if file.stat().st_size <= max_bytes:
            return
    except OSError:
        return
    # Without room for a copy the lines are dropped: the disk matters more than the log.
    with suppress(OSError):
        for number in range(kept - 1, 0, -1):
            with suppress(FileNotFoundError):
                _numbered(file, number).replace(_numbered(file, number + 1))
        shutil.copyfile(file, _numbered(file, 1))
        _numbered(file, 1).chmod(0o600)
    with suppress(OSError):
        os.truncate(file, 0)


def tail(file: Path, lines: int = 5, since: int = 0) -> list[str]:
    """Return the last non-empty lines of ``file`` after byte ``since``."""
    try:
        with file.open("rb") as handle:
            size = handle.seek(0, os.SEEK_END)
            handle.seek(max(since if since <= size else 0, size - 16_384))
            text = handle.read().decode(errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-lines:]


def _numbered(file: Path, number: int) -> Path:
    return file.with_name(f"{file.name}.{number}")
