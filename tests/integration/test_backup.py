"""A machine is lost, and the commands of the two pages bring the site back on another one.

What is run is what the pages say, with their example paths replaced; the demonstration's flag
is added, because its accounts have known passwords.
"""

import json
import shutil
import stat
import subprocess
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from yanxiu.login import tokens
from yanxiu.people.reads import people
from yanxiu.store.engine import open_store
from yanxiu_formats.bundle import pack

from benchmarks.support.visitor import Visitor
from tests.support.pages import Machine, commands
from tests.support.site import YANXIU, Running, start, stop


def hand_in(site: Running) -> tuple[str, dict[str, str]]:
    """Hand in as a program does; return the receipt and what opens the interface."""
    store = open_store(f"sqlite:///{site.data}/db/yanxiu.sqlite", site.data / "blobs")
    with store.read() as session:
        who = people.by_login_name(session, "1003")
    assert who is not None
    token = tokens.issue(store, who.id, ("learn",), 1, actor="system:test")
    store.close()
    headers = {"Authorization": f"token {token}"}
    base = f"{site.url}/services/records/api/v1/units"
    unit = httpx.get(base, headers=headers, timeout=30).raise_for_status().json()[0]
    answers = {"format": 1, "unit": "a1", "answers": {"plan": "先看数据"}}
    sent = httpx.post(
        f"{base}/{unit['assignment']}/submissions",
        content=pack({"answers.json": json.dumps(answers).encode()}),
        headers=headers,
        timeout=30,
    )
    return sent.raise_for_status().json()["receipt"], headers


def rows_of(data: Path) -> dict[str, int]:
    """Return how many rows some tables have."""
    store = open_store(f"sqlite:///{data}/db/yanxiu.sqlite", data / "blobs")
    try:
        with store.engine.connect() as connection:
            return {
                name: connection.scalar(text(f"SELECT count(*) FROM {name}"))
                for name in ("people", "organizations", "attempts", "enrolments", "credentials")
            }
    finally:
        store.close()


def test_a_lost_machine_comes_back_by_the_pages(tmp_path):
    machine = Machine(tmp_path)
    running = start(tmp_path / "data")
    try:
        alice = running.accounts()["艾老师"]
        home = Visitor(running.url).login(alice["username"], alice["password"]).user
        (running.data / "homes" / home).mkdir(exist_ok=True)
        (running.data / "homes" / home / "mine.ipynb").write_text("{}")
        receipt, headers = hand_in(running)
        said = [machine.run(line) for line in commands("back-up.md")]
        before = rows_of(running.data)
    finally:
        stop(running)
    assert "备份做好了" in said[0]
    for name in ("艾老师", "1003", receipt):
        assert name not in "".join(said)
    kept = [one for one in (tmp_path / "backup").rglob("*") if one.name != "homes.tar"]
    kept += (tmp_path / "keys").rglob("*")
    assert {stat.S_IMODE(one.stat().st_mode) & 0o077 for one in kept} == {0}
    secrets = {one.name for one in (tmp_path / "data" / "secrets").iterdir()}
    assert not secrets & {one.name for one in kept if tmp_path / "backup" in one.parents}

    accounts = (running.data / "demo-accounts.csv").read_bytes()
    shutil.rmtree(running.data)
    *steps, up = commands("disaster.md")
    for line in steps:
        machine.run(line)
    assert up.startswith(".venv/bin/yanxiu up --site /srv/site --data /srv/yanxiu")
    assert rows_of(running.data) == before
    assert (running.data / "homes" / home / "mine.ipynb").read_text() == "{}"
    (running.data / "demo-accounts.csv").write_bytes(accounts)
    again = start(tmp_path / "data", agreed=False)
    try:
        visitor = Visitor(again.url).login(alice["username"], alice["password"])
        assert visitor.user == home
        assert "A1" in visitor.http.get("/services/records/").text
        base = f"{again.url}/services/records/api/v1/units"
        unit = httpx.get(base, headers=headers, timeout=30).raise_for_status().json()[0]
        mine = httpx.get(f"{base}/{unit['assignment']}/submissions", headers=headers, timeout=30)
        assert receipt in mine.raise_for_status().text
    finally:
        stop(again)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("restore", "--from", "{nothing}", "--data", "{new}"), "里没有备份"),
        (("backup", "--data", "{nothing}", "--to", "{new}"), "数据库是空的"),
        (
            ("backup", "--data", "{d}", "--to", "{new}", "--secrets-to", "{new}/x"),
            "不能和数据备份放在一起",
        ),
    ],
)
def test_what_cannot_be_done_is_a_sentence(tmp_path, options, said):
    (tmp_path / "nothing").mkdir()
    places = {"nothing": tmp_path / "nothing", "new": tmp_path / "new", "d": tmp_path / "d"}
    words = [word.format(**places) for word in options]
    done = subprocess.run([YANXIU, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
