"""How the hub asks for places: in time, one after the other, and nothing is kept by mistake.

The engine here is a double: only one that hangs and fails shows what the hub does then. The real
ones are tested in ``tests/unit/yanxiu/quota`` and in the hub's integration tests.
"""

import asyncio
import threading
import uuid
from types import SimpleNamespace

import pytest
from yanxiu.errors import Refused
from yanxiu.quota.engine import Admitted, Ask, Denied, Waiting
from yanxiu.quota.rules import Code, Reason, Resource
from yanxiu.spawn.desk import Desk
from yanxiu.spawn.places import Places

PERSON = "uabcdefghij234567"
ASK = Ask(PERSON, "", 160, 0.02)
FULL = Reason(Code.CEILING, "县三小", "2133000001", Resource.SERVERS, 30.0, 30.0)
SOON_S = 0.05
LONG_S = 30.0


class Slow:
    """An engine that answers when it is let."""

    def __init__(self, answer=None):
        self.answer = answer or Admitted(uuid.uuid4(), None)
        self.go = threading.Event()
        self.done: list[str] = []

    def reserve(self, ask):
        self.go.wait()
        self.done.append("reserve")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def confirm(self, person_id, server_name):
        self.go.wait()
        self.done.append("confirm")

    def hold(self, person_id, server_name):
        self.done.append("hold")

    def release(self, person_id, server_name):
        self.go.wait()
        self.done.append("release")


@pytest.fixture
def engine():
    found = Slow()
    yield found
    found.go.set()  # or the threads of a test outlive it


@pytest.fixture
def counted() -> list[str]:
    return []


def places(engine, counted, on_silence="refuse", patience_s=LONG_S) -> Places:
    return Places(
        engine,
        on_silence=on_silence,
        count=lambda what, seconds: counted.append(what),
        patience_s=patience_s,
    )


async def until(question) -> None:
    async with asyncio.timeout(20):
        while not question():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("answer", "counts"),
    [(Waiting(FULL, 3, 2, None), "waiting"), (Denied(FULL), "denied")],
)
async def test_an_answer_is_handed_on_and_counted(engine, counted, answer, counts):
    engine.answer = answer
    engine.go.set()
    assert await places(engine, counted).reserve(ASK) is answer
    assert counted == [counts]


async def test_who_has_a_place_starts(engine, counted):
    engine.go.set()
    assert await places(engine, counted).reserve(ASK) is None
    assert counted == ["admitted"]


async def test_an_engine_that_is_silent_refuses_where_the_site_says_so(engine, counted):
    with pytest.raises(Refused) as caught:
        await places(engine, counted, "refuse", SOON_S).reserve(ASK)
    assert (caught.value.code, caught.value.status) == ("quota.silent", 429)
    assert counted == ["silent_refused"]
    # The place that it gives after all belongs to nobody: it is given back.
    engine.go.set()
    await until(lambda: engine.done == ["reserve", "release"])


async def test_an_engine_that_is_silent_lets_start_where_the_site_says_so(engine, counted):
    asked = places(engine, counted, "allow", SOON_S)
    assert await asked.reserve(ASK) is None
    assert counted == ["silent_allowed"]
    engine.go.set()
    await until(lambda: engine.done)
    # It runs: a place that comes late is its own.
    await asked.confirm(PERSON, "")
    assert engine.done == ["reserve", "confirm"]


@pytest.mark.parametrize("setting", ["allow", "refuse"])
async def test_an_engine_that_fails_is_silent_too(engine, counted, setting, caplog):
    engine.answer = RuntimeError(f"the password of {PERSON} is 1234")
    engine.go.set()
    asked = places(engine, counted, setting)
    if setting == "refuse":
        with pytest.raises(Refused):
            await asked.reserve(ASK)
    else:
        assert await asked.reserve(ASK) is None
    assert counted == [f"silent_{setting}{'ed' if setting == 'allow' else 'd'}"]
    assert "RuntimeError" in caplog.text
    assert PERSON not in caplog.text


async def test_two_calls_about_one_person_go_one_after_the_other(engine, counted):
    asked = places(engine, counted)
    calls = [
        asyncio.ensure_future(asked.release(PERSON, "")),
        asyncio.ensure_future(asked.reserve(ASK)),
    ]
    await asyncio.sleep(SOON_S)
    engine.go.set()
    await asyncio.gather(*calls)
    assert engine.done == ["release", "reserve"]


async def test_a_hub_whose_engine_hangs_for_one_person_still_ends_servers(engine, counted):
    asked = places(engine, counted, "refuse", SOON_S)
    await asked.release(PERSON, "")  # a stop goes on; the recount finds the place
    with pytest.raises(Refused):
        await asked.reserve(ASK)
    engine.go.set()
    await until(lambda: engine.done == ["release"])


@pytest.mark.parametrize(
    ("spawner", "told"),
    [({}, ["release"]), ({"sent_away": False}, ["release"]), ({"sent_away": True}, ["hold"])],
)
async def test_a_start_that_is_sent_away_keeps_its_place(engine, counted, spawner, told):
    """Of a class of spawner that knows of it, and of one that does not."""
    engine.go.set()
    desk = Desk(places(engine, counted), lambda person_id: [])
    await desk.give_back(SimpleNamespace(user=SimpleNamespace(name=PERSON), name="", **spawner))
    assert engine.done == told
