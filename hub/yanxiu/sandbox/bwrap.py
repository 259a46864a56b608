"""Build the bubblewrap command line of a sandbox.

Pure: paths in, list of arguments out. ``host`` says what this machine has, ``SandboxSpec``
what a sandbox needs beyond it, ``sandbox`` starts the result. The reasons for each flag
are in ``docs/explanation/sandbox.md``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from yanxiu.sandbox.spec import SandboxSpec

UID = 1000
GID = 1000


@dataclass(frozen=True)
class Host:
    """What of this machine every sandbox sees.

    :param links: symbolic links to make: (what they say, where)
    :param folders: read-only: (real path, path inside)
    :param masked: folders inside ``folders`` that stay empty
    :param closed: files of ``/proc`` that the kernel shows to root alone
    """

    links: tuple[tuple[str, str], ...]
    folders: tuple[tuple[Path, str], ...]
    masked: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


def arguments(
    host: Host, spec: SandboxSpec, first: Sequence[str], userns: int | None = None
) -> list[str]:
    """Return bubblewrap's arguments, from the first flag to the last word of ``first``.

    ``first`` becomes the first process of the sandbox's pid namespace itself.
    :param userns: its number of a descriptor of the user namespace to use (``namespace``);
        None: bubblewrap makes one
    Order matters: the empty ``/tmp`` before anything that lies under it, the sandbox's
    own folders before Python's (which may lie under ``/home``), read-only last.
    """
    own = ("--unshare-user", "--disable-userns", "--uid", str(UID), "--gid", str(GID))
    out = [
        *("--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"),
        *([] if spec.network else ["--unshare-net"]),
        *(own if userns is None else ("--userns", str(userns))),
        "--die-with-parent",
        "--new-session",
        "--as-pid-1",
        *("--cap-drop", "ALL"),
        *("--hostname", "yanxiu"),
        "--clearenv",
    ]
    out += ["--proc", "/proc", "--dev", "/dev"]
    # Before a proc that only the machine's root may read is shown to a program that is root.
    for path in host.closed:
        out += ["--ro-bind", "/dev/null", path]
    # Whose they are is somebody else's than the programs': open to all, each for its own.
    for path, size, _ in sorted(spec.tmpfs):
        out += ["--perms", "1777", "--size", str(size), "--tmpfs", path]
    for folder in _above([bind.target for bind in spec.binds] + [to for _, to in host.folders]):
        out += ["--perms", "0755", "--dir", folder]
    for bind in spec.binds:
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
    out += ["--chdir", "/", "--", *first]
    return out


def _above(targets: Sequence[str]) -> list[str]:
    """Return the folders above, each after its own: bubblewrap would close some of them."""
    found = {str(above) for target in targets for above in PurePosixPath(target).parents}
    return sorted(found - {"/"})


def encode(args: list[str]) -> bytes:
    """Return arguments as ``bwrap --args FD`` reads them, so that ``ps`` shows none."""
    return b"".join(arg.encode() + b"\0" for arg in args)
