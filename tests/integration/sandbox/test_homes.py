"""What a home may take: over its limit it is opened for deleting, and holds no more afterwards.

Each way of taking more first works in a home with room, then gets nothing.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect
from yanxiu.sandbox import files, landlock
from yanxiu.sandbox.client import HomeSizes, Launcher, ServerHandle

from benchmarks.support.visitor import run_on
from tests.integration.sandbox.accounts import Account
from tests.integration.sandbox.hub import TOKEN, environment
from tests.integration.sandbox.scene import PERSON, Running, running
from tests.support.waiting import eventually

MB = 1 << 20
#: What a teacher's code tries at every start; prints how many of these ways made the home larger.
_GROW = """
import os, shutil
HOME, BIG, grew, held = "/home/teacher", os.urandom(3 << 20), [], []
def attempt(name, what):
    try:
        what()
        grew.append(name)
    except OSError:
        pass
def write(path, mode="wb"):
    with open(path, mode) as file:
        file.write(BIG)
def attribute():
    os.setxattr(HOME + "/keep.csv", "user.long", b"x" * 1000)
def unnamed():
    held.append(os.open(HOME, os.O_TMPFILE | os.O_RDWR))
    os.write(held[-1], BIG)
def moved():
    write("/tmp/moved")
    shutil.move("/tmp/moved", HOME + "/moved-%d" % os.getpid())
attempt("new", lambda: write("%s/new-%d" % (HOME, os.getpid())))
attempt("longer", lambda: write(HOME + "/keep.csv", "ab"))
attempt("folder", lambda: os.mkdir("%s/folder-%d" % (HOME, os.getpid())))
attempt("link", lambda: os.link(HOME + "/keep.csv", "%s/link-%d" % (HOME, os.getpid())))
attempt("symlink", lambda: os.symlink("x", "%s/symlink-%d" % (HOME, os.getpid())))
attempt("moved", moved)
attempt("unnamed", unnamed)
attempt("attribute", attribute)
print(*sorted(grew))
"""
_EVERY_WAY = "folder link longer moved new symlink unnamed"
#: Files without a name, which each hold 4 MB: open, only mapped, and on their way to nobody.
_OPEN = """
import os
held = [os.open("/home/teacher", os.O_TMPFILE | os.O_RDWR) for _ in range(4)]
for one in held:
    os.write(one, b"x" * (4 << 20))
print("done")
"""
_MAPPED = """
import mmap, os
maps = []
for _ in range(4):
    one = os.open("/home/teacher", os.O_TMPFILE | os.O_RDWR)
    os.write(one, b"x" * (4 << 20))
    maps.append(mmap.mmap(one, 4096))
    os.close(one)
del one
import gc; gc.collect()
print("done")
"""
_FLYING = """
import os, socket
here, there = socket.socketpair()
for _ in range(4):
    one = os.open("/home/teacher", os.O_TMPFILE | os.O_RDWR)
    os.write(one, b"x" * (4 << 20))
    socket.send_fds(here, [b"x"], [one])
    os.close(one)
print("done")
"""
_NAMES = """
for number in range(300):
    open("/home/teacher/%d" % number, "w").close()
print("done")
"""


@dataclass
class Home:
    """A home, and its owner's server when there is one."""

    on: Running
    folder: Path
    hub_port: int
    limits: dict[str, int]
    rule: str | None = None
    server: ServerHandle | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.server = self.on.launcher.start_server(
            PERSON, environment(self.hub_port), self.limits, self.rule
        )
        assert eventually(self.answers, 60)

    def stop(self) -> None:
        """Stop it."""
        assert self.server
        self.on.launcher.stop(self.server.handle, 0)

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        """Ask it as its owner."""
        headers = {"Authorization": f"token {TOKEN}"}
        return httpx.request(
            method, self._base() + path, headers=headers, timeout=60, trust_env=False, **more
        )

    def _base(self) -> str:
        assert self.server
        return f"http://{self.server.host}:{self.server.port}/user/{PERSON}/"

    def answers(self) -> bool:
        """Say whether it is there; fail at once if it ended."""
        with contextlib.suppress(httpx.TransportError):
            return self.ask("GET", "api").status_code == 200
        log = self.on.data / "log" / "servers" / f"{PERSON}.log"
        assert self.ended() is None, log.read_text()[-3000:]
        return False

    def ended(self) -> str | None:
        """Say what it ended with, if it has."""
        assert self.server
        state = self.on.launcher.poll(self.server.handle)
        return state.outcome if state.state == "ended" else None

    def size(self) -> files.Used:
        """Measure it."""
        return files.used(self.folder)

    def run(self, code: str) -> str:
        """Run code in a new kernel; return what it printed."""
        kernel = self.ask("POST", "api/kernels", json={}).raise_for_status().json()["id"]
        address = self._base().replace("http", "ws", 1) + f"api/kernels/{kernel}/channels"

        async def talk() -> str:
            async with asyncio.timeout(60):
                request = HTTPRequest(address, headers={"Authorization": f"token {TOKEN}"})
                socket = await websocket_connect(request)
                printed = await run_on(socket, code)
                socket.close()
                return printed.strip()

        return asyncio.run(talk())


@pytest.fixture
def home(sandboxed: Running, hub_port: int) -> Iterator[Home]:
    """A home with a limit of 10 MB and 200 names."""
    folder = sandboxed.data / "homes" / PERSON
    sandboxed.write(folder / "keep.csv", "x" * 1000)
    one = Home(sandboxed, folder, hub_port, {"disk_mb": 10, "files": 200})
    yield one
    if one.server:
        one.stop()
    for left in folder.iterdir():
        files.remove(left)


def fill(home: Home) -> None:
    """Let its owner fill it until the server is ended for it."""
    home.start()
    home.on.write(home.folder / "large.csv", "x" * 11 * MB)
    assert eventually(lambda: home.ended() == "disk", 30)


def test_a_home_over_its_limit_holds_no_more_however_often_it_is_opened(home: Home):
    if not landlock.version():
        pytest.skip("needs Landlock in the kernel")
    home.limits["disk_mb"] = 40
    home.start()
    assert home.run(_GROW) == _EVERY_WAY, "with room, all of it works"
    home.stop()
    home.limits["disk_mb"] = 10
    fill(home)
    full = home.size()
    for _ in range(2):
        home.start()
        assert home.run(_GROW) == "", "it grew"
        said = home.ask("PUT", "api/contents/new.txt", json=_text("more"))
        assert said.status_code == 403 and "个人文件夹满了" in said.json()["message"]
        assert home.ended() is None
        home.stop()
        assert home.size() == full
    home.start()
    home.ask("DELETE", "api/contents/large.csv").raise_for_status()
    assert home.size().size < 10 * MB
    home.stop()
    home.start()
    home.ask("PUT", "api/contents/new.txt", json=_text("more")).raise_for_status()
    assert (home.folder / "new.txt").read_text() == "more"


def test_with_little_room_on_the_disk_a_home_opens_for_deleting_alone(
    home: Home, account: Account, hub_port: int
):
    if not landlock.version():
        pytest.skip("needs Landlock in the kernel")
    with running(account, hub_port, "--min-free-percent", "100") as crowded:
        folder = crowded.data / "homes" / PERSON
        crowded.write(folder / "keep.csv", "x" * 1000)
        crowded.write(folder / "large.csv", "x" * MB)
        other = Home(crowded, folder, hub_port, home.limits)
        other.start()
        assert other.run(_GROW) == "", "it grew"
        said = other.ask("PUT", "api/contents/new.txt", json=_text("more"))
        assert said.status_code == 403 and "平台的存储空间快满了" in said.json()["message"]
        other.ask("DELETE", "api/contents/large.csv").raise_for_status()
        assert not (folder / "large.csv").exists()
        other.stop()
    home.start()
    home.ask("PUT", "api/contents/new.txt", json=_text("more")).raise_for_status()


def _text(content: str) -> dict[str, str]:
    return {"type": "file", "format": "text", "content": content}


@pytest.mark.skipif(not landlock.version(), reason="the kernel has no Landlock")
@pytest.mark.parametrize("rule", ["check", "shrink"])
def test_a_home_that_is_known_to_be_full_opens_for_deleting_at_once(home: Home, rule: str):
    """A limit that was set below what a home has, and a school whose homes together are full."""
    home.on.write(home.folder / "large.csv", "x" * 11 * MB)
    home.limits["disk_mb"] = 10 if rule == "check" else 1000
    home.rule = rule
    home.start()
    before = home.size()
    assert home.run(_GROW) == "", "it grew"
    said = home.ask("PUT", "api/contents/new.txt", json=_text("more")).json()["message"]
    assert ("本校" in said) is (rule == "shrink")
    assert home.ended() is None
    home.ask("DELETE", "api/contents/large.csv").raise_for_status()
    assert home.size().size < before.size
    home.stop()
    home.rule = None
    home.start()
    home.ask("PUT", "api/contents/new.txt", json=_text("more")).raise_for_status()


def test_a_home_with_room_that_is_thought_full_is_as_any_other(home: Home):
    home.rule = "check"
    home.start()
    home.ask("PUT", "api/contents/new.txt", json=_text("more")).raise_for_status()


def test_the_launcher_tells_how_large_homes_are(home: Home):
    home.on.write(home.folder / "large.csv", "x" * 3 * MB)
    home.start()

    def known() -> int:
        told = asyncio.run(
            Launcher(home.on.data / "run/launcher/launcher.sock").home_sizes(HomeSizes())
        )
        return dict(told.homes).get(PERSON, 0)

    assert eventually(lambda: known() > 3 * MB, 60)
    home.stop()
    (home.folder / "large.csv").unlink()
    home.start()
    home.stop()
    assert eventually(lambda: 0 < known() < 3 * MB, 60)


def test_what_was_thrown_away_before_is_gone_when_a_full_home_opens(home: Home):
    fill(home)
    (home.folder / "large.csv").unlink()
    home.on.write(home.folder / ".local/share/Trash/files/large.csv", "x" * 11 * MB)
    home.start()
    assert eventually(lambda: home.size().size < 10 * MB)


def test_a_full_home_is_ended_when_it_grows_all_the_same(home: Home):
    """What is left where the kernel has no Landlock: the sampler sees it."""
    fill(home)
    full = home.size()
    home.start()
    assert home.ended() is None
    home.on.write(home.folder / "more.csv", "x" * MB)  # nothing inside can
    assert eventually(lambda: home.ended() == "disk", 30)
    home.start()
    assert eventually(lambda: home.ended() is None)
    assert home.size().size > full.size


@pytest.mark.parametrize("taking", [_OPEN, _MAPPED, _FLYING], ids=["open", "mapped", "in-flight"])
def test_files_without_a_name_count(home: Home, taking: str):
    home.start()
    # It may be ended before it could say so.
    with contextlib.suppress(RuntimeError):
        assert home.run(taking) == "done"
    assert home.size().size < 10 * MB, "no name shows them"
    assert eventually(lambda: home.ended() == "disk", 60)


def test_files_without_a_name_in_a_home_with_room_are_nobody_s_business(home: Home):
    home.limits["disk_mb"] = 4000
    home.start()
    assert home.run(_OPEN) == "done"
    assert not eventually(lambda: home.ended() is not None, 5)


def test_the_number_of_files_has_a_limit(home: Home):
    home.start()
    assert home.run(_NAMES) == "done"
    assert home.size().size < 10 * MB
    assert eventually(lambda: home.ended() == "disk", 30)
