"""Build the bubblewrap command line of a sandbox.

Pure: paths in, list of arguments out. ``host`` says what this machine has, ``servers``
and ``jobs`` say what a sandbox needs beyond it, ``process`` starts the result. The
reasons for each flag are in ``docs/explanation/sandbox.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

UID = 1000
GID = 1000


@dataclass(frozen=True)
class Host:
    """What of this machine every sandbox sees.

    :param links: symbolic links to make: (what they say, where)
    :param folders: read-only: (real path, path inside)
    :param masked: folders inside ``folders`` that stay empty
    """

    links: tuple[tuple[str, str], ...]
    folders: tuple[tuple[Path, str], ...]
    masked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bind:
    """A folder or file of the machine that one sandbox sees."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Room:
    """What one sandbox is: its own folders, its program and its environment.

    :param tmpfs: (path inside, size in bytes); ``/tmp`` and ``/dev/shm`` must be named
    :param network: share the machine's network; only the tests ask for it, to show
        what an attack does without this defence
    """

    program: tuple[str, ...]
    chdir: str
    env: Mapping[str, str]
    tmpfs: tuple[tuple[str, int], ...]
    binds: tuple[Bind, ...] = ()
    network: bool = field(default=False)


def arguments(host: Host, room: Room) -> list[str]:
    """Return bubblewrap's arguments, from the first flag to the program's last word.

    Order matters: the empty ``/tmp`` before anything that lies under it, the sandbox's
    own folders before Python's (which may lie under ``/home``), read-only last.
    """
    out = [
        "--unshare-all",
        "--unshare-user",
        "--disable-userns",
        "--die-with-parent",
        "--new-session",
        *("--cap-drop", "ALL"),
        *("--uid", str(UID), "--gid", str(GID)),
        *("--hostname", "yanxiu"),
    ]
    if room.network:
        out.append("--share-net")
    out.append("--clearenv")
    for name, value in sorted(room.env.items()):
        out += ["--setenv", name, value]
    out += ["--proc", "/proc", "--dev", "/dev"]
    for path, size in sorted(room.tmpfs):
        out += ["--size", str(size), "--tmpfs", path]
    for bind in room.binds:
        out += ["--bind" if bind.writable else "--ro-bind", str(bind.source), bind.target]
    for source, target in host.folders:
        out += ["--ro-bind", str(source), target]
    for says, path in host.links:
        out += ["--symlink", says, path]
    for path in host.masked:
        out += ["--tmpfs", path, "--remount-ro", path]
    # For a launcher run by root, /proc/sys would be the machine's own settings, and root
    # needs no capability to write a file of root's.
    out += ["--remount-ro", "/proc"]
    # Both are tmpfs without a size: writable, they would be a way around every limit.
    out += ["--remount-ro", "/dev", "--remount-ro", "/"]
    out += ["--chdir", room.chdir, "--", *room.program]
    return out


def encode(args: list[str]) -> bytes:
    """Return arguments as ``bwrap --args FD`` reads them, so that ``ps`` shows none."""
    return b"".join(arg.encode() + b"\0" for arg in args)
