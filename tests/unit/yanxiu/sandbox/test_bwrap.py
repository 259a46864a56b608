"""The command line of a sandbox."""

from pathlib import Path

import pytest
from yanxiu.sandbox.bwrap import Host, arguments, encode
from yanxiu.sandbox.spec import Bind, SandboxSpec
from yanxiu.settings.limits import RUN

HOST = Host(
    links=(("usr/bin", "/bin"),),
    folders=((Path("/usr"), "/usr"), (Path("/home/op/hub/.venv"), "/home/op/hub/.venv")),
    masked=("/home/op/hub/.venv/lib/yanxiu",),
    closed=("/proc/slabinfo",),
)
SPEC = SandboxSpec(
    limits=RUN,
    is_run=True,
    folder=None,
    binds=(
        Bind(Path("/data/in"), "/in"),
        Bind(Path("/data/home"), "/home/teacher", writable=True),
    ),
)
FIRST = ("sleep", "infinity")


def at(args: list[str], *words: str) -> int:
    """Where ``words`` stand in ``args``, one after another."""
    size = len(words)
    places = [i for i in range(len(args)) if tuple(args[i : i + size]) == words]
    assert len(places) == 1, words
    return places[0]


@pytest.mark.parametrize(
    "words",
    [
        *(("--unshare-ipc",), ("--unshare-pid",), ("--unshare-net",), ("--unshare-uts",)),
        ("--unshare-user",),
        ("--disable-userns",),
        ("--die-with-parent",),
        ("--new-session",),
        ("--clearenv",),
        ("--cap-drop", "ALL"),
        ("--uid", "1000"),
        ("--gid", "1000"),
        ("--as-pid-1",),
        ("--perms", "1777", "--size", str(128 << 20), "--tmpfs", "/tmp"),
        ("--perms", "1777", "--size", str(RUN.disk_mb << 20), "--tmpfs", "/work"),
        ("--perms", "1777", "--size", str(RUN.disk_mb << 20), "--tmpfs", "/out"),
        ("--ro-bind", "/dev/null", "/proc/slabinfo"),
        ("--perms", "0755", "--dir", "/home/op"),
        ("--ro-bind", "/data/in", "/in"),
        ("--bind", "/data/home", "/home/teacher"),
        ("--symlink", "usr/bin", "/bin"),
        ("--chdir", "/", "--", "sleep", "infinity"),
    ],
)
def test_a_sandbox_has(words):
    at(arguments(HOST, SPEC, FIRST), *words)


def test_a_sandbox_can_be_made_in_a_user_namespace_that_is_there():
    args = arguments(HOST, SPEC, FIRST, 7)
    at(args, "--userns", "7")
    assert not {"--unshare-user", "--disable-userns", "--uid"} & set(args)


def test_nothing_is_shared_with_the_machine_s_network():
    assert "--share-net" not in arguments(HOST, SPEC, FIRST)


def test_only_what_is_said_to_be_writable_is():
    args = arguments(HOST, SPEC, FIRST)
    assert args.count("--bind") == 1
    assert not any(arg.startswith(("--dev-bind", "--bind-", "--overlay")) for arg in args)


def test_order():
    args = arguments(HOST, SPEC, FIRST)
    places = [
        at(args, "--clearenv"),
        at(args, "--proc", "/proc"),
        at(args, "--tmpfs", "/tmp"),  # before what may lie under /tmp
        at(args, "--perms", "0755", "--dir", "/home"),  # before what bubblewrap would close
        at(args, "--bind", "/data/home", "/home/teacher"),
        at(args, "--ro-bind", "/home/op/hub/.venv", "/home/op/hub/.venv"),
        at(args, "--tmpfs", "/home/op/hub/.venv/lib/yanxiu"),
        at(args, "--remount-ro", "/proc"),
        at(args, "--remount-ro", "/dev"),
        at(args, "--remount-ro", "/"),  # last: no mount point can be made after it
        at(args, "--chdir", "/"),
    ]
    assert places == sorted(places)


def test_arguments_travel_by_descriptor():
    assert encode(["--bind", "A", "甲 乙"]) == b"--bind\0A\0\xe7\x94\xb2 \xe4\xb9\x99\0"
