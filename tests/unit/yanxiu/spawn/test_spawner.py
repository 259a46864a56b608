"""The spawner and a launcher that is there, gone, or forgetful."""

import asyncio
import json
import socket
from types import SimpleNamespace

import pytest
from jupyterhub import orm
from jupyterhub.spawner import SpawnException
from yanxiu.errors import YanxiuError
from yanxiu.spawn.spawner import IN_TURN, PREPARING, LauncherSpawner
from yanxiu.spawn.starts import Starts

PERSON = "uabcdefghij234567"
#: In place of an answer: the launcher is there and says nothing.
SILENCE = {"say": "nothing"}


@pytest.fixture
async def launcher(tmp_path):
    """A launcher that answers what it is told to, and remembers what it was asked."""
    told = SimpleNamespace(
        socket=tmp_path / "launcher.sock", asked=[], answers={}, hung_up=asyncio.Event()
    )

    async def serve(reader, writer):
        request = json.loads(await reader.readline())
        told.asked.append(request)
        answer = told.answers[request["do"]]
        if isinstance(answer, list):  # one after another
            answer = answer.pop(0)
        if answer is not SILENCE:
            writer.write(json.dumps(answer).encode() + b"\n")
        else:
            await told.hung_up.wait()
        writer.close()

    async with await asyncio.start_unix_server(serve, told.socket):
        yield told
        told.hung_up.set()


@pytest.fixture
async def server():
    """What a launcher answers for a server that is up."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        yield {"handle": "h1", "host": "127.0.0.1", "port": port}


@pytest.fixture
def deaf():
    """What a launcher answers for a server that accepts nothing (yet)."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield {"handle": "h1", "host": "127.0.0.1", "port": bound.getsockname()[1]}


@pytest.fixture
def make_spawner(monkeypatch):
    def make(path, **config) -> LauncherSpawner:
        spawner = LauncherSpawner(
            launcher_socket=str(path), cpu_limit=0.5, mem_limit=512 << 20, **config
        )
        spawner.user = SimpleNamespace(name=PERSON, url="/user/x/")
        monkeypatch.setattr(spawner, "get_env", lambda: {"JUPYTERHUB_USER": PERSON, "X": "secret"})
        return spawner

    return make


ENDED = {"state": "ended", "outcome": "stopped", "exit_code": 0}
INTERNAL = {"error": "launcher.internal", "message": "看日志"}


async def test_a_start_asks_for_this_person_with_these_limits(launcher, make_spawner, server):
    launcher.answers["start_server"] = server
    spawner = make_spawner(launcher.socket)
    assert await spawner.start() == ("127.0.0.1", server["port"])
    (asked,) = launcher.asked
    assert asked["person"] == PERSON
    assert asked["limits"] == {"memory_mb": 512, "cpus": 0.5}
    assert asked["env"] == {"JUPYTERHUB_USER": PERSON}


async def test_the_launcher_is_asked_for_all_that_it_can_hold_down(launcher, make_spawner, server):
    launcher.answers["start_server"] = server
    await make_spawner(launcher.socket, pids_limit=50, disk_limit=100 << 20).start()
    (asked,) = launcher.asked
    assert asked["limits"] == {"memory_mb": 512, "cpus": 0.5, "processes": 50, "disk_mb": 100}


async def test_the_handle_survives_a_restart_of_the_hub(launcher, make_spawner, server):
    launcher.answers |= {"start_server": server, "poll": {"state": "running"}}
    before = make_spawner(launcher.socket)
    await before.start()
    after = make_spawner(launcher.socket)
    after.load_state(json.loads(json.dumps(before.get_state())))
    assert await after.poll() is None


async def test_a_hub_that_is_killed_in_a_start_finds_its_server_again(
    launcher, make_spawner, deaf, tmp_path
):
    launcher.answers |= {"start_server": deaf, "poll": {"state": "running"}}
    database = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    session = orm.new_session_factory(database)()
    user = orm.User(name=PERSON)
    session.add(user)
    kept = orm.Spawner(name="", user=user, server=orm.Server(base_url="/user/x/"))
    session.add(kept)
    session.commit()
    killed = make_spawner(launcher.socket, orm_spawner=kept, db=session)
    starting = asyncio.create_task(killed.start())
    try:
        async with asyncio.timeout(30):
            while not killed.handle:
                await asyncio.sleep(0.01)
        # What another hub reads, while this one waits for an answer.
        with orm.new_session_factory(database)() as other:
            found = other.query(orm.Spawner).one()
            next_one = make_spawner(launcher.socket)
            next_one.load_state(found.state)
            assert found.server.port == deaf["port"]
        assert await next_one.poll() is None
    finally:
        starting.cancel()
        session.close()


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


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("yanxiu.sandbox.client._PATIENCE_S", 0.05)
    monkeypatch.setattr("yanxiu.spawn.spawner.STOP_PAUSE_S", 0)


@pytest.mark.parametrize("first", [SILENCE, INTERNAL], ids=["slow", "failing"])
async def test_a_server_is_stopped_once_the_launcher_can(launcher, make_spawner, impatient, first):
    launcher.answers["stop"] = [first, first, ENDED]
    spawner = make_spawner(launcher.socket)
    spawner.handle = "h1"
    await spawner.stop()
    assert [asked["handle"] for asked in launcher.asked] == ["h1"] * 3
    assert spawner.handle == ""


@pytest.mark.parametrize("always", [SILENCE, INTERNAL], ids=["slow", "failing"])
async def test_a_server_that_was_not_stopped_is_not_called_stopped(
    launcher, make_spawner, impatient, monkeypatch, always
):
    monkeypatch.setattr("yanxiu.spawn.spawner.STOP_PATIENCE_S", 0.2)
    launcher.answers["stop"] = always
    spawner = make_spawner(launcher.socket)
    spawner.handle = "h1"
    with pytest.raises(YanxiuError):
        await spawner.stop()
    assert len(launcher.asked) > 1
    assert spawner.handle == "h1"


@pytest.mark.parametrize("answer", [SILENCE, INTERNAL], ids=["slow", "failing"])
async def test_a_launcher_that_cannot_say_has_ended_nothing(
    launcher, make_spawner, impatient, answer
):
    launcher.answers["poll"] = answer
    spawner = make_spawner(launcher.socket)
    spawner.handle = "h1"
    assert await spawner.poll() is None
    assert spawner.handle == "h1"


async def test_a_server_that_ends_before_it_answers_is_not_waited_for(
    launcher, make_spawner, deaf, monkeypatch
):
    monkeypatch.setattr("yanxiu.spawn.spawner.LOOK_S", 0.01)
    launcher.answers |= {"start_server": deaf, "poll": ENDED}
    with pytest.raises(SpawnException) as caught:
        await make_spawner(launcher.socket).start()
    assert (caught.value.status_code, caught.value.reason) == (409, "server.ended")


async def test_a_server_that_does_not_answer_is_given_up(launcher, make_spawner, deaf, monkeypatch):
    monkeypatch.setattr("yanxiu.spawn.spawner.ANSWER_S", 0.1)
    launcher.answers |= {"start_server": deaf, "poll": {"state": "running"}}
    spawner = make_spawner(launcher.socket)
    with pytest.raises(SpawnException) as caught:
        await spawner.start()
    assert (caught.value.status_code, caught.value.reason) == (409, "server.silent")
    assert spawner.handle == "h1"  # the hub stops it after this


async def test_a_class_that_comes_at_once_starts_two_at_a_time(
    launcher, make_spawner, server, monkeypatch
):
    """Nobody is refused, and the next is asked for only when one before answers."""
    monkeypatch.setattr("yanxiu.spawn.spawner._starts", {})
    under_way, most = 0, 0

    async def one() -> None:
        spawner = make_spawner(launcher.socket, starts_at_once=2)
        ask, answers = spawner._ask_for_server, spawner._answers

        async def counted_ask():
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            return await ask()

        async def counted_answers(started):
            nonlocal under_way
            await answers(started)
            under_way -= 1

        monkeypatch.setattr(spawner, "_ask_for_server", counted_ask)
        monkeypatch.setattr(spawner, "_answers", counted_answers)
        await spawner.start()

    launcher.answers["start_server"] = server
    async with asyncio.timeout(60):
        await asyncio.gather(*(one() for _ in range(12)))
    assert len(launcher.asked) == 12
    assert most == 2


async def test_a_crowd_is_told_to_come_back(launcher, make_spawner, server, monkeypatch):
    full = Starts(1, most_waiting=0)
    launcher.answers["start_server"] = server
    spawner = make_spawner(launcher.socket)
    monkeypatch.setattr(spawner, "_line", lambda: full)
    async with full.turn():
        progress = spawner.progress()
        assert (await anext(progress))["message"] == IN_TURN
        with pytest.raises(SpawnException) as caught:
            await spawner.start()
    assert caught.value.status_code == 429
    assert "Retry-After" in caught.value.headers
    assert launcher.asked == []
    assert spawner.sent_away
    await spawner.start()
    assert not spawner.sent_away
    assert (await anext(progress))["message"] == PREPARING
