"""The verdict, at every edge: guarantees, ceilings, one person's limits, memory, hours, capacity.

Schools 县三小 (a), 城关镇中心校 (b) and 实验小学 (c) stand in one county below the platform. A row says
how many servers run where, and what a start at ``a`` is answered.
"""

from dataclasses import replace

import pytest
from yanxiu.quota import rules
from yanxiu.quota.rules import (
    Code,
    Limit,
    Own,
    PlaceKind,
    Resource,
    Stand,
    charged,
    judge,
    judge_hours,
    judge_person,
)

R = Resource.SERVERS


def way_to(school, *, capacity=None, county=(0, None), limits=None, used=None, amount=1.0):
    """Return the way to a school of a county, with the demands that its neighbours make.

    :param county: its own guarantee and ceiling
    :param limits: (guarantee, ceiling) of each school; ``used``: how many run there
    """
    limits, used = limits or {}, used or {}
    names = dict.fromkeys([school, *limits, *used])
    stands = {
        name: Stand(
            name,
            name,
            f"/county/{name}/",
            limits.get(name, (0, None))[0],
            limits.get(name, (0, None))[1],
            used.get(name, 0) * amount,
            used.get(name, 0) * amount,
        )
        for name in names
    }
    total = sum(one.used for one in stands.values())
    above = Stand(
        "county",
        "county",
        "/county/",
        county[0],
        county[1],
        total,
        sum(one.demand for one in stands.values()),
    )
    site = Stand(ceiling=capacity, used=total, needed=above.demand)
    return [site, above, stands[school]]


def verdict(*args, amount=1.0, **kwargs):
    """Return the code and the organization of the refusal, or None."""
    found = judge(way_to(*args, amount=amount, **kwargs), R, amount)
    return found and (found.code, found.org)


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (0, None),
        (29, None),  # the last place
        (30, (Code.CEILING, "a")),  # full
        (31, (Code.CEILING, "a")),  # the ceiling was lowered while servers ran
    ],
)
def test_a_ceiling(used, expected):
    assert verdict("a", limits={"a": (0, 30)}, used={"a": used}) == expected


@pytest.mark.parametrize(
    ("a", "b", "c", "expected"),
    [
        # Capacity 10, a and b are sure of 3 each, c of nothing: 4 are for whoever comes.
        (0, 0, 4, None),
        (2, 0, 4, None),  # within its guarantee, whatever the others took
        (3, 0, 3, None),  # above it: 3 + 1 + b's 3 + c's 3 = 10
        (3, 0, 4, (Code.GUARANTEED, "")),  # the last three are b's
        (6, 0, 0, None),  # the surplus is anybody's
        (7, 0, 0, (Code.GUARANTEED, "")),
        (7, 2, 0, (Code.GUARANTEED, "")),  # the last one is b's
        (6, 3, 0, None),  # b uses what it is sure of: nothing more is kept for it
        (7, 3, 0, (Code.CAPACITY, "")),
        (2, 4, 4, (Code.CAPACITY, "")),  # limits were changed: b and c took what is a's
        (2, 4, 3, None),  # its guarantee, as soon as there is room at all
    ],
)
def test_guarantees_below_a_capacity(a, b, c, expected):
    limits = {"a": (3, None), "b": (3, None), "c": (0, None)}
    used = {"a": a, "b": b, "c": c}
    assert verdict("a", capacity=10, limits=limits, used=used) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0, 0, None),
        (4, 3, None),
        (4, 4, (Code.CEILING, "county")),
        (5, 0, None),  # 6 + b's 2 = 8
        (6, 0, (Code.GUARANTEED, "county")),  # the rest is b's
        (6, 1, (Code.GUARANTEED, "county")),
        (5, 2, None),
    ],
)
def test_a_ceiling_of_the_county_keeps_room_for_its_schools_guarantees(a, b, expected):
    limits = {"a": (0, None), "b": (2, None)}
    assert verdict("a", county=(0, 8), limits=limits, used={"a": a, "b": b}) == expected


@pytest.mark.parametrize(
    ("a", "others", "expected"),
    [
        # The county is sure of 6 of 10; its school a of nothing by itself.
        (5, 4, None),
        (5, 5, (Code.CAPACITY, "")),
        (3, 4, None),
    ],
)
def test_a_school_without_a_guarantee_uses_its_countys(a, others, expected):
    site, county, school = way_to("a", capacity=10, county=(6, None), used={"a": a})
    site = replace(site, used=a + others, needed=county.demand + others)
    found = judge([site, county, school], R, 1)
    assert (found and (found.code, found.org)) == expected


def test_a_guarantee_of_the_county_is_kept_from_others():
    county = Stand("county", "county", "/county/", guarantee=6, used=1, needed=1)
    other = Stand("other", "other", "/other/", used=4, needed=4)
    site = Stand(ceiling=10, used=5, needed=county.demand + 4)
    assert judge([site, other], R, 1).code is Code.GUARANTEED
    assert judge([site, county], R, 1) is None


def test_a_guarantee_that_is_partly_used_covers_only_the_rest():
    """Memory comes in pieces that need not fit a guarantee: what goes beyond it is above it."""
    way = way_to("a", capacity=1000, limits={"a": (300, None), "b": (500, None)}, used={"a": 200})
    assert judge(way, Resource.MEMORY_MB, 300) is None  # 500 + b's 500
    assert judge(way, Resource.MEMORY_MB, 301).code is Code.GUARANTEED


def test_the_refusal_tells_the_numbers():
    way = way_to("a", capacity=10, limits={"b": (3, None)}, used={"a": 7})
    found = judge(way, R, 1)
    assert (found.used, found.limit, found.kept) == (7, 10, 3)
    found = judge(way_to("a", limits={"a": (0, 30)}, used={"a": 30}), R, 1)
    assert (found.org, found.used, found.limit, found.path) == ("a", 30, 30, "/county/a/")


def test_what_is_nearest_is_told_first():
    way = way_to("a", capacity=3, county=(0, 3), limits={"a": (0, 3)}, used={"a": 3})
    assert judge(way, R, 1).org == "a"


def test_nothing_more_is_always_admitted():
    assert judge(way_to("a", capacity=1, used={"a": 5}), Resource.CPUS, 0.0) is None


def test_without_any_limit_everything_is_admitted():
    assert verdict("a", used={"a": 10_000}) is None


def test_fractions_of_cores_add_up():
    """0.1 ten times is a core, and binary fractions do not think so."""
    way = way_to("a", limits={"a": (0, 1.0)})
    for _ in range(10):
        assert judge(way, Resource.CPUS, 0.1) is None
        way = charged(way, 0.1)
    assert judge(way, Resource.CPUS, 0.1).code is Code.CEILING


@pytest.mark.parametrize("amounts", [[1, 1, 1], [0.1, 0.7, 160], [3, 2, 1, 5]])
def test_what_is_given_back_leaves_nothing(amounts):
    way = way_to("a", capacity=10, county=(4, 8), limits={"a": (3, None), "b": (2, None)})
    after = way
    for amount in amounts:
        after = charged(after, amount)
    for amount in amounts:
        after = charged(after, -amount)
    assert after == way


@pytest.mark.parametrize(
    ("used", "org"),
    [(0, None), (1, None), (2, "school"), (3, "school")],
)
def test_one_person_keeps_to_every_limit_on_the_way(used, org):
    own = [Own("county", "c", "/c/", 3), Own("school", "s", "/c/s/", 2)]
    found = judge_person(own, R, used, 1)
    assert (found and found.org) == org


@pytest.mark.parametrize(("used", "refused"), [(0, False), (99.9, False), (100, True), (101, True)])
def test_a_months_hours(used, refused):
    school = Stand("school", "s", "/s/", ceiling=100, used=used)
    found = judge_hours([Stand("county", "c", "/c/", ceiling=1000, used=used), school])
    assert (found is not None) is refused
    if found is not None:
        assert (found.code, found.org, found.limit) == (Code.HOURS, "school", 100)


def test_hours_of_the_county_end_for_all_its_schools():
    county = Stand("county", "c", "/c/", ceiling=10, used=10)
    assert judge_hours([county, Stand("s", "s", "/c/s/", ceiling=100, used=1)]).org == "county"


@pytest.mark.parametrize(
    ("limits", "cpus", "memory"),
    [
        ({}, 0, 0),
        ({R: Limit(guarantee=10)}, 0.2, 1600),
        ({R: Limit(guarantee=10), Resource.MEMORY_MB: Limit(guarantee=500)}, 0.2, 500),
        ({R: Limit(guarantee=10), Resource.MEMORY_MB: Limit(ceiling=500)}, 0.2, 1600),
        ({Resource.APP_KERNELS: Limit(guarantee=5), R: Limit(guarantee=1)}, 0.12, 960),
    ],
)
def test_a_guarantee_of_places_is_one_of_what_they_take(limits, cpus, memory):
    found = rules.guarantees(limits, 160, 0.02)
    assert (found[Resource.CPUS], found[Resource.MEMORY_MB]) == (cpus, memory)


def test_a_server_and_an_app_take_different_places():
    server = rules.amounts(PlaceKind.SERVER, 160, 0.02)
    app = rules.amounts(PlaceKind.APP, 160, 0.02)
    assert Resource.APP_KERNELS not in server
    assert Resource.SERVERS not in app
    assert server[Resource.MEMORY_MB] == app[Resource.MEMORY_MB] == 160


@pytest.mark.parametrize(
    ("place", "ended", "expected"),
    [(1, 0, None), (1, 2, None), (1, 3, 1200), (3, 60, 180), (1, 7200, 1)],
)
def test_the_wait_is_estimated_by_how_places_fell_free(place, ended, expected):
    assert rules.estimate_s(place, ended, 3600) == expected
