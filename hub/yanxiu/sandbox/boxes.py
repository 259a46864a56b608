"""Fill a job's inbox, and take from its outbox what a sandbox left there.

Decides how a file is written and read where a stranger's code has been: nothing is replaced, no
link is followed, no pipe is waited for. Called by whoever opens a job (``client``).
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write ``files`` below ``folder``, one after another, readable by the sandbox's user, replacing nothing.

    :raises FileExistsError: a file is already there
    """
    for name in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(files[name])


def read_left(file: Path, most: int) -> bytes | None:
    """Return a file that a sandbox left, or None unless it is a plain file of at most ``most`` bytes.

    A link would be followed out here, with our rights; a pipe would be waited for forever.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with open(descriptor, "rb", closefd=False) as handle:
            content = handle.read(most + 1)
    finally:
        os.close(descriptor)
    return content if len(content) <= most else None
