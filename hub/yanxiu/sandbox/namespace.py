"""Make the user namespace that a sandbox is made in: who is who inside, and what is counted.

Two accounts exist in it. 0 is the launcher's own: bubblewrap puts the sandbox together as
that, because the folders it shows are the launcher's. ``UID`` is every program's, outside
a user id that nobody else has (``ids``). Where the launcher has no ids to give, ``UID`` is
the launcher's own account and 0 does not exist. Called by ``sandbox``.
"""

import ctypes
import os
from pathlib import Path

from yanxiu.sandbox import enter, process
from yanxiu.sandbox.bwrap import UID

_NEW_USER = 0x10000000  # linux/sched.h: CLONE_NEWUSER
_libc = ctypes.CDLL(None, use_errno=True)
#: A process that has unshared answers within milliseconds.
_READY_S = 10.0


class Refused(Exception):
    """The kernel does not allow it; the reason is in the sandbox's log."""


def is_first(uid_map: str) -> bool:
    """Say whether a ``/proc/self/uid_map`` is that of the machine and not of a container.

    >>> is_first("         0          0 4294967295"), is_first("0 1000 1")
    (True, False)
    """
    return uid_map.split() == ["0", "0", "4294967295"]


def limits(*, own_id: bool, first: bool) -> dict[str, int]:
    """Return what may exist in the namespace: file of ``/proc/sys/user`` → most.

    The kernel counts inotify instances (128 an account, machine-wide) for whoever made the
    namespace too. With an id that nobody else has, that harms nobody. Else there are none:
    programs that watch files fall back on looking.

    :param first: the launcher itself is in the machine's own namespace
    """
    out = {"max_user_namespaces": 0, "max_fanotify_groups": 0, "max_fanotify_marks": 0}
    return out if own_id and first else out | {"max_inotify_instances": 0}


async def make(user: int | None, log_fd: int) -> int:
    """Make a user namespace and return a descriptor of it.

    :param user: the id of its programs, in the launcher's numbers; None: the launcher's
    :raises Refused: the kernel does not allow it
    """
    ready, told = os.pipe()
    word, go = os.pipe()
    most = limits(own_id=user is not None, first=is_first(Path("/proc/self/uid_map").read_text()))
    child = process.fork(lambda: _unshared(user, most), {0: word, 1: told, 2: log_fd})
    os.close(told)
    os.close(word)
    try:
        came = await process.within(process.readable(ready), _READY_S)
        if not came or not os.read(ready, 1):
            raise Refused
        at = Path(f"/proc/{child.pid}")
        if user is not None:
            for kind in ("gid_map", "uid_map"):
                (at / kind).write_text(f"0 0 1\n{UID} {user} 1\n")
        return os.open(at / "ns" / "user", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        os.write(log_fd, f"no user namespace: {error}\n".encode())
        raise Refused from None
    finally:
        os.close(ready)
        os.close(go)


def _unshared(user: int | None, most: dict[str, int]) -> None:
    """Unshare, set what is allowed, and be there until the launcher has seen to the rest."""
    own = os.getuid(), os.getgid()
    if user is not None:
        # Before: what is counted for the maker of a namespace is then counted for this id.
        enter.become(user)
        # Becoming somebody else closed its files of /proc to the launcher, unless that is the
        # machine's root. Nobody else of this id is there.
        enter.may_be_read()
    if _libc.unshare(_NEW_USER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, number in most.items():
        setting = Path("/proc/sys/user", name)
        if setting.exists():
            setting.write_text(str(number))
    if user is None:
        Path("/proc/self/setgroups").write_text("deny")
        for kind, mine in zip(("uid_map", "gid_map"), own, strict=True):
            Path("/proc/self", kind).write_text(f"{UID} {mine} 1\n")
    os.write(1, b"!")
    os.read(0, 1)
