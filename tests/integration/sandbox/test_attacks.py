"""What a learner's code cannot reach: each attack works without the sandbox, and not in it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from yanxiu.sandbox import bwrap, host, relay
from yanxiu.sandbox.spec import SandboxSpec
from yanxiu.settings.limits import RUN

from tests.integration.sandbox.attacks import ATTACKS, LOOT
from tests.integration.sandbox.conftest import loot
from tests.integration.sandbox.scene import Running, listen_tcp

#: Attacks that need root or a device to work even without a sandbox.
_ONLY_ROOT = {"kernel_settings", "fill_the_memory_with_files", "write_into_the_environment"}


@pytest.fixture(scope="session")
def without(plain: Running, hub_port: int) -> dict[str, str]:
    """What the attacks get from a plain process."""
    return loot(plain, hub_port)


@pytest.fixture(scope="session")
def within(sandboxed: Running, hub_port: int) -> dict[str, str]:
    """What they get in the production sandbox."""
    return loot(sandboxed, hub_port)


@pytest.mark.parametrize("attack", sorted(ATTACKS.keys() - {"token_in_own_environment"}))
def test_attack(attack, without, within, sandboxed):
    got = without[attack]
    if got != LOOT:
        ordinary = sandboxed.account.uid is not None or os.getuid() != 0
        if ordinary and attack in _ONLY_ROOT:
            pytest.skip("needs root to work even without a sandbox")
        if attack == "hypervisor_socket":
            pytest.skip(f"needs a kernel with AF_VSOCK: {got}")
        if attack == "ptrace":
            pytest.skip("needs kernel.yama.ptrace_scope=0 to work even without a sandbox")
    assert got == LOOT, "the attack must work without the defence"
    assert LOOT not in within[attack]


def test_a_run_s_environment_holds_nothing_of_ours(within):
    assert "YANXIU" not in within["token_in_own_environment"]
    assert LOOT not in within["token_in_own_environment"]


_REUSE = """
import socket, sys
sock = socket.socket(fileno=int(sys.argv[1]))
try:
    sock.shutdown(socket.SHUT_RDWR)
except OSError:
    pass
unix = sys.argv[3].replace("@", "\\0")
target = ("127.0.0.1", int(sys.argv[2])) if sock.family == socket.AF_INET else unix
sock.connect(target)
sock.sendall(b"hello")
print(sock.recv(100).decode())
"""


def _reuse(listener: socket.socket, port: int, abstract: str) -> str:
    """Hand a listening socket into a sandbox and connect with it from there."""
    words = (str(listener.fileno()), str(port), abstract)
    spec = SandboxSpec(limits=RUN, is_run=True, folder=Path("/"))
    python = (sys.executable, "-c", _REUSE, *words)
    done = subprocess.run(
        [host.bwrap_command(), *bwrap.arguments(host.look(), spec, python)],
        pass_fds=(listener.fileno(),),
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_why_a_server_gets_a_unix_listener_and_not_a_tcp_one(sandboxed, tmp_path):
    target = listen_tcp()
    port = target.sock.getsockname()[1]
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(f"\0yanxiu-reuse-{os.getpid()}")
    unix.listen()
    folder = os.open(tmp_path, os.O_RDONLY)
    with socket.socket() as tcp, relay.listen_unix(folder, "serve.sock") as inside:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        assert _reuse(tcp, port, "") == LOOT  # out of the sandbox, into any port
        assert LOOT not in _reuse(inside, port, f"@yanxiu-reuse-{os.getpid()}")
    os.close(folder)
    unix.close()
    target.sock.close()
