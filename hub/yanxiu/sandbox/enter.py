"""Become a program in a sandbox: what a forked child does before it runs anything.

Standard library alone (with ``landlock``), and nothing here knows the launcher: its children come this way, and
so can those of a parent that has imported everything already (warm starts). The process
that calls ``fork`` must have one thread, and children die with the thread that made them.

What is closed off here, and why in this order, is in docs/explanation/sandbox.md.
"""

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from yanxiu.sandbox import landlock

_libc = ctypes.CDLL(None, use_errno=True)

#: linux/sched.h: user, mount, pid, network, ipc, uts and cgroup namespace.
_NAMESPACES = 0x10000000 | 0x20000 | 0x20000000 | 0x40000000 | 0x8000000 | 0x4000000 | 0x2000000
#: linux/prctl.h
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP, _CAPBSET_DROP = 1, 4, 22, 24
_SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 36, 38
_SECCOMP_MODE_FILTER = 2
#: linux/mount.h
_MS_NOSUID, _MS_NODEV, _MS_REMOUNT = 2, 4, 32
#: linux/capability.h
_CAPABILITY_VERSION = 0x20080522
#: What a child exits with that could not become a program; its log says why.
EXIT_NOT_ENTERED = 126


@dataclass(frozen=True)
class Entry:
    """How a process becomes a program.

    :param sandbox: pidfd of the sandbox's first process, or None for a plain process
    :param doors: ``cgroup.procs`` files to enter
    :param rlimits: name → number, soft and hard
    :param seccomp: the system-call filter, or None
    :param descriptors: its number in the program → its number here; all others are closed
    :param folder: where the program starts, as the sandbox sees it
    :param user: who it becomes, in the sandbox's numbers; None: who it is already
    :param may_grow: the only folders inside in which it may make and write files; None: all
    :param tmpfs: (path inside, size in bytes, most files) of the folders that are memory
    :param nice: added priority number: the platform's own processes come first
    """

    sandbox: int | None
    doors: tuple[Path, ...]
    rlimits: Mapping[str, int]
    seccomp: bytes | None
    descriptors: Mapping[int, int]
    folder: str
    nice: int = 5
    user: int | None = None
    tmpfs: tuple[tuple[str, int, int], ...] = ()
    may_grow: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Entering:
    """A child on its way; the caller closes both ends.

    :param middle: the child of ours that goes ahead, and ends once the program exists
    :param report: says the program's pid, in our numbers, and then ends
    :param go: a byte written here lets the program run; if it closes, the program ends
    """

    middle: int
    report: int
    go: int


def adopt_orphans() -> None:
    """Become the parent of programs whose ``middle`` has ended; their exits are then ours."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def fork(entry: Entry, body: Callable[[], NoReturn]) -> Entering:
    """Fork a program; it waits for the caller's word and then runs ``body``.

    Twice, because a process never changes its own pid namespace, only that of its children.
    """
    report, told = os.pipe()
    word, go = os.pipe()
    launcher = os.getpid()
    middle = os.fork()
    if middle == 0:
        with or_exit():
            begin(entry.doors, entry.nice)
            if entry.sandbox is not None:
                # Until it has become the program, this is a copy of its parent: nobody who
                # is inside already may read its memory.
                _prctl(_SET_DUMPABLE, 0)
                _checked(_libc.setns(entry.sandbox, _NAMESPACES), "setns")
                for path, size, most in entry.tmpfs:
                    bound(path, size, most)
                    if entry.user is not None:
                        os.chown(path, entry.user, entry.user)
            program = os.fork()
            if program == 0:
                os.setsid()
                listening = arrange(entry.descriptors, word)
                if not os.read(listening or 0, 1):
                    os._exit(EXIT_NOT_ENTERED)  # the launcher is gone
                confine(entry, launcher)
                body()
            os.write(told, b"%d\n" % program)
    os.close(told)
    os.close(word)
    return Entering(middle, report, go)


def begin(doors: tuple[Path, ...], nice: int) -> None:
    """Do, in a fresh child, what only a process outside can do for itself."""
    forget_signals()
    for door in doors:
        door.write_bytes(b"0")
    os.nice(nice)
    # When the machine runs out of memory, sandboxes go before the platform.
    Path("/proc/self/oom_score_adj").write_bytes(b"500")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def forget_signals() -> None:
    """Take back what an event loop and Python itself did with signals.

    A child that kept its parent's would wake its parent's loop with its own.
    """
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)


def die_with(parent: int) -> None:
    """Ask the kernel to end this process with ``parent``, which made or adopted it."""
    _prctl(_SET_PDEATHSIG, signal.SIGKILL)
    # From inside a pid namespace, a parent outside of it has no number.
    if os.getppid() not in (0, parent):
        os._exit(EXIT_NOT_ENTERED)


def arrange(descriptors: Mapping[int, int], keep: int | None = None) -> int | None:
    """Give descriptors their numbers, close all others but ``keep`` and return its new number.

    Without a 0 among them, there is nothing to read there.
    """
    above = max((*descriptors, 2)) + 1
    moved = {there: fcntl.fcntl(here, fcntl.F_DUPFD, above) for there, here in descriptors.items()}
    if 0 not in moved:
        moved[0] = fcntl.fcntl(os.open("/dev/null", os.O_RDONLY), fcntl.F_DUPFD, above)
    # The lowest free number each time: higher than all before it.
    kept = None if keep is None else fcntl.fcntl(keep, fcntl.F_DUPFD_CLOEXEC, above)
    for there, high in moved.items():
        os.dup2(high, there)
    for number in set(range(3, above)) - set(moved):
        with contextlib.suppress(OSError):
            os.close(number)
    if kept is not None:
        os.closerange(above, kept)
        above = kept + 1
    os.closerange(above, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return kept


def confine(entry: Entry, parent: int) -> None:
    """Take from this process, for good, what a program in a sandbox must not have."""
    os.chdir(entry.folder)
    for name, most in entry.rlimits.items():
        number = getattr(resource, name)
        hardest = resource.getrlimit(number)[1]
        value = most if hardest == resource.RLIM_INFINITY else min(most, hardest)
        resource.setrlimit(number, (value, value))
    if entry.sandbox is None:
        die_with(parent)
        return
    for capability in range(64):
        if _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # the kernel knows no more of them
    if entry.user is not None:
        become(entry.user)
    die_with(parent)  # the kernel forgets it when a process becomes somebody else
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _checked(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    _prctl(_SET_NO_NEW_PRIVS, 1)
    if entry.may_grow is not None:
        landlock.grow_only(entry.may_grow)
    if entry.seccomp is not None:
        _filter(entry.seccomp)


def become(user: int) -> None:
    """Be another account from now on; its group has the same number."""
    with contextlib.suppress(PermissionError):  # groups cannot be left in every namespace
        os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def may_be_read() -> None:
    """Let others of this process's account look at it, until it becomes somebody else."""
    _prctl(_SET_DUMPABLE, 1)


def bound(path: str, size: int, most: int) -> None:
    """Say how much a tmpfs of this sandbox holds; bubblewrap cannot say how many files."""
    options = f"size={size},nr_inodes={most}".encode()
    flags = _MS_REMOUNT | _MS_NOSUID | _MS_NODEV
    _checked(_libc.mount(None, path.encode(), None, flags, options), f"remount {path}")


class _Program(ctypes.Structure):
    """``struct sock_fprog`` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def _filter(steps: bytes) -> None:
    loaded = _Program(len(steps) // 8, steps)
    _prctl(_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(loaded))


def _prctl(option: int, value: int, more: object = 0) -> None:
    _checked(_libc.prctl(option, value, more, 0, 0), f"prctl {option}")


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


@contextlib.contextmanager
def or_exit() -> Iterator[None]:
    """Never let a child go on as if it were its parent."""
    code = EXIT_NOT_ENTERED
    try:
        yield
        code = 0
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(2, f"not entered: {error!r}\n".encode())
    finally:
        os._exit(code)
