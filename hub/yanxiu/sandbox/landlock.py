"""Take from this process, for good, the right to make a folder larger; deleting stays possible.

The kernel's Landlock (5.13 and later, where the machine has it switched on) asks for no privilege.
Standard library alone. Called by ``enter`` in a child that becomes a program, and by the
launcher to know what it can rely on.
"""

import ctypes
import os
from collections.abc import Iterable

_libc = ctypes.CDLL(None, use_errno=True)
#: The numbers of the calls, the same on every machine, and linux/landlock.h.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
#: Open for writing; make a device, folder, file, socket, pipe or link.
_WRITE = 1 << 1
_MAKE = sum(1 << bit for bit in range(6, 13))
#: Move between folders: from version 2 on something that can be allowed.
_MOVE = 1 << 13


class _Beneath(ctypes.Structure):
    """``struct landlock_path_beneath_attr``."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Return what the kernel has of it; 0 is nothing."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, 0, _VERSION)))


def grow_only(folders: Iterable[str]) -> None:
    """Let this process make and write files below these folders alone.

    What it already has open stays open. To be called after ``no_new_privs``.

    :raises OSError: the kernel does not do it
    """
    rights = _WRITE | _MAKE | (_MOVE if version() >= 2 else 0)
    ruleset = _checked(
        _libc.syscall(_CREATE_RULESET, ctypes.byref(ctypes.c_uint64(rights)), 8, 0), "landlock"
    )
    for folder in folders:
        beneath = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        rule = _Beneath(rights, beneath)
        added = _libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
        _checked(added, f"landlock {folder}")
        os.close(beneath)
    _checked(_libc.syscall(_RESTRICT_SELF, ruleset, 0), "landlock")
    os.close(ruleset)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
