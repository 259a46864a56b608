"""CAS 3.0 against a small server: one-time tickets, our service alone, attributes."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from yanxiu.errors import Refused
from yanxiu.login.cas import CasProvider, read_validation
from yanxiu.login.claims import read_claims
from yanxiu.login.sso import Visit
from yanxiu.settings.sso import CasSettings

from tests.support.cas_server import CasServer, running_cas

VISIT = Visit("http://127.0.0.1:9/hub/sso/sheng/callback", "state-1", "", "")
BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess>
<cas:user>&b;</cas:user></cas:authenticationSuccess></cas:serviceResponse>"""


@pytest.fixture
def server() -> Iterator[CasServer]:
    with running_cas() as running:
        running.accounts = {"cas-1": {"name": "柴 & 老师", "teacher_no": "2001", "user": "cas-2"}}
        yield running


def settings(url):
    data = {"kind": "cas", "title": {"zh_CN": "省平台"}, "url": url}
    return CasSettings.model_validate(data)


async def travel(ours, visit=VISIT):
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(await ours.leave(visit))
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


async def refused(awaitable):
    with pytest.raises(Refused) as caught:
        await awaitable
    return caught.value.code


async def test_an_account_arrives_with_its_attributes(server):
    ours = CasProvider(settings(server.url))
    arguments = await travel(ours)
    assert arguments["state"] == "state-1"
    answer = await ours.arrive(VISIT, arguments)
    claims = read_claims(answer.raw, settings(server.url))
    # An attribute called "user" must not pose as the account.
    assert (claims.subject, claims.name, claims.teacher_no) == ("cas-1", "柴 & 老师", "2001")
    assert await ours.again(answer.keep) is None


async def test_a_ticket_works_once(server):
    ours = CasProvider(settings(server.url))
    arguments = await travel(ours)
    await ours.arrive(VISIT, arguments)
    assert await refused(ours.arrive(VISIT, arguments)) == "sso.rejected"


async def test_a_ticket_for_another_trip_or_service_is_refused(server):
    ours = CasProvider(settings(server.url))
    for other in (
        Visit(VISIT.callback, "state-2", "", ""),
        Visit("http://127.0.0.1:9/elsewhere", "state-1", "", ""),
    ):
        assert await refused(ours.arrive(VISIT, await travel(ours, other))) == "sso.rejected"


async def test_an_invented_ticket_is_refused(server):
    ours = CasProvider(settings(server.url))
    assert await refused(ours.arrive(VISIT, {"ticket": "ST-invented&service=x"})) == "sso.rejected"


async def test_turning_back(server):
    server.login = ""
    ours = CasProvider(settings(server.url))
    assert await refused(ours.arrive(VISIT, await travel(ours))) == "sso.cancelled"


@pytest.mark.parametrize("body", [b"<html>", b"not xml", BOMB, b"x" * (2 << 20)])
async def test_what_is_no_answer_is_taken_for_a_breakdown(server, body):
    server.body = body
    ours = CasProvider(settings(server.url))
    assert await refused(ours.arrive(VISIT, {"ticket": "ST-1"})) == "sso.away"


async def test_nobody_listens():
    ours = CasProvider(settings("http://127.0.0.1:9/cas"))
    assert await refused(ours.arrive(VISIT, {"ticket": "ST-1"})) == "sso.away"


def test_success_in_another_namespace_is_none():
    forged = b"<r><authenticationSuccess><user>u</user></authenticationSuccess></r>"
    with pytest.raises(Refused) as caught:
        read_validation(forged)
    assert caught.value.code == "sso.rejected"


def test_an_attribute_said_twice_is_a_list():
    body = (
        b'<c:r xmlns:c="http://www.yale.edu/tp/cas"><c:authenticationSuccess><c:user>u</c:user>'
        b"<c:attributes><c:roles>a</c:roles><c:roles>b</c:roles></c:attributes>"
        b"</c:authenticationSuccess></c:r>"
    )
    assert read_validation(body) == {"roles": ["a", "b"], "user": "u"}
