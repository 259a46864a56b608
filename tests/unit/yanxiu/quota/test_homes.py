"""What homes take is summed by school and above, follows its owner, and is forgotten with the home."""

import pytest
from sqlalchemy import select
from yanxiu.people.model import Organization, Person
from yanxiu.quota import homes
from yanxiu.quota.counters import Book
from yanxiu.quota.model import SITE, HomeSize, QuotaUsage
from yanxiu.quota.storage import Filled, filled, worst
from yanxiu.quota.verbs.forget import erase

from tests.support.writing import writing

MB = 1 << 20


def report(pools, **sizes):
    """Report so many MB by person."""
    people = pools.county.people
    homes.report(pools.county.store, {people[who]: mb * MB for who, mb in sizes.items()})


def sums(pools):
    """Return the MB of platform, county and both schools."""
    with pools.county.store.read() as session:
        rows = session.scalars(select(QuotaUsage).where(QuotaUsage.resource == "storage_mb"))
        used = {row.org_id: row.used for row in rows}
    schools = pools.county.schools
    keys = (SITE, schools["county"], schools["school1"], schools["school2"])
    return [used.get(key, 0) for key in keys]


def test_homes_are_summed_by_school_and_above(pools):
    report(pools, alice=100, bob=50, charlie=30)
    assert sums(pools) == [180, 180, 150, 30]
    report(pools, alice=20)
    assert sums(pools) == [100, 100, 70, 30]
    report(pools, alice=20, bob=0)
    assert sums(pools) == [50, 50, 20, 30]


def test_a_stranger_s_folder_counts_for_nobody(pools):
    homes.report(pools.county.store, {"uzzzzzzzzzzzzzzzz": 5 * MB})
    assert sums(pools) == [0, 0, 0, 0]


@pytest.mark.parametrize("by", ["report", "recount"])
def test_a_home_counts_where_its_owner_belongs_today(pools, by):
    report(pools, alice=100, bob=50)
    with writing(pools.county.store) as session:
        session.get(Person, pools.county.people["alice"]).school_id = pools.county.schools[
            "school2"
        ]
    if by == "report":
        report(pools, alice=90)
    else:
        with writing(pools.county.store) as session:
            assert homes.recount(session) == 2
    assert sums(pools)[2:] == [50, 90 if by == "report" else 100]
    with writing(pools.county.store) as session:
        assert homes.recount(session) == 0


def test_a_recount_heals_sums_that_are_wrong(pools):
    report(pools, alice=100, charlie=30)
    with writing(pools.county.store) as session:
        session.get(QuotaUsage, (SITE, "storage_mb")).used = 7
        row = session.get(QuotaUsage, (pools.county.schools["school1"], "storage_mb"))
        session.delete(row)
        assert homes.recount(session) == 2
    assert sums(pools) == [130, 130, 100, 30]


def test_a_recount_of_places_leaves_them_alone(pools):
    report(pools, alice=100)
    pools.run("alice")
    assert pools.engine.recount([]).dropped == 1
    assert pools.engine.recount([]).total == 0
    assert sums(pools) == [100, 100, 100, 0]


def test_what_is_removed_with_its_owner_counts_no_more(pools):
    report(pools, alice=100, bob=50)
    with writing(pools.county.store) as session:
        erase(session, pools.county.people["alice"])
        erase(session, pools.county.people["charlie"])  # nobody has measured it
    assert sums(pools) == [50, 50, 50, 0]
    with pools.county.store.read() as session:
        assert session.get(HomeSize, pools.county.people["alice"]) is None


def stored(pools, who="alice", org="school1"):
    with pools.county.store.read() as session:
        path = session.get(Organization, pools.county.schools[org]).path
        return homes.stored(session, Book(session, {}), pools.county.people[who], path)


def test_who_is_held_by_which_limits(pools):
    report(pools, alice=100, bob=50, charlie=30)
    assert stored(pools) == ([], 100)
    pools.limit("school1", "storage_mb", ceiling=150, per_teacher=200)
    pools.limit("county", "storage_mb", ceiling=1000, per_teacher=100)
    found, size_mb = stored(pools)
    assert found == [Filled("", 100, 100), Filled("县三小", 150, 150), Filled("云溪县", 180, 1000)]
    assert size_mb == 100
    assert stored(pools, "charlie", "school2")[0] == [
        Filled("", 30, 100),
        Filled("云溪县", 180, 1000),
    ]


@pytest.mark.parametrize(
    ("used", "near", "over"),
    [(0, False, False), (89.9, False, False), (90, True, False), (99.9, True, False),
     (100, True, True), (101, True, True)],
)  # fmt: skip
def test_ninety_of_a_hundred_are_said_and_a_hundred_are_full(used, near, over):
    one = Filled("县三小", used, 100)
    assert (one.near, one.over) == (near, over)
    assert worst([one]) == (one if near else None)
    assert filled([], [], used) == []
