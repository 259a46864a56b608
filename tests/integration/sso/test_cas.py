"""CAS 2 and 3 against a small server: one-time tickets, our service alone, attributes."""

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


def settings(url, **more):
    data = {"kind": "cas", "title": {"zh_CN": "省平台"}, "url": url, **more}
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


async def test_a_server_of_protocol_two(server):
    """The fault: it has no /p3/serviceValidate and answers 404."""
    server.path = "serviceValidate"
    three = CasProvider(settings(server.url))
    assert await refused(three.arrive(VISIT, await travel(three))) == "sso.away"
    two = CasProvider(settings(server.url, version=2))
    answer = await two.arrive(VISIT, await travel(two))
    assert answer.raw["teacher_no"] == ["2001"]


HEAD = "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'><cas:authenticationSuccess><cas:user>zhen</cas:user>"
TAIL = "</cas:authenticationSuccess></cas:serviceResponse>"
WANTED = {"xm": ["甄一鸣"], "jsbh": ["T5001"], "user": "zhen"}
STYLES = {
    "in attributes": "<cas:attributes><cas:xm>甄一鸣</cas:xm><cas:jsbh>T5001</cas:jsbh></cas:attributes>",
    "beside the user": "<cas:xm>甄一鸣</cas:xm><cas:jsbh>T5001</cas:jsbh>",
    "name and value": "<cas:attribute name='xm' value='甄一鸣'/><cas:attribute name='jsbh' value='T5001'/>",
    "name and value in attributes": "<cas:attributes><cas:attribute name='xm' value='甄一鸣'/>"
    "<cas:attribute name='jsbh'>T5001</cas:attribute></cas:attributes>",
    "without a namespace": "<cas:attributes><xm xmlns=''>甄一鸣</xm><jsbh xmlns=''> T5001 </jsbh></cas:attributes>",
    "in two styles": "<cas:attributes><cas:xm>甄一鸣</cas:xm></cas:attributes><cas:xm>甄一鸣</cas:xm><cas:jsbh>T5001</cas:jsbh>",
    "with proxies": "<cas:proxyGrantingTicket>PGTIOU-1</cas:proxyGrantingTicket><cas:proxies><cas:proxy>x</cas:proxy>"
    "</cas:proxies><cas:xm>甄一鸣</cas:xm><cas:jsbh>T5001</cas:jsbh>",
    "posing as the user": "<cas:attribute name='user' value='admin'/><cas:attributes><cas:user>admin</cas:user></cas:attributes>"
    "<cas:xm>甄一鸣</cas:xm><cas:jsbh>T5001</cas:jsbh>",
}  # fmt: skip
ENCODINGS = [
    ("utf-8", ""),
    ("utf-8", "<?xml version='1.0' encoding='UTF-8'?>"),
    ("utf-8-sig", ""),
    ("gbk", "<?xml version='1.0' encoding='GBK'?>"),
    ("gb18030", '<?xml version="1.0" encoding="gb18030" standalone="yes"?>\n'),
    ("gbk", "<?xml version='1.0' encoding='GB2312'?>"),
    ("gbk", "<?xml version='1.0'?>"),
    ("gbk", ""),
    ("utf-16", "<?xml version='1.0' encoding='UTF-16'?>"),
]


@pytest.mark.parametrize("style", STYLES)
def test_attributes_in_every_style(style):
    assert read_validation(f"{HEAD}{STYLES[style]}{TAIL}".encode()) == WANTED


@pytest.mark.parametrize(("encoding", "declared"), ENCODINGS)
def test_answers_in_every_encoding(encoding, declared):
    text = f"{declared}{HEAD}{STYLES['in attributes']}{TAIL}"
    assert read_validation(text.encode(encoding)) == WANTED


@pytest.mark.parametrize(
    "body",
    [
        BOMB.decode()
        .replace("<!DOCTYPE", "<?xml version='1.0' encoding='GBK'?><!DOCTYPE", 1)
        .encode("gbk"),
        b"<?xml version='1.0' encoding='GBK'?>" + b"\xff\xff" * 20,
        b"<?xml version='1.0' encoding='utf-7'?><a/>",
        b"\xb9\xfe" * 9,
    ],
)
def test_an_encoding_is_no_way_around_a_check(body):
    with pytest.raises(Refused) as caught:
        read_validation(body)
    assert caught.value.code in ("sso.away", "sso.rejected")


def test_a_rare_name_in_gb18030_arrives_whole():
    text = f"<?xml version='1.0' encoding='GBK'?>{HEAD}<cas:xm>甄𠮷</cas:xm>{TAIL}"
    assert read_validation(text.encode("gb18030"))["xm"] == ["甄𠮷"]
