"""The system-call filter, run by a small interpreter of its own."""

import struct

import pytest
from yanxiu.sandbox.seccomp import program

ALLOW, REFUSE, KILL = "allow", "refuse", "kill"
X86_64, AARCH64 = 0xC000003E, 0xC00000B7


def run(code: bytes, *, arch: int, number: int, first: int = 0) -> str:
    """Interpret a filter for one system call, as the kernel would."""
    data = struct.pack("=IIQQ", number, arch, 0, first)
    steps = list(struct.iter_unpack("=HBBI", code))
    at, value = 0, 0
    while True:
        kind, if_true, if_false, operand = steps[at]
        at += 1
        if kind == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif kind == 0x06:
            names = {0x7FFF0000: ALLOW, 0x80000000: KILL, 0x00050000: REFUSE}
            return names[operand & 0xFFFF0000]
        else:
            hit = value == operand if kind == 0x15 else value >= operand
            at += if_true if hit else if_false


@pytest.mark.parametrize(
    ("machine", "arch", "number", "first", "verdict"),
    [
        ("x86_64", X86_64, 0, 0, ALLOW),  # read
        ("x86_64", X86_64, 59, 0, ALLOW),  # execve
        ("x86_64", X86_64, 101, 0, REFUSE),  # ptrace
        ("x86_64", X86_64, 272, 0, REFUSE),  # unshare
        ("x86_64", X86_64, 425, 0, REFUSE),  # io_uring_setup
        ("x86_64", X86_64, 173, 0, REFUSE),  # ioperm, the last of the list
        ("x86_64", X86_64, 188, 0, REFUSE),  # setxattr: room that nothing holds
        ("x86_64", X86_64, 41, 1, ALLOW),  # socket(AF_UNIX)
        ("x86_64", X86_64, 41, 2, ALLOW),
        ("x86_64", X86_64, 41, 10, ALLOW),
        ("x86_64", X86_64, 41, 40, REFUSE),  # socket(AF_VSOCK)
        ("x86_64", X86_64, 41, 38, REFUSE),  # socket(AF_ALG)
        ("x86_64", X86_64, 41, 17, REFUSE),  # socket(AF_PACKET)
        ("x86_64", X86_64, 0x40000000, 0, REFUSE),  # read by its x32 number
        ("x86_64", 0x40000003, 101, 0, KILL),  # a 32-bit call
        ("aarch64", AARCH64, 63, 0, ALLOW),  # read
        ("aarch64", AARCH64, 117, 0, REFUSE),  # ptrace
        ("aarch64", AARCH64, 7, 0, REFUSE),  # fsetxattr
        ("aarch64", AARCH64, 198, 40, REFUSE),  # socket(AF_VSOCK)
        ("aarch64", AARCH64, 198, 1, ALLOW),
    ],
)
def test_call(machine, arch, number, first, verdict):
    code = program(machine)
    assert code is not None
    assert run(code, arch=arch, number=number, first=first) == verdict


def test_an_unknown_machine_has_no_filter():
    assert program("riscv64") is None


@pytest.mark.parametrize(
    ("machine", "arch", "memfd", "shmget"),
    [("x86_64", X86_64, 319, 29), ("aarch64", AARCH64, 279, 194)],
)
def test_memory_that_only_a_control_group_counts_is_refused_without_one(
    machine, arch, memfd, shmget
):
    for number in (memfd, shmget):
        assert run(program(machine), arch=arch, number=number) == ALLOW
        assert run(program(machine, counted=False), arch=arch, number=number) == REFUSE
    assert run(program(machine, counted=False), arch=arch, number=0, first=0) != KILL
