"""Teachers' servers: real JupyterLab in a real sandbox, on a port outside of it."""

import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from yanxiu.sandbox.client import ServerHandle

from tests.integration.sandbox.attacks import LOOT
from tests.integration.sandbox.hub import TOKEN, environment
from tests.integration.sandbox.scene import OTHER, PERSON, Running, listen_tcp

_LOOK = """
import json, os, socket, urllib.request
def talk(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 3) as sock:
            sock.sendall(b"hello")
            return sock.recv(100).decode()
    except OSError as error:
        return type(error).__name__
seen = {
    "environment": dict(os.environ),
    "hub": urllib.request.urlopen("http://127.0.0.1:%(hub)d/hub/api", timeout=5).read().decode(),
    "records": talk(%(records)d),
    "other": talk(%(other)d),
    "home": sorted(os.listdir("/home")),
    "processes": sum(name.isdigit() for name in os.listdir("/proc")),
    "cwd": os.getcwd(),
}
with open("/home/teacher/.seen", "w") as file:
    json.dump(seen, file)
os.rename("/home/teacher/.seen", "/home/teacher/seen.json")
"""
_ASK = """
import os, socket, urllib.request
for number in range(200):
    urllib.request.urlopen("http://127.0.0.1:%(hub)d/hub/api", timeout=20).read()
    with socket.create_connection(("127.0.0.1", %(records)d), 20) as sock:
        sock.sendall(b"hello")
        assert sock.recv(100)
open("/home/teacher/asked", "w").close()
"""
_HOARD = """
import os, tempfile
tempfile.mkstemp(prefix="start-", dir="/home/teacher")
hoard = []
try:
    while len(hoard) < 20_000:
        hoard.append(b"1" * (1 << 20))
    os.rename("/home/teacher/a1.ipynb", "/home/teacher/hoarded")
except MemoryError:
    hoard = []
    open("/home/teacher/refused", "w").close()
"""


@dataclass
class Lab:
    """A running server, asked with its owner's token."""

    on: Running
    server: ServerHandle
    home: Path
    http: httpx.Client
    other_port: int

    def wait(self, true: Callable[[], bool], seconds: float = 60) -> bool:
        """Wait for the server, which has its own clock; fail at once if it ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if true():
                return True
            if self.on.launcher.poll(self.server.handle).state != "running":
                raise AssertionError(self.log()[-3000:])
            time.sleep(0.05)
        return False

    def log(self) -> str:
        """Return what the server printed."""
        return (self.on.data / "log" / "servers" / f"{PERSON}.log").read_text()

    def answers(self) -> bool:
        """Say whether HTTP answers."""
        try:
            return self.http.get("api").status_code == 200
        except httpx.TransportError:
            return False

    def startup(self, code: str) -> None:
        """Let every kernel run ``code`` when it starts, as a teacher's own startup file."""
        folder = self.home / ".ipython" / "profile_default" / "startup"
        self.on.write(folder / "00.py", code)

    def kernel(self) -> str:
        """Start a kernel."""
        return self.http.post("api/kernels", json={}).raise_for_status().json()["id"]


@pytest.fixture(scope="module")
def lab(sandboxed: Running, hub_port: int) -> Iterator[Lab]:
    """alice's server."""
    other = listen_tcp()
    home = sandboxed.data / "homes" / PERSON
    sandboxed.write(sandboxed.data / "homes" / OTHER / "diary.txt", LOOT)
    sandboxed.write(home / "a1.ipynb", "{}")
    limits = {"memory_mb": 500, "disk_mb": 1}
    server = sandboxed.launcher.start_server(PERSON, environment(hub_port), limits)
    base = f"http://{server.host}:{server.port}/user/{PERSON}/"
    headers = {"Authorization": f"token {TOKEN}"}
    with httpx.Client(base_url=base, headers=headers, timeout=30, trust_env=False) as http:
        lab = Lab(sandboxed, server, home, http, other.sock.getsockname()[1])
        assert lab.wait(lab.answers)
        yield lab
    sandboxed.launcher.stop(server.handle, 0)
    other.sock.close()


def test_a_stranger_is_sent_to_the_hub_s_login(lab: Lab):
    answer = httpx.get(f"{lab.http.base_url}lab", trust_env=False)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/hub/api/oauth2/authorize")


def test_lab_is_chinese_and_without_organizers_tools(lab: Lab):
    page = lab.http.get("lab").raise_for_status().text
    config = json.loads(
        page.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0]
    )
    assert config["news"] == {"disabled": True}
    assert "@jupyter/nbgrader" in config["disabledExtensions"]
    # Its words are in no language pack.
    assert "@jupyterlab/notebook-extension:cell-counter-status" in config["disabledExtensions"]
    assert lab.http.get("api/me").status_code == 200
    assert lab.http.get("formgrader").status_code == 404
    settings = lab.http.get("lab/api/settings/@jupyterlab/translation-extension:plugin").json()
    assert settings["schema"]["properties"]["locale"]["default"] == "zh_CN"
    translated = lab.http.get("lab/api/translations/zh_CN").json()
    assert "File" in json.dumps(translated) and translated["message"] == ""


def test_what_a_teacher_s_kernel_sees(lab: Lab, hub_port: int):
    ports = {"hub": hub_port, "records": lab.on.records_port, "other": lab.other_port}
    lab.startup(_LOOK % ports)
    kernel = lab.kernel()
    assert lab.wait((lab.home / "seen.json").exists)
    seen = json.loads((lab.home / "seen.json").read_text())
    assert LOOT in seen["hub"]  # the hub's API, through the relay
    assert seen["records"] == LOOT
    assert seen["other"] == "ConnectionRefusedError"
    assert seen["home"] == ["teacher"]
    assert seen["processes"] < 6
    assert seen["cwd"] == "/home/teacher"
    env = seen["environment"]
    assert env["JUPYTERHUB_API_TOKEN"] == TOKEN  # its own, to hand work in
    assert LOOT not in env.values()
    assert {name for name in env if name.startswith("YANXIU_")} == {"YANXIU_RECORDS_URL"}
    lab.http.delete(f"api/kernels/{kernel}").raise_for_status()


def test_a_server_may_ask_more_often_than_it_may_at_once(lab: Lab, hub_port: int):
    """An open notebook asks the hub every 20 s; each question took one of 64 places for good."""
    lab.startup(_ASK % {"hub": hub_port, "records": lab.on.records_port})
    kernel = lab.kernel()
    assert lab.wait((lab.home / "asked").exists)
    lab.startup("")
    lab.http.delete(f"api/kernels/{kernel}").raise_for_status()


def test_a_kernel_that_takes_20_gb_ends_alone(lab: Lab):
    lab.startup(_HOARD)
    kernel = lab.kernel()

    def over() -> bool:
        # With a control group the kernel process is killed, and another starts in its place;
        # without one it gets an error.
        return len(list(lab.home.glob("start-*"))) > 1 or (lab.home / "refused").exists()

    assert lab.wait(over)
    lab.startup("")
    assert not (lab.home / "hoarded").exists()
    assert lab.http.get("api").status_code == 200
    lab.http.delete(f"api/kernels/{kernel}").raise_for_status()


def test_a_home_that_grows_over_its_limit_ends_the_server_and_opens_again(lab: Lab, hub_port):
    launcher = lab.on.launcher
    lab.on.write(lab.home / "large.csv", "x" * 60_000_000)
    until = time.monotonic() + 30
    while launcher.poll(lab.server.handle).state == "running" and time.monotonic() < until:
        time.sleep(0.1)
    ended = launcher.poll(lab.server.handle)
    assert (ended.state, ended.outcome) == ("ended", "disk")
    with pytest.raises(httpx.ConnectError):
        lab.http.get("api")
    again = launcher.start_server(PERSON, environment(hub_port), {"disk_mb": 1})
    time.sleep(1)  # the watch has measured it by now
    assert launcher.poll(again.handle).state == "running"
    assert launcher.stop(again.handle, 0).outcome == "stopped"
    (lab.home / "large.csv").unlink()


def test_a_second_start_takes_the_first_one_s_place(sandboxed: Running, hub_port: int):
    launcher = sandboxed.launcher
    first = launcher.start_server(PERSON, environment(hub_port))
    other = launcher.start_server(OTHER, environment(hub_port))
    second = launcher.start_server(PERSON, environment(hub_port))
    states = [launcher.poll(server.handle).state for server in (first, other, second)]
    assert states == ["ended", "running", "running"]
    for server in (other, second):
        assert launcher.stop(server.handle, 0).outcome == "stopped"
    assert launcher.ping().sandboxes == 0
    assert list((sandboxed.data / "run" / "launcher" / "sandboxes").iterdir()) == []


def test_a_server_whose_log_has_no_room_is_stopped_and_started_like_any(
    sandboxed: Running, hub_port: int
):
    logged = sandboxed.write(sandboxed.data / "log" / "servers" / f"{OTHER}.log", "")
    logged.unlink()
    try:
        os.mknod(logged, stat.S_IFCHR | 0o666, os.makedev(1, 7))  # every write: ENOSPC
        sandboxed.own(logged)
        os.close(os.open(logged, os.O_WRONLY))
    except PermissionError:
        pytest.skip("needs the right to make /dev/full anew")
    try:
        launcher = sandboxed.launcher
        first = launcher.start_server(OTHER, environment(hub_port))
        time.sleep(3)  # it has said something by now
        second = launcher.start_server(OTHER, environment(hub_port))
        assert launcher.poll(first.handle).state == "ended"
        assert launcher.stop(second.handle, 0).outcome == "stopped"
    finally:
        logged.unlink()


def test_a_home_is_its_owner_s_alone(sandboxed: Running, lab: Lab):
    assert lab.home.stat().st_mode & 0o777 == 0o700
