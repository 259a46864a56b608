"""The real platform loses a part in the middle of a submit: nothing accepted is lost.

Each part is killed with SIGKILL while bundles are being sent; every receipt that was
given is found afterwards, with its job graded, and nothing is left behind.
"""

import itertools
import json
import os
import signal
import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest
from yanxiu.login import tokens
from yanxiu.people.reads import people
from yanxiu.settings.model import GradingLimits
from yanxiu.store.engine import Store, open_store
from yanxiu_formats.bundle import pack

from tests.support.site import Running, free_port, platform, start, stop

#: How a part shows in its command line.
PARTS = {
    "launcher": "yanxiu.sandbox.launcher",
    "records": "yanxiu.portal.serve",
    "proxy": "traefik",
    "hub": "jupyterhub",
    "worker": "yanxiu.grading.worker",
    "housekeeping": "yanxiu.housekeeping",
}
WORKERS = GradingLimits().workers
BACK_S = 10


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory):
    with platform(tmp_path_factory.mktemp("survival") / "data") as running:
        yield running


def store_of(site: Running) -> Store:
    return open_store(f"sqlite:///{site.data / 'db' / 'yanxiu.sqlite'}", site.data / "blobs")


def command_of(process: psutil.Process) -> list[str]:
    """Return a process's command line, nothing of one that has just ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def part(site: Running, name: str) -> psutil.Process:
    """Return a process of a part, once all of the part's are there."""
    deadline = time.monotonic() + BACK_S
    wanted = WORKERS if name == "worker" else 1
    while time.monotonic() < deadline:
        found = [
            child
            for child in psutil.Process(site.process.pid).children(recursive=True)
            if any(PARTS[name] in word for word in command_of(child))
        ]
        if len(found) >= wanted:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"{name} is not running")


class Sender:
    """Somebody who submits again and again with a token for programs, and keeps receipts."""

    def __init__(self, site: Running, login: str):
        self.site = site
        store = store_of(site)
        with store.read() as session:
            who = people.by_login_name(session, login)
        assert who is not None
        self.headers = {
            "Authorization": f"token {tokens.issue(store, who.id, ('learn',), 1, actor='system:test')}"
        }
        store.close()
        self.base = f"{site.url}/services/records/api/v1/units"
        units = httpx.get(self.base, headers=self.headers, timeout=20).raise_for_status().json()
        self.address = f"{self.base}/{units[0]['assignment']}/submissions"
        self.receipts: list[str] = []
        self.numbers = itertools.count()

    def send(self) -> bool:
        """Send one bundle under a key of its own until it is accepted; False if it never was."""
        number = next(self.numbers)
        answers = {"format": 1, "unit": "a1", "answers": {"plan": f"第 {number} 次"}}
        body = pack({"answers.json": json.dumps(answers).encode(), "pad.bin": os.urandom(200_000)})
        deadline = time.monotonic() + 2 * BACK_S
        while time.monotonic() < deadline:
            try:
                response = httpx.post(
                    self.address,
                    content=body,
                    timeout=10,
                    headers={**self.headers, "X-Client-Key": f"key-{number}"},
                )
            except httpx.TransportError:
                time.sleep(0.1)
                continue
            if response.status_code == 201:
                self.receipts.append(response.json()["receipt"])
                return True
            assert response.status_code in {404, 500, 502, 503, 504}, response.text
            time.sleep(0.1)
        return False


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_part_dies_during_a_submit_and_every_receipt_stands(site, name):
    sender = Sender(site, "1003")
    ended, failures = threading.Event(), []

    def keep_sending() -> None:
        while not ended.is_set():
            if not sender.send():
                failures.append("never accepted")

    thread = threading.Thread(target=keep_sending)
    thread.start()
    try:
        while len(sender.receipts) < 2:
            time.sleep(0.02)
        victim = part(site, name)
        killed = time.monotonic()
        os.kill(victim.pid, signal.SIGKILL)
        before = len(sender.receipts)
        while len(sender.receipts) < before + 2:
            assert time.monotonic() < killed + BACK_S, f"no receipt {BACK_S} s after {name} died"
            time.sleep(0.02)
        while True:  # and a person can log in again
            try:
                if httpx.get(f"{site.url}/hub/login", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert time.monotonic() < killed + BACK_S
            time.sleep(0.1)
    finally:
        ended.set()
        thread.join(3 * BACK_S)
    assert failures == []
    assert part(site, name).pid != victim.pid
    mine = httpx.get(sender.address, headers=sender.headers, timeout=20).json()
    kept = {one["receipt"] for one in mine}
    assert set(sender.receipts) <= kept
    assert len(sender.receipts) == len(set(sender.receipts))  # a repeated key is one attempt
    assert not psutil.pid_exists(victim.pid)


def test_killing_up_itself_ends_all_and_the_next_start_serves(tmp_path: Path):
    port = free_port()
    site = start(tmp_path / "data", port=port)
    sender = Sender(site, "1004")
    assert sender.send()
    family = psutil.Process(site.process.pid).children(recursive=True)
    assert len(family) >= len(PARTS)
    site.process.kill()
    site.process.wait(10)
    _, alive = psutil.wait_procs(family, timeout=5)
    assert [one.cmdline() for one in alive] == []
    again = start(tmp_path / "data", port=port)  # the same port: nothing stuck to it
    try:
        mine = httpx.get(sender.address, headers=sender.headers, timeout=20).json()
        assert [one["receipt"] for one in mine] == sender.receipts
    finally:
        assert stop(again) == 0


def test_what_was_accepted_is_graded_in_the_end(site):
    sender = Sender(site, "1005")
    assert sender.send()
    deadline = time.monotonic() + 90
    while True:
        [one] = httpx.get(sender.address, headers=sender.headers, timeout=20).json()
        if one["state"] == "waiting":
            break
        assert time.monotonic() < deadline, one
        time.sleep(0.5)
