"""What a learner's code tries. Shipped as a ``score.py``, so standard library only.

Each attack gets the scene (where things are, see ``scene.py``) and returns what it got
hold of; ``yanxiu-loot`` is in everything that is worth having.
"""

import contextlib
import ctypes
import os
import socket
import sqlite3
import sys
from pathlib import Path

LOOT = "yanxiu-loot"


def _read(paths):
    out = []
    for path in paths:
        with contextlib.suppress(OSError):
            out.append(Path(path).read_bytes().decode(errors="replace"))
    return "".join(out)


def _talk(family, address, say=b"hello\n"):
    with socket.socket(family) as sock:
        sock.settimeout(2)
        sock.connect(address)
        sock.sendall(say)
        out = b""
        while more := sock.recv(1000):
            out += more
            if b"\n" in more and family == socket.AF_UNIX:
                break
        return out.decode()


def token_in_own_environment(scene):
    return "".join(os.environ.values())


def token_in_another_process(scene):
    return _read(Path("/proc").glob("[0-9]*/environ"))


def another_submission(scene):
    return _read(Path(scene["data"]).glob("run/launcher/jobs/*/in/work/*"))


def hidden_tests(scene):
    return _read(Path(scene["data"]).glob("run/launcher/jobs/*/in/scoring/*.py"))


def another_home(scene):
    return _read(Path(scene["data"]).glob("homes/*/*"))


def solution(scene):
    return _read([scene["solution"]])


def database(scene):
    with sqlite3.connect(f"file:{scene['database']}?mode=ro", uri=True) as connection:
        return str(connection.execute("SELECT * FROM secrets").fetchall())


def hub_api(scene):
    request = b"GET /hub/api HTTP/1.0\r\n\r\n"
    return _talk(socket.AF_INET, ("127.0.0.1", scene["hub_port"]), request)


def another_port(scene):
    return _talk(socket.AF_INET, ("127.0.0.1", scene["other_port"]))


def launcher_socket(scene):
    folder = os.open(Path(scene["data"], "run/launcher"), os.O_RDONLY)
    answer = _talk(socket.AF_UNIX, f"/proc/self/fd/{folder}/launcher.sock", b'{"do": "open_job"}\n')
    return LOOT if "inbox" in answer else ""


def abstract_socket(scene):
    return _talk(socket.AF_UNIX, "\0" + scene["abstract"])


def hypervisor_socket(scene):
    with socket.socket(40, socket.SOCK_STREAM):  # AF_VSOCK: no namespace holds it
        return LOOT


def other_processes(scene):
    return _read(Path("/proc").glob("[0-9]*/cmdline"))


def signal(scene):
    os.kill(scene["victim"], 0)
    return LOOT


def ptrace(scene):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, scene["victim"], 0, 0) != 0:  # PTRACE_ATTACH
        return ""
    os.waitpid(scene["victim"], 0x40000000)  # __WALL
    libc.ptrace(17, scene["victim"], 0, 0)
    return LOOT


def home_of_the_account(scene):
    return _read(Path(scene["beside_venv"]).glob("*"))


def source_of_the_hub(scene):
    return LOOT if Path(scene["hub_source"]).exists() else ""


def write_into_the_environment(scene):
    target = Path(sys.prefix) / f"yanxiu-attack-{os.getpid()}"
    target.touch()
    target.unlink()
    return LOOT


def fill_the_memory_with_files(scene):
    for folder in ("/", "/dev", "/run", "/etc"):
        with contextlib.suppress(OSError):
            target = Path(folder) / f"yanxiu-attack-{os.getpid()}"
            target.touch()
            target.unlink()
            return LOOT
    return ""


def kernel_settings(scene):
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))
    return LOOT


def new_namespaces(scene):
    libc = ctypes.CDLL(None, use_errno=True)
    child = os.fork()
    if child == 0:
        os._exit(libc.unshare(0x10000000) != 0)  # CLONE_NEWUSER
    return LOOT if os.waitpid(child, 0)[1] == 0 else ""


ATTACKS = {
    attack.__name__: attack
    for attack in (
        *(token_in_own_environment, token_in_another_process, another_submission),
        *(hidden_tests, another_home, solution, database, hub_api, another_port),
        *(launcher_socket, abstract_socket, hypervisor_socket, other_processes, signal),
        *(ptrace, home_of_the_account, source_of_the_hub, write_into_the_environment),
        *(fill_the_memory_with_files, kernel_settings, new_namespaces),
    )
}


def score(answers, data):
    """Try everything; tell for each attack what it got, or why not."""
    out = []
    for name, attack in ATTACKS.items():
        try:
            loot = attack(answers["scene"])
        except Exception as error:
            loot = f"{type(error).__name__}: {error}"
        out.append({"attack": name, "loot": LOOT if LOOT in loot else loot[:200]})
    return out
