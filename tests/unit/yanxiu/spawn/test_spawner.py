"""The spawner and a launcher that is there, gone, or forgetful."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from jupyterhub.spawner import SpawnException
from yanxiu.errors import Refused
from yanxiu.spawn import spawner as spawner_module
from yanxiu.spawn.spawner import LauncherSpawner

PERSON = "uabcdefghij234567"


@pytest.fixture
async def launcher(tmp_path):
    """A launcher that answers what it is told to, and remembers what it was asked."""
    told = SimpleNamespace(socket=tmp_path / "launcher.sock", asked=[], answers={})

    async def serve(reader, writer):
        request = json.loads(await reader.readline())
        told.asked.append(request)
        writer.write(json.dumps(told.answers[request["do"]]).encode() + b"\n")
        writer.close()

    async with await asyncio.start_unix_server(serve, told.socket):
        yield told


@pytest.fixture
def make_spawner(monkeypatch):
    def make(socket, **config) -> LauncherSpawner:
        spawner = LauncherSpawner(
            launcher_socket=str(socket), records_url="http://r", limits={"cpus": 1}, **config
        )
        spawner.user = SimpleNamespace(name=PERSON, url="/user/x/")
        monkeypatch.setattr(spawner, "get_env", lambda: {"JUPYTERHUB_USER": PERSON, "X": "secret"})
        return spawner

    return make


STARTED = {"handle": "h1", "host": "127.0.0.1", "port": 4321}


async def test_a_start_asks_for_this_person_with_these_limits(launcher, make_spawner):
    launcher.answers["start_server"] = STARTED
    spawner = make_spawner(launcher.socket)
    assert await spawner.start() == ("127.0.0.1", 4321)
    (asked,) = launcher.asked
    assert asked["person"] == PERSON
    assert asked["limits"] == {"cpus": 1}
    assert asked["env"]["YANXIU_RECORDS_URL"] == "http://r"
    assert "X" not in asked["env"]


async def test_the_handle_survives_a_restart_of_the_hub(launcher, make_spawner):
    launcher.answers |= {"start_server": STARTED, "poll": {"state": "running"}}
    before = make_spawner(launcher.socket)
    await before.start()
    after = make_spawner(launcher.socket)
    after.load_state(json.loads(json.dumps(before.get_state())))
    assert await after.poll() is None


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"state": "running"}, None),
        ({"state": "ended", "outcome": "memory", "exit_code": 137}, 137),
        ({"state": "ended", "outcome": "stopped", "exit_code": None}, 0),
        ({"state": "unknown"}, 0),  # the launcher was started anew: its servers are gone
    ],
)
async def test_poll_tells_the_hub(launcher, make_spawner, answer, status):
    launcher.answers["poll"] = answer
    spawner = make_spawner(launcher.socket)
    spawner.handle = "h1"
    assert await spawner.poll() == status
    assert spawner.handle == ("h1" if status is None else "")


async def test_a_launcher_that_is_away_is_a_refusal_and_not_an_error(tmp_path, make_spawner):
    with pytest.raises(SpawnException) as caught:
        await make_spawner(tmp_path / "none").start()
    assert caught.value.status_code < 500
    assert "您的文件不受影响" in caught.value.jupyterhub_message


async def test_a_server_is_not_declared_dead_while_the_launcher_is_away(tmp_path, make_spawner):
    spawner = make_spawner(tmp_path / "none")
    spawner.handle = "h1"
    assert await spawner.poll() is None
    await spawner.stop()  # servers end with their launcher
    assert spawner.handle == ""


async def test_what_the_launcher_will_not_do_is_a_kind_sentence(launcher, make_spawner):
    launcher.answers["start_server"] = {"error": "launcher.limits", "message": "limits.cpus"}
    with pytest.raises(SpawnException) as caught:
        await make_spawner(launcher.socket).start()
    assert caught.value.status_code == 409
    assert caught.value.reason == "launcher.limits"
    assert "limits.cpus" not in caught.value.jupyterhub_message


async def test_a_person_who_may_not_start_is_told_why_and_nothing_starts(launcher, make_spawner):
    def check_start(person_id):
        raise Refused("password.change_first", "请先修改密码。")

    with pytest.raises(SpawnException) as caught:
        await make_spawner(launcher.socket, check_start=check_start).start()
    assert (caught.value.status_code, caught.value.message) == (403, "请先修改密码。")
    assert launcher.asked == []


async def test_the_server_of_a_deactivated_person_is_ended(launcher, make_spawner):
    launcher.answers["stop"] = {"state": "ended", "outcome": "stopped", "exit_code": 0}
    spawner = make_spawner(launcher.socket, is_active=lambda person_id: False)
    spawner.handle = "h1"
    assert await spawner.poll() == 0
    assert [(asked["do"], asked["handle"]) for asked in launcher.asked] == [("stop", "h1")]


@pytest.mark.parametrize(
    ("idle_minutes", "used_ago", "pending", "ends"),
    [
        (60, 59, None, False),
        (60, 61, None, True),
        (0, 10_000, None, False),  # never
        (60, 61, "spawn", False),  # it is only just starting
        (60, None, None, False),  # nothing known: better one too many than work lost
    ],
)
async def test_a_server_that_nobody_uses_is_ended_and_no_other(
    launcher, make_spawner, monkeypatch, idle_minutes, used_ago, pending, ends
):
    launcher.answers |= {
        "stop": {"state": "ended", "outcome": "stopped", "exit_code": 0},
        "poll": {"state": "running"},
    }
    now = datetime(2026, 9, 2, 8, tzinfo=UTC)
    monkeypatch.setattr(spawner_module, "utcnow", lambda: now)
    spawner = make_spawner(launcher.socket, idle_minutes=idle_minutes)
    spawner.handle = "h1"
    # The hub's row: naive UTC instants.
    used = now.replace(tzinfo=None) - timedelta(minutes=used_ago) if used_ago else None
    row = SimpleNamespace(last_activity=used, started=used)
    monkeypatch.setattr(LauncherSpawner, "orm_spawner", row)
    monkeypatch.setattr(LauncherSpawner, "pending", pending)
    assert await spawner.poll() == (0 if ends else None)
    # Only its own sandbox is touched: a grading run is another one.
    assert [(asked["do"], asked["handle"]) for asked in launcher.asked] == [
        ("stop" if ends else "poll", "h1")
    ]
