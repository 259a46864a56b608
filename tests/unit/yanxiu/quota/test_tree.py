"""The sums follow the tree: a school that is moved takes with it what runs there."""

from yanxiu.names import new_id
from yanxiu.people.model import Organization, Person
from yanxiu.people.verbs import change_schools
from yanxiu.quota.engine import Admitted, Drift, Waiting
from yanxiu.quota.model import SITE, QuotaUsage
from yanxiu.quota.verbs.follow_tree import FollowTree
from yanxiu.web.actor import at_the_command_line

from tests.support.writing import writing

SCHOOL1, SCHOOL2 = "2133000001", "2133000002"


def add_cluster(pools, key="cluster"):
    """Add a cluster below the county."""
    with writing(pools.county.store) as session:
        county = session.get_one(Organization, pools.county.schools["county"])
        made = Organization(
            id=new_id(),
            kind="cluster",
            code=key,
            name="城东教育集团",
            parent_id=county.id,
            path=f"{county.path}{key}/",
        )
        session.add(made)
    pools.county.schools[key] = made.id


def used(pools, *orgs):
    """Return how many servers are counted below each."""
    with pools.county.store.read() as session:
        rows = [
            session.get(QuotaUsage, (pools.county.schools.get(org, SITE), "servers"))
            for org in orgs
        ]
    return [row.used if row else 0 for row in rows]


def move(pools, code, above):
    change_schools.move(pools.county.store, at_the_command_line(), code, above, FollowTree())


def test_a_moved_school_takes_its_servers_with_it(pools):
    add_cluster(pools)
    pools.run("alice")
    pools.start("charlie")
    assert used(pools, "site", "county", "cluster", "school1") == [2, 2, 0, 1]
    move(pools, SCHOOL1, "cluster")
    assert used(pools, "site", "county", "cluster", "school1") == [2, 2, 1, 1]
    move(pools, SCHOOL1, "330198")
    assert used(pools, "site", "county", "county2", "cluster") == [2, 1, 1, 0]
    pools.stop("alice")
    assert used(pools, "site", "county", "county2", "school1") == [1, 1, 0, 0]
    assert pools.engine.recount([]) == Drift()


def test_a_moved_school_takes_its_guarantee_with_it(pools):
    add_cluster(pools)
    pools.limit("school1", guarantee=4)
    pools.limit("cluster", ceiling=5)
    move(pools, SCHOOL1, "cluster")
    move(pools, SCHOOL2, "cluster")
    assert isinstance(pools.start("charlie"), Admitted)
    assert isinstance(pools.start("charlie", "second"), Waiting), "four of five are school 1's"


def test_who_waits_in_a_moved_school_waits_in_the_new_place(pools):
    add_cluster(pools)
    pools.limit("cluster", ceiling=0)
    pools.limit("school1", ceiling=0)
    pools.start("alice")
    move(pools, SCHOOL1, "cluster")
    assert pools.where("alice").reason.org == "县三小"
    pools.limit("school1")
    assert pools.where("alice").reason.org == "城东教育集团"


def test_a_new_code_changes_no_sum(pools):
    pools.run("alice")
    change_schools.recode(
        pools.county.store, at_the_command_line(), SCHOOL1, "2133000077", FollowTree()
    )
    pools.stop("alice")
    assert used(pools, "site", "county", "school1") == [0, 0, 0]


def test_a_merged_schools_servers_count_where_it_went(pools):
    pools.run("alice")
    change_schools.merge(pools.county.store, at_the_command_line(), SCHOOL1, SCHOOL2, FollowTree())
    assert used(pools, "site", "county", "school2", "school1") == [1, 1, 1, 1]
    pools.run("bob")
    assert used(pools, "school2", "school1") == [2, 1]
    pools.stop("alice")
    assert used(pools, "site", "school2", "school1") == [1, 1, 0]


def test_a_person_who_changes_school_leaves_a_running_server_where_it_began(pools):
    pools.run("alice")
    with writing(pools.county.store) as session:
        session.get_one(Person, pools.county.people["alice"]).school_id = pools.county.schools[
            "school2"
        ]
    assert used(pools, "school1", "school2") == [1, 0]
    pools.stop("alice")
    pools.run("alice")
    assert used(pools, "school1", "school2") == [0, 1]
