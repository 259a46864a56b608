"""Make the system-call filter of a sandbox: a short list of what nobody needs there.

Pure: returns the BPF program that ``bwrap --seccomp`` loads. It is a second wall behind
the namespaces. It closes what they leave open (AF_VSOCK reaches the machine's
hypervisor from every network namespace) and takes away the parts of the kernel in which
holes are found most often. Called by ``sandbox``.
"""

import errno
import platform
import struct

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
#: Of what nobody needs, programs are told that there is no such call, and do without.
_UNCOUNTED_ERROR = errno.ENOSYS
#: Attributes of files are room on a disk where nothing else may grow (``landlock``): programs are
#: told that this file system has none, and do without.
_NO_ATTRIBUTES = errno.EOPNOTSUPP
_REFUSE = 0x00050000
_X32 = 0x40000000

#: AUDIT_ARCH, the number of socket(2), and the numbers of what is refused.
_MACHINES: dict[str, tuple[int, int, tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E,
        41,
        # ptrace process_vm_* kcmp pidfd_getfd add_key request_key keyctl bpf userfaultfd
        # perf_event_open io_uring_* mount umount2 pivot_root move_mount fsopen fsconfig
        # fsmount fspick open_tree mount_setattr setns unshare swapon swapoff reboot
        # init_module delete_module finit_module kexec_load kexec_file_load acct quotactl
        # open_by_handle_at name_to_handle_at syslog iopl ioperm fanotify_init
        (
            *(101, 310, 311, 312, 438, 248, 249, 250, 321, 323, 298, 425, 426, 427),
            *(165, 166, 155, 429, 430, 431, 432, 433, 428, 442, 308, 272, 167, 168, 169),
            *(175, 176, 313, 246, 320, 163, 179, 304, 303, 103, 172, 173, 300),
        ),
        # memfd_create memfd_secret shmget semget msgget mq_open
        (319, 447, 29, 64, 68, 240),
        # setxattr lsetxattr fsetxattr setxattrat
        (188, 189, 190, 463),
    ),
    "aarch64": (
        0xC00000B7,
        198,
        (
            *(117, 270, 271, 272, 438, 217, 218, 219, 280, 282, 241, 425, 426, 427),
            *(40, 39, 41, 429, 430, 431, 432, 433, 428, 442, 268, 97, 224, 225, 142),
            *(105, 106, 273, 104, 294, 89, 60, 265, 264, 116, 262),
        ),
        (279, 447, 194, 190, 186, 180),
        (5, 6, 7, 463),
    ),
}

#: AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: what programs inside use.
_FAMILIES = (1, 2, 10, 16)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def program(machine: str | None = None, *, counted: bool = True) -> bytes | None:
    """Return the filter for ``machine`` (this one by default), or None where there is none.

    :param counted: a control group counts all memory. Else what only a group would count is
        refused: memory of files without a name, and that of System V and of message queues
    >>> len(program("x86_64")) % 8, program("riscv64")
    (0, None)
    """
    known = _MACHINES.get(machine or platform.machine())
    if known is None:
        return None
    arch, socket_call, refused, uncounted, attributes = known
    refuse = _step(_RETURN, _REFUSE | errno.EPERM)
    out = [
        _step(_LOAD, 4),  # the architecture: another one has other numbers
        _step(_EQUAL, arch, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, 0),  # the call's number
    ]
    if arch == 0xC000003E:
        out += [_step(_AT_LEAST, _X32, 0, 1), refuse]
    for number in refused:
        out += [_step(_EQUAL, number, 0, 1), refuse]
    for number in () if counted else uncounted:
        out += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _REFUSE | _UNCOUNTED_ERROR)]
    for number in attributes:
        out += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _REFUSE | _NO_ATTRIBUTES)]
    out += [
        _step(_EQUAL, socket_call, 1, 0),
        _step(_RETURN, _ALLOW),
        _step(_LOAD, 16),  # its first argument: the family
    ]
    for family in _FAMILIES:
        out += [_step(_EQUAL, family, 0, 1), _step(_RETURN, _ALLOW)]
    out.append(refuse)
    return b"".join(out)
