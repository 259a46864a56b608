"""The spawner and a launcher that is there, gone, or forgetful."""

import asyncio
import json
from types import SimpleNamespace

import pytest
from jupyterhub.spawner import SpawnException
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
            launcher_socket=str(socket), cpu_limit=0.5, mem_limit=512 << 20, **config
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
    assert asked["limits"] == {"memory_mb": 512, "cpus": 0.5}
    assert asked["env"] == {"JUPYTERHUB_USER": PERSON}


async def test_the_launcher_is_asked_for_all_that_it_can_hold_down(launcher, make_spawner):
    launcher.answers["start_server"] = STARTED
    await make_spawner(launcher.socket, pids_limit=50, disk_limit=100 << 20).start()
    (asked,) = launcher.asked
    assert asked["limits"] == {"memory_mb": 512, "cpus": 0.5, "processes": 50, "disk_mb": 100}


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
