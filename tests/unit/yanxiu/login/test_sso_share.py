"""Whose answers of identity providers are taken first when many come at once."""

import asyncio

import pytest
from yanxiu.errors import Refused
from yanxiu.login.sso import rejected
from yanxiu.login.sso_login import SsoAuthenticator


async def test_one_address_with_many_answers_keeps_no_other_out():
    """Answers of a provider are taken in turn by source; sixty-four of one were all there were."""
    held, told = asyncio.Event(), []

    class Slow:
        async def arrive(self, visit, arguments):
            await held.wait()
            raise rejected()

    authenticator = SsoAuthenticator(
        directory=lambda: None, providers=dict, desk=lambda: None, most_trips=2, max_waiting=6
    )
    authenticator.known = {"xian": Slow()}

    async def come(source: str) -> None:
        with pytest.raises(Refused) as refused:
            await authenticator.arrive("xian", None, {}, source)
        told.append((source, refused.value.code))

    flood = [asyncio.ensure_future(come("198.51.100.66")) for _ in range(20)]
    await asyncio.sleep(0)
    others = [asyncio.ensure_future(come(f"203.0.113.{number}")) for number in range(3)]
    await asyncio.sleep(0.05)
    held.set()
    await asyncio.gather(*flood, *others)
    mine = [code for source, code in told if source == "198.51.100.66"]
    assert [code for source, code in told if source != "198.51.100.66"] == ["sso.rejected"] * 3
    assert mine.count("login.busy") == 15
