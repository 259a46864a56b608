"""Give an installation another secret, and let the one before be understood for a while.

Decides which secrets overlap: what browsers or a monitor hold is signed or sent with the one before
and must not break at the moment of the change. Files only; who must restart, and what ID numbers
need besides, is ``cli.secrets``'s business.
"""

import os
import secrets
from pathlib import Path

from yanxiu.errors import SettingsError

#: The one before is a second file, read as ``new,before`` by whoever opens or compares.
OVERLAPPING = ("metrics", "portal_session")
PREVIOUS = ".previous"
NEXT = ".next"


def both(current: str, previous: str) -> str:
    """Return what a process is told of a secret and the one before."""
    return f"{current},{previous}" if previous else current


def accepted(secret: str) -> list[str]:
    """Return the secrets that are understood, the one to write with first.

    >>> accepted("new,before"), accepted("only")
    (['new', 'before'], ['only'])
    """
    return secret.split(",")


def new_value() -> str:
    """Return a new secret, as they all are: 256 random bits."""
    return secrets.token_hex(32)


def replace(folder: Path, name: str, *, at_once: bool) -> None:
    """Put another secret in the place of ``name``.

    :param at_once: the one before is understood no more, as when somebody else has seen it
    """
    file, before = folder / name, folder / f"{name}{PREVIOUS}"
    if name in OVERLAPPING and not at_once:
        write(before, file.read_text("ascii").strip())
    else:
        before.unlink(missing_ok=True)
    write(file, new_value())


def retire(folder: Path, name: str) -> bool:
    """Understand the one before no more; say whether there was one."""
    before = folder / f"{name}{PREVIOUS}"
    there = before.exists()
    before.unlink(missing_ok=True)
    return there


def begin(folder: Path, name: str) -> str:
    """Return the secret that is to come, the same again after a crash, until ``finish``."""
    file = folder / f"{name}{NEXT}"
    if not file.exists():
        write(file, new_value())
    return file.read_text("ascii").strip()


def finish(folder: Path, name: str) -> None:
    """Let the secret that was to come be the one."""
    (folder / f"{name}{NEXT}").replace(folder / name)
    _flush(folder)


def check_finished(folder: Path, name: str) -> None:
    """Refuse to go on between two secrets.

    :raises SettingsError: a change of ``name`` was interrupted
    """
    if (folder / f"{name}{NEXT}").exists():
        raise SettingsError(
            f"密钥 {folder / name} 上次没有换完。请再运行一次 yanxiu secrets rotate {name}。"
        )


def write(file: Path, value: str) -> None:
    """Write a secret so that a crash leaves the old one or the new one."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(value + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
    _flush(file.parent)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
