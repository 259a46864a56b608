"""Run a command that dies with the process that started it, however that one dies.

``python -I -S tied.py <parent's pid> <command> …`` asks the kernel for SIGKILL at the
parent's death, then becomes the command. So ``kill -9`` of ``yanxiu up`` leaves no orphan
and no held port, without a pid file. A script of its own, because ``preexec_fn`` would
fork the whole supervisor and is unsafe beside threads. Knows nothing of the house.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and become the command; never returns."""
    parent, command = int(arguments[0]), arguments[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    # The parent may have died before the request: then nobody will ever send the signal.
    if os.getppid() != parent:
        sys.exit("the parent is gone")
    os.execv(command[0], command)  # noqa: S606 - becoming the command is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
