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
)
SPEC = SandboxSpec(
    limits=RUN,
    is_run=True,
    folder=Path("/data/out"),
    binds=(Bind(Path("/data/in"), "/in"), Bind(Path("/data/out"), "/out", writable=True)),
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
        ("--unshare-all",),
        ("--unshare-user",),
        ("--disable-userns",),
        ("--die-with-parent",),
        ("--new-session",),
        ("--clearenv",),
        ("--cap-drop", "ALL"),
        ("--uid", "1000"),
        ("--gid", "1000"),
        ("--as-pid-1",),
        ("--size", str(128 << 20), "--tmpfs", "/tmp"),
        ("--size", str(RUN.disk_mb << 20), "--tmpfs", "/work"),
        ("--ro-bind", "/data/in", "/in"),
        ("--bind", "/data/out", "/out"),
        ("--symlink", "usr/bin", "/bin"),
        ("--chdir", "/", "--", "sleep", "infinity"),
    ],
)
def test_a_sandbox_has(words):
    at(arguments(HOST, SPEC, FIRST), *words)


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
        at(args, "--bind", "/data/out", "/out"),
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
