"""The launcher itself: who may talk to it, and that nothing outlives it or its caller."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from yanxiu.sandbox import host, proctree
from yanxiu.sandbox.client import Launcher, LauncherGone, SyncLauncher

from tests.integration.sandbox.accounts import REPO, Account, command
from tests.integration.sandbox.hub import environment
from tests.integration.sandbox.scene import PERSON, Running, running, spawn
from tests.support.waiting import eventually

_ENDLESS = "def score(answers, data):\n    while True: pass\n"


def talk(on: Running, *lines: bytes) -> list[bytes]:
    """Send lines over one connection and return what comes back until it closes."""
    with connect(on) as sock, sock.makefile("rb") as answers:
        sock.sendall(b"".join(lines))
        sock.shutdown(socket.SHUT_WR)
        return answers.readlines()


def connect(on: Running) -> socket.socket:
    """Open a connection to a launcher."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(20)
    sock.connect(str(on.data / "run" / "launcher" / "launcher.sock"))
    return sock


def start_endless(on: Running, sock: socket.socket) -> str:
    """Open a job and start a run without end over ``sock``."""
    sock.sendall(b'{"do": "open_job"}\n')
    job = json.loads(sock.recv(1 << 16))
    on.write(Path(job["inbox"]) / "scoring" / "score.py", _ENDLESS)
    request = {"do": "run_job", "handle": job["handle"], "program": "score"}
    sock.sendall(json.dumps(request).encode() + b"\n")
    # Bubblewrap, the first process and the program: all of it is there.
    assert eventually(lambda: len(family(on)) >= 3)
    handle: str = job["handle"]
    return handle


def folder_of(on: Running, handle: str) -> Path:
    """Where a job's inbox and outbox are."""
    return on.data / "run" / "launcher" / "jobs" / handle


def helpers(on: Running) -> dict[str, int]:
    """The processes that a launcher always has, by the end of their names."""
    table, found = proctree.Table.read(), {}
    for task in table.below(on.process.pid):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{task.pid}/cmdline").read_bytes().split(b"\0")
            name = words[-2].decode().rpartition(".")[2] if len(words) > 1 else ""
            if task.parent == on.process.pid and name in ("sampler", "carrier"):
                found[name] = task.pid
    return found


def family(on: Running) -> set[int]:
    """All processes of a launcher but itself and its helpers."""
    tasks = proctree.Table.read().below(on.process.pid)
    return {task.pid for task in tasks} - {on.process.pid} - set(helpers(on).values())


def test_limits_are_held_as_well_as_the_account_allows(sandboxed: Running):
    status = sandboxed.launcher.ping()
    assert status.isolation
    assert status.limits_by in ("cgroup1", "cgroup2", "rlimit")
    if sandboxed.account.uid is not None:
        assert status.limits_by == "rlimit"  # nobody delegated a group to it here


def test_it_may_open_as_many_files_as_its_account(sandboxed: Running):
    limits = Path(f"/proc/{sandboxed.process.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
    soft, hard = line.split()[3:5]
    assert soft == hard


async def test_the_async_client_says_the_same(sandboxed: Running):
    path = sandboxed.data / "run" / "launcher" / "launcher.sock"
    assert await Launcher(path).ping() == sandboxed.launcher.ping()
    assert (await Launcher(path).poll("0" * 32)).state == "unknown"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"do": "dance"}', "launcher.verb"),
        (b'{"do": "poll"}', "launcher.handle"),
        (b'{"do": "poll", "handle": 7}', "launcher.handle"),
        (b'{"do": "stop", "handle": "x", "grace_s": "long"}', "launcher.grace"),
        (b'{"do": "start_server", "person": "../../etc"}', "launcher.person"),
        (b'{"do": "start_server", "person": "%s", "isolated": false}', "launcher.isolation"),
        (b'{"do": "start_server", "person": "%s", "limits": {"x": 1}}', "launcher.limits"),
        (b'{"do": "start_server", "person": "%s", "env": [1]}', "launcher.env"),
        (b'{"do": "close_job", "handle": "../.."}', "launcher.handle"),
        (b'{"do": "run_job", "handle": "%s", "program": "score"}', "launcher.handle"),
    ],
)
def test_what_it_will_not_do_gets_a_code_and_a_sentence(sandboxed, line, code):
    line = line.replace(b"%s", PERSON.encode())
    (answer,) = talk(sandboxed, line + b"\n")
    said = json.loads(answer)
    assert said["error"] == code
    assert said["message"].endswith("。")


@pytest.mark.parametrize(
    "line", [b"hello", b"[1]", b'{"do": 1}', b"", b"[" * 100_000, b'{"do": "' + b"x" * 300_000]
)
def test_the_first_line_that_is_no_request_ends_the_connection(sandboxed, line):
    try:
        answers = talk(sandboxed, b'{"do": "ping"}\n', line + b"\n", b'{"do": "ping"}\n')
    except ConnectionError:
        return  # it hung up while we were still talking
    assert len(answers) <= 1


def test_another_account_is_not_served(sandboxed: Running):
    if os.getuid() != 0:
        pytest.skip("needs root to become another account")
    folder = sandboxed.data / "run" / "launcher"
    code = (
        "import socket, sys\n"
        "sock = socket.socket(socket.AF_UNIX)\n"
        "sock.connect(sys.argv[1])\n"
        'sock.sendall(b\'{"do": "ping"}\\n\')\n'
        "print(sock.recv(1000))\n"
    )
    ask = [sys.executable, "-c", code, str(folder / "launcher.sock")]
    stranger = Account("stranger", 65533)

    def tried() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command(stranger, ask), capture_output=True, text=True, check=False, cwd="/"
        )

    assert "PermissionError" in tried().stderr  # the folder alone keeps it out
    opened = [folder / "launcher.sock", folder, folder.parent, sandboxed.data]
    modes = [path.stat().st_mode & 0o777 for path in opened]
    for path in opened:
        path.chmod(0o777)
    try:
        done = tried()
        assert "isolation" not in done.stdout, "served through an open folder"
        hung_up = ("ConnectionResetError", "BrokenPipeError")
        assert done.stdout.strip() == "b''" or any(word in done.stderr for word in hung_up)
    finally:
        for path, mode in zip(opened, modes, strict=True):
            path.chmod(mode)
    assert sandboxed.launcher.ping().isolation


def test_a_run_ends_when_its_caller_goes_away(sandboxed: Running):
    with connect(sandboxed) as sock:
        handle = start_endless(sandboxed, sock)
        assert family(sandboxed)
        assert folder_of(sandboxed, handle).exists()
    assert eventually(lambda: sandboxed.launcher.ping().sandboxes == 0)
    assert eventually(lambda: family(sandboxed) == set())  # what it left is being removed
    assert eventually(lambda: not folder_of(sandboxed, handle).exists())


def test_a_killed_worker_leaves_no_inbox(sandboxed: Running):
    code = (
        "import sys, time\n"
        "from yanxiu.sandbox.client import SyncLauncher\n"
        "with SyncLauncher(sys.argv[1]).job() as job:\n"
        "    (job.inbox / 'answers.json').write_text('hidden')\n"
        "    print(job.handle, flush=True)\n"
        "    time.sleep(600)\n"
    )
    path = sandboxed.data / "run" / "launcher" / "launcher.sock"
    worker = subprocess.Popen(
        command(sandboxed.account, [sys.executable, "-c", code, str(path)]),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPO / "hub")},
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    assert worker.stdout is not None
    with worker.stdout:
        handle = worker.stdout.readline().strip()
        folder = folder_of(sandboxed, handle)
        assert (folder / "in" / "answers.json").read_text() == "hidden"
        worker.kill()
        worker.wait()
    assert eventually(lambda: not folder.exists())
    (answer,) = talk(sandboxed, b'{"do": "close_job", "handle": "%s"}\n' % handle.encode())
    assert json.loads(answer)["error"] == "launcher.handle"


def test_a_server_that_nobody_waits_for_is_ended(sandboxed: Running, hub_port):
    person = "unobodywaitsforme"
    request = {"do": "start_server", "person": person, "env": environment(hub_port)}
    with connect(sandboxed) as sock:
        sock.sendall(json.dumps(request).encode() + b"\n")
    log = sandboxed.data / "log" / "servers" / f"{person}.log"
    assert eventually(log.exists), "it was not even started"
    # From the first thing that it does on, a start is a sandbox to the launcher.
    assert eventually(lambda: sandboxed.launcher.ping().sandboxes == 0, 30)
    assert eventually(lambda: family(sandboxed) == set())


def test_a_run_can_be_stopped(sandboxed: Running):
    with connect(sandboxed) as sock, sock.makefile("rb") as answers:
        handle = start_endless(sandboxed, sock)
        sandboxed.launcher.stop(handle, grace_s=0)
        assert json.loads(answers.readline())["outcome"] == "stopped"


def test_nothing_outlives_a_killed_launcher_and_the_next_one_tidies_up(account, hub_port):
    with running(account, hub_port) as first, connect(first) as sock:
        handle = start_endless(first, sock)
        alive = family(first)
        assert alive
        limits_by = first.launcher.ping().limits_by
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        assert eventually(lambda: not alive & set(proctree.Table.read().tasks))
        with pytest.raises(LauncherGone):
            first.launcher.ping()
        with running(account, hub_port, data=first.data) as second:
            assert second.launcher.ping().limits_by == limits_by
            assert not (first.data / "run" / "launcher" / "jobs" / handle).exists()
            assert _groups(first.process.pid) == []
        assert _groups(second.process.pid) == []


def _groups(pid: int) -> list[Path]:
    return [path for path in Path("/sys/fs/cgroup").rglob(f"yanxiu-{pid}-*") if path.is_dir()]


def test_a_stopped_launcher_takes_its_sandboxes_along(account, hub_port):
    with running(account, hub_port) as on, connect(on) as sock:
        start_endless(on, sock)
        alive = family(on)
        on.process.send_signal(signal.SIGTERM)
        assert on.process.wait(timeout=20) == 0
        assert not alive & set(proctree.Table.read().tasks)
        assert not (on.data / "run" / "launcher" / "launcher.sock").exists()


def test_one_data_folder_has_one_launcher(sandboxed: Running, hub_port):
    second = spawn(sandboxed.account, sandboxed.data, hub_port, hub_port)
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 2
    assert "已经有一个启动器在运行" in said and "Traceback" not in said


def test_a_machine_that_forbids_sandboxes_is_told_what_to_do(hub_port):
    inside_one = [host.bwrap_command(), "--dev-bind", "/", "/", "--unshare-user"]
    inside_one += ["--disable-userns", "--"]
    argv = [sys.executable, "-m", "yanxiu.sandbox.launcher", "--data"]
    with tempfile.TemporaryDirectory() as data:
        argv += [data, "--hub-api", "127.0.0.1:1", "--records", "127.0.0.1:2"]
        done = subprocess.run(
            [*inside_one, *argv], capture_output=True, text=True, check=False, timeout=30
        )
    assert done.returncode == 2
    assert "这台机器不允许建立沙箱" in done.stderr
    assert "--no-isolation" in done.stderr and "Traceback" not in done.stderr


def test_a_data_folder_with_a_very_long_path(account, hub_port):
    top = Path(tempfile.mkdtemp(prefix="yanxiu-long-"))
    data = top / ("x" * 120)
    data.mkdir()
    top.chmod(0o755)
    try:
        with running(account, hub_port, data=data) as on:
            assert SyncLauncher(data / "run" / "launcher" / "launcher.sock").ping().isolation
            with on.launcher.job() as job:
                on.write(job.inbox / "scoring" / "score.py", "def score(a, d):\n    return []\n")
                assert job.run("score").outcome == "ok"
    finally:
        subprocess.run(["rm", "-r", str(top)], check=True)
