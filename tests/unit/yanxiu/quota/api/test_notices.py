"""What the panel in Lab is told: one's own and nobody else's, while it holds."""

import pytest
from sqlalchemy import select
from yanxiu.quota import homes
from yanxiu.quota.model import Place
from yanxiu.quota.verbs.stop_server import stop_server

from tests.support.browser import HOST, PREFIX, Browser

from ..conftest import Pools

PATH = f"{PREFIX}api/v1/server/notices"
TOLD = "今晚 8 点县里公开课"


@pytest.fixture
def pools(site) -> Pools:
    return Pools(site)


@pytest.fixture
def notices(app, hub, site):
    """Ask as somebody's server does."""

    def ask(who, language="zh-CN", scope="custom:records:learn"):
        token = hub.token(site.people[who], scope)
        headers = {"authorization": f"token {token}", "accept-language": language}
        with Browser(app, base_url=HOST, headers=headers) as program:
            return program.get(PATH)

    return ask


def stop(pools, who, by="organizer1"):
    with pools.county.store.read() as session:
        place = session.scalar(select(Place.id).where(Place.person_id == pools.county.people[who]))
    stop_server(pools.county.store, pools.county.actor(by), place, TOLD)


def test_nothing_is_told_while_nothing_is(pools, notices):
    pools.run("alice")
    pools.limit("school1", "storage_mb", ceiling=1000)
    assert notices("alice").json() == []


def test_whose_server_is_to_end_is_told_before_and_nobody_else(pools, notices, clock):
    for who in ("alice", "bob", "charlie"):
        pools.run(who)
    stop(pools, "alice")
    [one] = notices("alice").json()
    assert TOLD in one["text"]
    assert "请现在保存" in one["text"]
    assert notices("bob").json() == notices("charlie").json() == []
    clock.advance(seconds=30)
    assert notices("alice").json() == [one], "the same notice is the same"
    assert "is about to end your Jupyter" in notices("alice", "en").json()[0]["text"]
    pools.stop("alice")
    pools.run("alice")
    assert notices("alice").json() == [], "her next server is not meant"


def test_how_full_the_homes_are(pools, notices):
    people = pools.county.people
    pools.limit("school1", "storage_mb", ceiling=100, per_teacher=80)
    homes.report(pools.county.store, {people["alice"]: 60 << 20, people["bob"]: 35 << 20})
    [one] = notices("alice").json()
    assert "县三小的个人文件夹合计用了 95 MB，上限 100 MB，快满了" in one["text"]
    homes.report(pools.county.store, {people["alice"]: 61 << 20})
    assert notices("alice").json()[0]["id"] == one["id"], "a MB more is no news"
    homes.report(pools.county.store, {people["alice"]: 80 << 20})
    assert (
        "您的个人文件夹用了 80 MB，上限 80 MB：满了以后启动的 Jupyter 只能删除"
        in notices("alice").json()[0]["text"]
    )
    assert "县三小" in notices("bob").json()[0]["text"]
    assert notices("charlie").json() == []


def test_a_token_that_is_not_for_learning_is_told_nothing(pools, notices):
    assert notices("alice", scope="custom:records:teach").status_code == 403
