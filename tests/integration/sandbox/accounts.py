"""Run a program as root or as an ordinary user, with this checkout's Python readable.

A Python under root's home is closed to everyone else. The program is then started in a
mount namespace of its own, where that home holds nothing but the Python.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from yanxiu.errors import SettingsError
from yanxiu.sandbox.host import probe, python_folders

REPO = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Account:
    """Who runs the launcher; ``uid`` None is whoever runs the tests.

    :param granted: /etc/subuid and /etc/subgid grant it ids (of its own mount namespace)
    """

    name: str
    uid: int | None
    granted: bool = False

    def __str__(self) -> str:
        return self.name


#: An ordinary account with ids of /etc/subuid, where the test can pretend that it has some.
GRANTED = Account("granted", 65534, granted=True)
if os.getuid() == 0:
    ACCOUNTS = [
        Account("root", None),
        Account("ordinary", 65534),
    ]
else:
    ACCOUNTS = [Account("ordinary", None)]


def command(account: Account, argv: list[str]) -> list[str]:
    """Return ``argv`` as ``account`` would start it; the process stays the same one."""
    if account.uid is None:
        return argv
    steps = ["set -e", "stash=$(mktemp -d)"]
    for number, (closed, folder) in enumerate(_closed()):
        steps += [
            f"mkdir -p $stash/{number}",
            f"mount --bind {folder} $stash/{number}",
            f"mount -t tmpfs -o mode=755 none {closed}",
            f"mkdir -p {folder}",
            f"mount --bind $stash/{number} {folder}",
        ]
    if account.granted:
        steps.append(f"echo {account.uid}:3000000:65536 > $stash/granted")
        steps += [f"mount --bind $stash/granted {file}" for file in ("/etc/subuid", "/etc/subgid")]
    steps.append(f'exec setpriv --reuid={account.uid} --regid={account.uid} --clear-groups -- "$@"')
    return ["unshare", "--mount", "sh", "-c", "\n".join(steps), "sh", *argv]


def _closed() -> list[tuple[Path, Path]]:
    """Return (closed ancestor, folder) for each part of Python that others cannot reach."""
    found: dict[Path, Path] = {}
    for folder in python_folders():
        for ancestor in reversed(folder.parents):
            if ancestor.exists() and not ancestor.stat().st_mode & 0o001:
                found.setdefault(ancestor, folder)
                break
    return list(found.items())


def needs_namespaces() -> None:
    """Skip what is tested in sandboxes where this machine allows none."""
    try:
        probe()
    except SettingsError as error:
        pytest.skip(f"needs user namespaces: {error}")


@cache
def why_not(account: Account) -> str | None:
    """Say why nothing can be tested as ``account``, or None."""
    if account.uid is None:
        return None
    if not (shutil.which("unshare") and shutil.which("setpriv")):
        return "needs unshare and setpriv (util-linux) to become an ordinary user"
    if account.granted and not shutil.which("newuidmap"):
        return "needs newuidmap (package uidmap)"
    code = "import sys; sys.path.insert(0, sys.argv[1]); import yanxiu, jupyterhub"
    tried = subprocess.run(
        command(account, [sys.executable, "-c", code, str(REPO / "hub")]),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    if tried.returncode == 0:
        return None
    last = (tried.stderr.strip().splitlines() or ["?"])[-1]
    return f"needs Python and the checkout to be readable by uid {account.uid}: {last}"
