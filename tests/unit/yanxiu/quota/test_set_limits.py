"""Limits: who may set them, which are refused, and that they hold from the next start on."""

import pytest
from sqlalchemy import select
from yanxiu.errors import Refused
from yanxiu.quota.capacity import Capacity
from yanxiu.quota.engine import Admitted, Drift, Held, Running, Waiting
from yanxiu.quota.model import QuotaLimit
from yanxiu.quota.rules import Limit, Resource
from yanxiu.quota.verbs.set_limits import Outdated, Part, set_limits
from yanxiu.store.model import AuditEvent
from yanxiu.web.actor import Way

S = Resource.SERVERS


def put(pools, who, org, way=Way.SESSION, resource=S, shown=None, **limits):
    """Set one limit as somebody, to whom ``shown`` was shown."""
    changed = set_limits(
        pools.county.store,
        pools.county.site,
        pools.capacity.ceilings(),
        pools.county.actor(who, way),
        pools.county.schools[org],
        {resource: Limit(**limits)},
        shown,
    )
    pools.engine.limits_changed()
    return changed


def limits(pools):
    with pools.county.store.read() as session:
        rows = session.scalars(select(QuotaLimit)).all()
    return {(r.org_id, r.resource): (r.guarantee, r.ceiling, r.per_teacher) for r in rows}


def last(pools):
    with pools.county.store.read() as session:
        return session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()


def test_the_county_sets_a_schools_limits_and_the_audit_says_what_they_were(pools):
    assert put(pools, "county", "school1", guarantee=10, ceiling=30) == [S]
    assert put(pools, "county", "school1", guarantee=10, ceiling=40, per_teacher=2) == [S]
    event = last(pools)
    assert (event.actor, event.verb) == (pools.county.people["county"], "quota.set_limits")
    assert event.details == {
        "org": "2133000001",
        "servers": {
            "from": {"guarantee": 10, "ceiling": 30},
            "to": {"guarantee": 10, "ceiling": 40, "per_teacher": 2},
        },
    }
    assert limits(pools) == {(pools.county.schools["school1"], "servers"): (10, 40, 2)}


@pytest.mark.parametrize(
    ("who", "org"),
    [
        ("alice", "school1"),
        ("charlie", "school1"),
        ("organizer1", "school1"),  # her own school's is taken from the others'
        ("organizer2", "school1"),
        ("county2", "school1"),  # another county
        ("county2", "county"),
        ("county", "school9"),
    ],
)
def test_nobody_else_may(pools, who, org):
    with pytest.raises(Refused) as refused:
        put(pools, who, org, ceiling=1)
    assert refused.value.code == "org.not_found"
    assert limits(pools) == {}
    assert last(pools).outcome == "refused org.not_found"


def test_not_with_a_servers_token(pools):
    with pytest.raises(Refused) as refused:
        put(pools, "county", "school1", Way.LEARN_TOKEN, ceiling=1)
    assert refused.value.code == "way.session_only"


@pytest.mark.parametrize(
    ("resource", "given", "code"),
    [
        (S, {"guarantee": 5, "ceiling": 4}, "quota.order"),
        (S, {"ceiling": -1}, "quota.number"),
        (S, {"ceiling": float("nan")}, "quota.number"),
        (S, {"ceiling": float("inf")}, "quota.number"),
        (S, {"ceiling": 1e10}, "quota.number"),
        (S, {"ceiling": 2.5}, "quota.whole"),
        (Resource.STORAGE_MB, {"guarantee": 5}, "quota.no_guarantee"),
        (Resource.SERVER_HOURS, {"guarantee": 5}, "quota.no_guarantee"),
        (Resource.GRADING_SHARE, {"guarantee": 0}, "quota.share"),
        (Resource.GRADING_SHARE, {"guarantee": 1001}, "quota.share"),
        (Resource.GRADING_SHARE, {"ceiling": 5}, "quota.share_only"),
    ],
)
def test_what_means_nothing_is_refused(pools, resource, given, code):
    with pytest.raises(Refused) as refused:
        put(pools, "county", "school1", resource=resource, **given)
    assert refused.value.code == code
    assert limits(pools) == {}


@pytest.mark.parametrize(
    ("resource", "given"),
    [
        (S, {}),
        (S, {"guarantee": 0, "ceiling": 0}),
        (Resource.CPUS, {"ceiling": 2.5}),
        (Resource.GRADING_SHARE, {"guarantee": 0.5}),
        (Resource.SERVER_HOURS, {"ceiling": 100.5, "per_teacher": 20}),
    ],
)
def test_what_means_something_is_taken(pools, resource, given):
    put(pools, "county", "school1", resource=resource, **given)


def refusal(pools, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        put(pools, *args, **kwargs)
    return refused.value


def test_more_than_the_platform_has_is_not_guaranteed(pools):
    pools.capacity = Capacity(servers=50)
    put(pools, "county", "school1", guarantee=30)
    put(pools, "county", "school2", guarantee=20)
    found = refusal(pools, "county", "school2", guarantee=21)
    assert found.code == "quota.too_much"
    assert "51 台" in found.text()
    assert "50 台" in found.text()


def test_more_than_the_countys_ceiling_is_not_guaranteed(pools):
    put(pools, "county", "county", ceiling=10)
    put(pools, "county", "school1", guarantee=6)
    found = refusal(pools, "county", "school2", guarantee=5)
    assert "云溪县的上限 10 台" in found.text()
    found = refusal(pools, "county", "county", ceiling=5)
    assert "合计 6 台" in found.text()


def test_the_countys_own_guarantee_holds_those_of_its_schools(pools):
    pools.capacity = Capacity(servers=10)
    put(pools, "county", "county", guarantee=10)
    put(pools, "county", "school1", guarantee=6)
    put(pools, "county", "school2", guarantee=4)
    assert refusal(pools, "county", "school2", guarantee=5).code == "quota.too_much"


def test_what_guaranteed_servers_take_is_guaranteed_too(pools):
    pools.capacity = Capacity(memory_mb=1000)
    found = refusal(pools, "county", "school1", guarantee=7)
    assert "1120 MB" in found.text()
    put(pools, "county", "school1", guarantee=6)


def test_after_the_machine_became_smaller_every_step_back_is_open(pools):
    put(pools, "county", "school1", guarantee=40)
    put(pools, "county", "school2", guarantee=40)
    pools.capacity = Capacity(servers=50)
    put(pools, "county", "school1", guarantee=30)
    put(pools, "county", "school1", guarantee=30, ceiling=35)
    assert refusal(pools, "county", "school1", guarantee=31, ceiling=35).code == "quota.too_much"
    put(pools, "county", "school2", guarantee=20)


def test_a_limit_holds_from_the_next_start_on_and_stops_nothing(pools):
    pools.run("alice")
    pools.run("bob")
    put(pools, "county", "school1", ceiling=1)
    found = pools.start("alice", "second")
    assert isinstance(found, Waiting)
    assert (found.reason.used, found.reason.limit) == (2, 1)
    pools.stop("bob")
    assert isinstance(pools.where("alice"), Waiting), "one runs still, and one may"
    pools.stop("alice")
    assert isinstance(pools.where("alice"), Held)


def test_who_waits_is_served_when_the_limit_is_raised(pools):
    put(pools, "county", "school1", ceiling=1)
    pools.run("alice")
    pools.start("bob")
    put(pools, "county", "school1", ceiling=2)
    assert isinstance(pools.where("bob"), Held)


def test_what_was_changed_since_it_was_shown_is_not_written_over(pools):
    """Two organizers with the same page open: the second is told, whatever she changed."""
    put(pools, "county", "school1", guarantee=10, ceiling=30)
    seen = {Part(S, "guarantee"): 10.0, Part(S, "ceiling"): 30.0, Part(S, "per_teacher"): None}
    put(pools, "county", "school1", shown=seen, guarantee=10, ceiling=40)
    for second in ({"guarantee": 10, "ceiling": 35}, {"guarantee": 12, "ceiling": 30}):
        with pytest.raises(Outdated) as refused:
            put(pools, "county", "school1", shown=seen, **second)
        assert refused.value.changed == {Part(S, "ceiling"): 30.0}
    assert limits(pools)[pools.county.schools["school1"], "servers"] == (10, 40, None)
    assert last(pools).outcome == "refused quota.outdated"
    # The same form sent twice is no other will.
    assert put(pools, "county", "school1", shown=seen, guarantee=10, ceiling=40) == []


def test_setting_the_same_again_changes_nothing(pools):
    put(pools, "county", "school1", guarantee=3)
    assert put(pools, "county", "school1", guarantee=3) == []


def test_the_counters_agree_after_any_change(pools):
    pools.run("alice")
    pools.run("charlie")
    for org, given in (
        ("school1", {"guarantee": 5}),
        ("county", {"guarantee": 20, "ceiling": 40}),
        ("school2", {"guarantee": 1}),
        ("school1", {}),
        ("county", {"guarantee": 2}),
    ):
        put(pools, "county", org, **given)
        assert isinstance(pools.start("bob"), Admitted)
        pools.stop("bob")
    county = pools.county
    running = [
        Running(county.people[one], "", county.store.clock(), 160, 0.02)
        for one in ("alice", "charlie")
    ]
    assert pools.engine.recount(running) == Drift()
