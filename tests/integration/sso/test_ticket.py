"""The ticket exchange against a small platform: our proof, one-time tickets, sessions."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from yanxiu.errors import Refused
from yanxiu.login.claims import read_claims
from yanxiu.login.sso import Gone, Visit
from yanxiu.login.ticket import TicketProvider
from yanxiu.settings.sso import TicketSettings

from tests.support.ticket_server import APP, KEY, TicketServer, running_platform

VISIT = Visit("http://127.0.0.1:9/hub/sso/guo/callback", "state-1", "", "")
BOB = {"name": "包老师", "teacher_no": "1002", "idCard": "11010519491231002X"}


class Clock:
    now = 1_700_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def platform() -> Iterator[TicketServer]:
    with running_platform() as running:
        running.accounts = {"t-1": BOB}
        yield running


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ours(platform, clock):
    return TicketProvider(settings(platform.url), KEY, clock)


def settings(url):
    data = {"kind": "ticket", "title": {"zh_CN": "国家平台"}, "app_id": APP}
    return TicketSettings.model_validate({**data, "login_url": f"{url}/login", "api_url": url})


async def travel(ours):
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(await ours.leave(VISIT))
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


async def refused(awaitable):
    with pytest.raises(Refused) as caught:
        await awaitable
    return caught.value.code


async def test_an_account_arrives_with_its_data(ours, platform):
    arguments = await travel(ours)
    assert arguments["state"] == "state-1"
    answer = await ours.arrive(VISIT, arguments)
    claims = read_claims(answer.raw, settings(platform.url))
    assert (claims.subject, claims.name, claims.id_last4) == ("t-1", "包老师", "002X")


async def test_a_ticket_works_once(ours):
    arguments = await travel(ours)
    await ours.arrive(VISIT, arguments)
    assert await refused(ours.arrive(VISIT, arguments)) == "sso.rejected"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [({}, "sso.cancelled"), ({"ticket": ""}, "sso.cancelled"), ({"ticket": "x"}, "sso.rejected")],
)
async def test_arguments_that_prove_nothing(ours, arguments, code):
    assert await refused(ours.arrive(VISIT, arguments)) == code


async def test_a_wrong_key_is_a_breakdown_and_not_the_teachers_fault(platform, clock):
    ours = TicketProvider(settings(platform.url), "wrong", clock)
    assert await refused(ours.arrive(VISIT, {"ticket": "x"})) == "sso.away"


async def test_one_access_token_serves_until_shortly_before_its_end(ours, platform, clock):
    for later, tokens in ((0, 1), (500, 1), (60, 2)):
        clock.now += later
        await ours.arrive(VISIT, await travel(ours))
        assert len(platform.tokens) == tokens


async def test_an_access_token_that_died_early_is_replaced_at_the_next_try(ours, platform):
    await ours.arrive(VISIT, await travel(ours))
    platform.tokens.append("somebody asked for another")
    arguments = await travel(ours)
    await refused(ours.arrive(VISIT, arguments))
    assert (await ours.arrive(VISIT, arguments)).raw["userId"] == "t-1"


class TestAgain:
    async def test_a_change_is_seen(self, ours, platform):
        answer = await ours.arrive(VISIT, await travel(ours))
        platform.accounts["t-1"] = {**BOB, "school_code": "2133000002"}
        assert (await ours.again(answer.keep)).raw["school_code"] == "2133000002"

    async def test_a_session_that_ended_is_gone(self, ours, platform):
        answer = await ours.arrive(VISIT, await travel(ours))
        platform.sessions.clear()
        with pytest.raises(Gone):
            await ours.again(answer.keep)

    async def test_without_a_session_there_is_nothing_to_ask_with(self, ours):
        with pytest.raises(Gone):
            await ours.again({})

    async def test_a_platform_that_is_away_ends_no_session(self, ours, platform):
        answer = await ours.arrive(VISIT, await travel(ours))
        platform.away = True
        assert await refused(ours.again(answer.keep)) == "sso.away"
