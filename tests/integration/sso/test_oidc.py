"""Our side of OpenID Connect against a real provider: what is taken, and what is not."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from yanxiu.errors import Refused
from yanxiu.login.oidc import OidcProvider
from yanxiu.login.sso import Gone, Visit
from yanxiu.settings.sso import OidcSettings

from tests.integration.sso.conftest import CALLBACK
from tests.support.oidc import SECRET

VISIT = Visit(CALLBACK, "state" * 6, "nonce" * 6, "verifier" * 8)
ACCOUNT = {"name": "艾老师", "teacher_no": "1001", "school_code": "2133000001"}


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ours(provider, clock):
    provider.set(
        accounts={"a-1": ACCOUNT}, login="a-1", fault="", away=False, tokenSeconds=600, seen=[]
    )
    return client(provider.issuer, clock=clock)


def client(issuer, *, clock=None, secret=SECRET, **changes):
    values = {"kind": "oidc", "title": {"zh_CN": "县统一认证"}, "client_id": "yanxiu"}
    settings = OidcSettings.model_validate({**values, "issuer": issuer, **changes})
    return OidcProvider(settings, secret, clock) if clock else OidcProvider(settings, secret)


async def travel(ours, visit=VISIT):
    """Do what a browser does between leaving and arriving; return what it brings back."""
    address = await ours.leave(visit)
    async with httpx.AsyncClient() as browser:
        while not address.startswith(CALLBACK):
            answer = await browser.get(address)
            assert answer.status_code in (302, 303), answer.text
            address = str(httpx.URL(address).join(answer.headers["location"]))
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def refused(awaitable):
    with pytest.raises(Refused) as caught:
        await awaitable
    return caught.value.code


async def test_an_account_arrives_with_its_claims(ours):
    answer = await ours.arrive(VISIT, await travel(ours))
    assert {**answer.raw, **ACCOUNT, "sub": "a-1"} == answer.raw
    assert set(answer.keep) == {"subject", "access_token", "refresh_token"}


@pytest.mark.parametrize("client_auth", ["basic", "post"])
async def test_both_ways_to_send_the_secret(ours, provider, client_auth):
    one = client(provider.issuer, client_auth=client_auth)
    assert (await one.arrive(VISIT, await travel(one))).raw["sub"] == "a-1"


@pytest.mark.parametrize("client_auth", ["basic", "post"])
async def test_a_wrong_secret_is_refused(ours, provider, client_auth):
    one = client(provider.issuer, secret="not the secret", client_auth=client_auth)
    assert await refused(one.arrive(VISIT, await travel(one))) == "sso.rejected"


async def test_the_tampering_provider_is_believed_when_it_does_not_tamper(ours, provider):
    """The faults below sign again with this key: without a fault that has to be good."""
    provider.set(fault="honest")
    assert (await ours.arrive(VISIT, await travel(ours))).raw["sub"] == "a-1"


@pytest.mark.parametrize(
    "fault",
    [
        "signature",
        "changed body",
        "strange key",
        "alg none",
        "hmac",
        "audience",
        "two audiences",
        "issuer",
        "nonce",
        "no nonce",
        "expired",
        "no expiry",
        "future",
        "another subject",
        "no id token",
    ],
)
async def test_a_forged_or_stale_token_logs_nobody_in(ours, provider, fault):
    provider.set(fault=fault)
    assert await refused(ours.arrive(VISIT, await travel(ours))) == "sso.rejected"


async def test_a_code_works_once(ours):
    arguments = await travel(ours)
    await ours.arrive(VISIT, arguments)
    assert await refused(ours.arrive(VISIT, arguments)) == "sso.rejected"


@pytest.mark.parametrize(
    "change",
    [
        {"verifier": "another verifier" * 4},
        {"callback": CALLBACK.replace("xian", "sheng")},
        {"nonce": "another nonce" * 2},
    ],
)
async def test_a_code_is_of_no_use_to_another_trip(ours, change):
    thief = Visit(**{**vars(VISIT), **change})
    assert await refused(ours.arrive(thief, await travel(ours))) == "sso.rejected"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "sso.rejected"),
        ({"code": "invented"}, "sso.rejected"),
        ({"code": "x", "iss": "https://another.example"}, "sso.rejected"),
        ({"error": "server_error"}, "sso.rejected"),
        ({"error": "access_denied"}, "sso.cancelled"),
    ],
)
async def test_arguments_that_prove_nothing(ours, arguments, code):
    assert await refused(ours.arrive(VISIT, arguments)) == code


async def test_turning_back_at_the_provider(ours, provider):
    provider.set(login=None)
    arguments = await travel(ours)
    assert await refused(ours.arrive(VISIT, arguments)) == "sso.cancelled"


class TestAgain:
    async def test_a_change_is_seen(self, ours, provider):
        answer = await ours.arrive(VISIT, await travel(ours))
        provider.set(accounts={"a-1": {**ACCOUNT, "school_code": "2133000002"}})
        again = await ours.again(answer.keep)
        assert again.raw["school_code"] == "2133000002"
        assert again.keep == answer.keep

    async def test_an_expired_access_token_is_renewed_and_the_old_refresh_token_ends(
        self, ours, provider
    ):
        provider.set(tokenSeconds=-1)
        arguments = await travel(ours)
        with pytest.raises(Refused):
            await ours.arrive(VISIT, arguments)  # no user info with a dead token
        provider.set(tokenSeconds=600)
        answer = await ours.arrive(VISIT, await travel(ours))
        dead = {**answer.keep, "access_token": "expired"}
        again = await ours.again(dead)
        assert again.keep["access_token"] not in ("expired", answer.keep["access_token"])
        assert again.keep["refresh_token"] != answer.keep["refresh_token"]
        with pytest.raises(Gone):
            await ours.again(dead)

    async def test_an_account_that_was_deleted_is_gone(self, ours, provider):
        answer = await ours.arrive(VISIT, await travel(ours))
        provider.set(accounts={})
        with pytest.raises(Gone):
            await ours.again(answer.keep)

    @pytest.mark.parametrize(
        "change",
        [{"access_token": "x", "refresh_token": ""}, {"access_token": ""}, {"subject": "b"}],
    )
    async def test_what_we_keep_has_to_fit(self, ours, change):
        answer = await ours.arrive(VISIT, await travel(ours))
        with pytest.raises(Gone):
            await ours.again({**answer.keep, **change})

    async def test_a_provider_that_is_away_ends_no_session(self, ours, provider):
        answer = await ours.arrive(VISIT, await travel(ours))
        provider.set(away=True)
        assert await refused(ours.again(answer.keep)) == "sso.away"


class TestAway:
    async def test_nobody_listens(self):
        assert await refused(client("http://127.0.0.1:9").leave(VISIT)) == "sso.away"

    async def test_it_answers_with_an_error_page(self, ours, provider):
        provider.set(away=True)
        assert await refused(ours.leave(VISIT)) == "sso.away"

    async def test_it_breaks_down_between_leaving_and_arriving(self, ours, provider):
        arguments = await travel(ours)
        provider.set(away=True)
        assert await refused(ours.arrive(VISIT, arguments)) == "sso.away"

    async def test_it_calls_itself_by_another_name(self, provider):
        elsewhere = provider.issuer.replace("127.0.0.1", "localhost")
        assert await refused(client(elsewhere).leave(VISIT)) == "sso.away"


async def test_what_does_not_change_is_asked_once(ours, provider, clock):
    for _ in range(2):
        await ours.arrive(VISIT, await travel(ours))
    seen = provider.set()
    assert seen.count("/.well-known/openid-configuration") == 1
    assert seen.count("/jwks") == 1
    clock.now += 3601
    await ours.arrive(VISIT, await travel(ours))
    assert provider.set().count("/jwks") == 2


async def test_an_unknown_key_is_looked_for_once_a_minute(ours, provider, clock):
    provider.set(fault="unknown key")
    for _ in range(3):
        assert await refused(ours.arrive(VISIT, await travel(ours))) == "sso.rejected"
    assert provider.set().count("/jwks") == 1
    clock.now += 61
    assert await refused(ours.arrive(VISIT, await travel(ours))) == "sso.rejected"
    assert provider.set().count("/jwks") == 2


async def test_no_token_code_or_name_is_logged(ours, provider, caplog, capfd):
    caplog.set_level(0)
    arguments = await travel(ours)
    answer = await ours.arrive(VISIT, arguments)
    provider.set(fault="signature")
    await refused(ours.arrive(VISIT, await travel(ours)))
    await refused(ours.arrive(VISIT, {"code": arguments["code"]}))
    with pytest.raises(Gone):
        await ours.again({**answer.keep, "access_token": "x", "refresh_token": "y"})
    said = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("http")
    )
    said += "".join(capfd.readouterr())
    assert "SSO answer refused: BadToken" in said  # the log is the one that would show it
    secrets = [arguments["code"], SECRET, "艾老师", "a-1", VISIT.verifier, *answer.keep.values()]
    assert [one for one in secrets if one in said] == []
