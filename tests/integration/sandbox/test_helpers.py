"""What the launcher does not do itself, and who does not wait for whom."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import httpx
import pytest
from yanxiu.sandbox import proctree

from tests.integration.sandbox.hub import environment
from tests.integration.sandbox.scene import OTHER, PERSON, Running, running
from tests.integration.sandbox.test_launcher import connect, family, helpers
from tests.support.waiting import eventually

THIRD = "ucccccccccccccccc"
FREEZER = Path("/sys/fs/cgroup/freezer")


def answers(port: int, person: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        url = f"http://127.0.0.1:{port}/user/{person}/api"
        return httpx.get(url, trust_env=False, timeout=5).status_code == 200
    return False


def replaced(on: Running, name: str, old: int) -> bool:
    return helpers(on).get(name, old) != old


def test_a_server_is_reached_at_the_same_port_after_the_carrier_died(sandboxed, hub_port):
    server = sandboxed.launcher.start_server(PERSON, environment(hub_port))
    assert eventually(lambda: answers(server.port, PERSON), 60)
    old = helpers(sandboxed)["carrier"]
    os.kill(old, signal.SIGKILL)
    assert eventually(lambda: replaced(sandboxed, "carrier", old))
    assert eventually(lambda: answers(server.port, PERSON))
    sandboxed.launcher.stop(server.handle, 0)


def test_limits_hold_after_the_sampler_died(sandboxed: Running):
    with sandboxed.launcher.job() as job:
        endless = "def score(answers, data):\n    while True: pass\n"
        sandboxed.write(job.inbox / "scoring" / "score.py", endless)
        request = (
            b'{"do": "run_job", "handle": "%s", "program": "score", "limits": {"wall_s": 3}}\n'
        )
        with connect(sandboxed) as sock, sock.makefile("rb") as said:
            sock.sendall(request % job.handle.encode())
            assert eventually(lambda: sandboxed.launcher.ping().sandboxes == 1)
            old = helpers(sandboxed)["sampler"]
            os.kill(old, signal.SIGKILL)
            assert eventually(lambda: replaced(sandboxed, "sampler", old))
            assert b'"timeout"' in said.readline()


def test_helpers_end_with_a_killed_launcher(account, hub_port):
    with running(account, hub_port) as on:
        assert eventually(lambda: len(helpers(on)) == 2)
        pids = set(helpers(on).values())
        on.process.kill()
        on.process.wait()
        assert eventually(lambda: not pids & set(proctree.Table.read().tasks))


@contextlib.contextmanager
def unkillable(pids: set[int]) -> Iterator[None]:
    """Bring processes into a state in which SIGKILL does nothing, as a hung disk would."""
    folder = FREEZER / f"yanxiu-test-{os.getpid()}"
    folder.mkdir()
    try:
        for pid in pids:
            (folder / "cgroup.procs").write_text(str(pid))
        (folder / "freezer.state").write_text("FROZEN")
        yield
    finally:
        (folder / "freezer.state").write_text("THAWED")
        assert eventually(lambda: not (folder / "cgroup.procs").read_text())
        folder.rmdir()


def test_nobody_waits_for_a_process_that_cannot_be_killed(sandboxed: Running, hub_port: int):
    if os.getuid() != 0 or not (FREEZER / "cgroup.procs").exists():
        pytest.skip("needs root and a version 1 freezer to make an unkillable process")
    launcher = sandboxed.launcher
    stuck = launcher.start_server(PERSON, environment(hub_port))
    mine = family(sandboxed)
    with unkillable(mine):
        begin = time.monotonic()
        other = launcher.start_server(OTHER, environment(hub_port))
        again = launcher.start_server(THIRD, environment(hub_port))
        assert time.monotonic() - begin < 8
        # Its own owner waits for a while, and then gets another one.
        second = launcher.start_server(PERSON, environment(hub_port))
        assert time.monotonic() - begin < 40
        assert launcher.poll(stuck.handle).state == "ended"
        for server in (other, again, second):
            assert launcher.poll(server.handle).state == "running"
            assert launcher.stop(server.handle, 0).outcome == "stopped"
    assert eventually(lambda: not mine & set(proctree.Table.read().tasks))


#: A file has at most 65,000 names on ext4.
LINKS, PER_FILE = 600_000, 60_000


def test_removing_600000_links_is_nobody_else_s_time(sandboxed: Running, hub_port: int):
    """What a run left was once removed by the launcher itself: all others waited 46 s."""
    launcher = sandboxed.launcher
    idle_pings, idle_start = _pings(sandboxed), _start(sandboxed, hub_port)
    with launcher.job() as job:
        for number in range(LINKS // PER_FILE):
            first = sandboxed.write(job.inbox / f"{number}-first", "")
            for name in range(PER_FILE):
                os.link(first, job.inbox / f"{number}-{name}")
    trash = sandboxed.data / "run" / "launcher" / "trash"
    pings, start = _pings(sandboxed), _start(sandboxed, hub_port)
    assert list(trash.iterdir()), "it is still being removed"
    # Against what the same took before: however slow the machine is, it was slow then too.
    assert median(pings) < 20 * max(median(idle_pings), 0.002)
    assert start < 10 * max(idle_start, 0.2)
    assert eventually(lambda: not list(trash.iterdir()), 300)


def _pings(on: Running) -> list[float]:
    found = []
    for _ in range(20):
        began = time.perf_counter()
        on.launcher.ping()
        found.append(time.perf_counter() - began)
    return found


def _start(on: Running, hub_port: int) -> float:
    """Return how long the better of two starts of somebody's server took."""
    found = []
    for _ in range(2):
        began = time.perf_counter()
        server = on.launcher.start_server(OTHER, environment(hub_port))
        found.append(time.perf_counter() - began)
        on.launcher.stop(server.handle, 0)
    return min(found)
