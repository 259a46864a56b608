"""Limits that ``site.yaml`` brings: added once, kept as the portal has them, refused as a whole."""

import pytest
from sqlalchemy import select
from yanxiu.errors import SettingsError
from yanxiu.quota.capacity import Capacity
from yanxiu.quota.engine import Admitted, Waiting
from yanxiu.quota.model import QuotaLimit
from yanxiu.quota.rules import Limit, Resource
from yanxiu.quota.verbs.seed_limits import seed_limits
from yanxiu.quota.verbs.set_limits import set_limits
from yanxiu.settings.model import Site

from tests.support.county import SITE


def site_with(**schools):
    """Return the settings with seeds for schools, by the last digit of their code."""
    data = SITE.model_dump(mode="json", exclude_defaults=True)
    for name, quota in schools.items():
        place = data["county"] if name == "county" else data["schools"][f"213300000{name[-1]}"]
        place["quota"] = quota
    return Site.model_validate(data)


def limits(pools):
    with pools.county.store.read() as session:
        rows = session.scalars(select(QuotaLimit)).all()
    return {(r.org_id, r.resource): (r.guarantee, r.ceiling, r.per_teacher) for r in rows}


SEEDS = {
    "s1": {"servers": {"guarantee": 1, "ceiling": 2, "per_teacher": 1}},
    "county": {"servers": {"ceiling": 3}, "server_hours": {"ceiling": 500}},
}


def test_seeds_are_added_once_and_hold(pools):
    county = pools.county
    site = site_with(**SEEDS)
    assert seed_limits(county.store, site, pools.capacity.ceilings()) == []
    expected = {
        (county.schools["school1"], "servers"): (1, 2, 1),
        (county.schools["county"], "servers"): (None, 3, None),
        (county.schools["county"], "server_hours"): (None, 500, None),
    }
    assert limits(pools) == expected
    assert seed_limits(county.store, site, pools.capacity.ceilings()) == []
    assert limits(pools) == expected
    assert isinstance(pools.start("charlie"), Admitted)
    assert isinstance(pools.start("charlie", "second"), Admitted)
    assert isinstance(pools.start("charlie", "third"), Waiting), "the last place is school 1's"


def test_what_the_portal_changed_or_took_away_stays_and_is_told(pools):
    county = pools.county
    site = site_with(**SEEDS)
    seed_limits(county.store, site, pools.capacity.ceilings())
    for org, resource, limit in (
        ("school1", Resource.SERVERS, Limit(ceiling=9)),
        ("county", Resource.SERVER_HOURS, Limit()),
    ):
        actor, org_id = county.actor("county"), county.schools[org]
        set_limits(county.store, site, pools.capacity.ceilings(), actor, org_id, {resource: limit})
    drift = seed_limits(county.store, site, pools.capacity.ceilings())
    assert drift == [
        "county.quota.server_hours: 设置里是 ceiling 500，平台里是 空（保留平台里的）",
        "schools.2133000001.quota.servers: 设置里是 guarantee 1，ceiling 2，per_teacher 1，"
        "平台里是 ceiling 9（保留平台里的）",
    ]
    assert limits(pools)[county.schools["school1"], "servers"] == (None, 9, None)


def test_more_than_there_is_seeds_nothing(pools):
    site = site_with(s1={"servers": {"guarantee": 6}}, s2={"servers": {"guarantee": 5}})
    with pytest.raises(
        SettingsError, match=r"schools\.2133000002\.quota：服务器的保证数合计 11 台"
    ):
        seed_limits(pools.county.store, site, Capacity(servers=10).ceilings())
    assert limits(pools) == {}


def test_seeds_that_are_there_keep_nobody_from_a_smaller_machine(pools):
    site = site_with(s1={"servers": {"guarantee": 6}})
    seed_limits(pools.county.store, site, Capacity(servers=10).ceilings())
    assert seed_limits(pools.county.store, site, Capacity(servers=2).ceilings()) == []


def test_another_size_of_servers_is_counted_from_the_next_apply_on(pools):
    small = site_with(s1={"servers": {"guarantee": 6}})
    seed_limits(pools.county.store, small, Capacity(memory_mb=2000).ceilings())
    pools.capacity = Capacity(memory_mb=2000)
    assert isinstance(pools.start("charlie"), Admitted)
    pools.stop("charlie")
    data = small.model_dump(mode="json", exclude_defaults=True)
    large = Site.model_validate({**data, "quota": {"server_memory_mb": 320}})
    seed_limits(pools.county.store, large, Capacity(memory_mb=2000).ceilings())
    assert isinstance(pools.start("charlie"), Waiting), "6 × 320 MB of 2000 are school 1's"
    assert isinstance(pools.start("alice"), Admitted)


@pytest.mark.parametrize(
    ("quota", "says"),
    [
        ({"servers": {"guarantee": 3, "ceiling": 2}}, "不能大于"),
        ({"servers": {"celing": 2}}, "celing"),
        ({"storage_mb": {"guarantee": 2}}, "guarantee"),
        ({"grading_share": {"guarantee": 0}}, "grading_share"),
    ],
)
def test_seeds_that_mean_nothing_are_no_settings(quota, says):
    with pytest.raises(ValueError, match=says):
        site_with(s1=quota)
