"""The tree in Kueue's words: what is sure is set aside, what is not is shared, nothing is preempted."""

import pytest
from yanxiu.kube import names
from yanxiu.quota.kueue_objects import Node, local_queue, objects, workload
from yanxiu.quota.rules import Limit, Resource

COUNTY = Node("county", "330199", "/330199/")


def school(code: str, above: str = "/330199/", sure: float = 0, **limit: float) -> Node:
    limits = {Resource.SERVERS: Limit(**limit)} if limit else {}
    return Node("school", code, f"{above}{code}/", limits, {Resource.SERVERS: sure})


def servers(made, kind: str, name: str) -> tuple[str, str | None, str | None]:
    """Return nominal quota, borrowing and lending limit of servers."""
    (one,) = [o for o in made if o["kind"] == kind and o["metadata"]["name"] == name]
    (group,) = one["spec"]["resourceGroups"]
    assert group["coveredResources"] == ["pods", "cpu", "memory"]
    pods = group["flavors"][0]["resources"][0]
    assert pods["name"] == "pods"
    return pods["nominalQuota"], pods.get("borrowingLimit"), pods.get("lendingLimit")


@pytest.mark.parametrize(
    "sure_a, sure_b, capacity, root, a",
    [
        # 10 in all, 3 and 2 set aside: 5 are for whoever comes; school a may have 6.
        (3, 2, 10, "5", ("3", "3", "0")),
        (0, 0, 10, "10", ("0", "6", "0")),
        # Just what there is.
        (6, 4, 10, "0", ("6", "0", "0")),
        # More is promised than there is: nothing is set aside, nobody gets more than was promised.
        (6, 5, 10, "10", ("0", "6", None)),
        (4, 9, 10, "10", ("0", "4", None)),
    ],
)
def test_what_is_sure_is_set_aside_and_the_rest_is_shared(sure_a, sure_b, capacity, root, a):
    nodes = [
        COUNTY,
        school("2133000001", sure=sure_a, ceiling=6),
        school("2133000002", sure=sure_b),
    ]
    made = objects(nodes, {Resource.SERVERS: capacity})
    assert servers(made, "Cohort", "yanxiu")[0] == root
    assert servers(made, "ClusterQueue", "school-2133000001") == a


def test_a_county_keeps_what_it_is_sure_of_beyond_its_schools():
    county = Node(
        "county", "330199", "/330199/", {Resource.SERVERS: Limit(8, 12)}, {Resource.SERVERS: 8}
    )
    other = Node("county", "330198", "/330198/")
    made = objects(
        [county, other, school("2133000001", sure=3), school("2133000002", "/330198/")],
        {Resource.SERVERS: 20},
    )
    assert servers(made, "Cohort", "yanxiu") == ("12", None, None)
    assert servers(made, "Cohort", "county-330199") == ("5", "4", "0")
    assert servers(made, "ClusterQueue", "school-2133000001") == ("3", "9", "0")
    assert servers(made, "ClusterQueue", "school-2133000002") == ("0", "20", "0")


def test_nothing_is_ever_preempted_and_every_parent_comes_before_its_children():
    city = Node("city", "3301", "/3301/")
    county = Node("county", "330199", "/3301/330199/")
    made = objects([school("2133000001", "/3301/330199/"), county, city], {})
    assert [(o["kind"], o["metadata"]["name"]) for o in made] == [
        ("ResourceFlavor", names.FLAVOR),
        ("Cohort", "yanxiu"),
        ("Cohort", "city-3301"),
        ("Cohort", "county-330199"),
        ("ClusterQueue", "school-2133000001"),
    ]
    assert [o["spec"].get("parentName") for o in made[1:4]] == [None, "yanxiu", "city-3301"]
    assert made[-1]["spec"]["cohortName"] == "county-330199"
    assert made[-1]["spec"]["preemption"] == {
        "reclaimWithinCohort": "Never",
        "withinClusterQueue": "Never",
        "borrowWithinCohort": {"policy": "Never"},
    }


def test_a_reservation_is_no_pod_and_lies_in_its_schools_namespace_alone():
    mine = workload("uabcdefghij234567", "", "2133000001", 160, 0.02)
    other = workload("uabcdefghij234567", "第二台", "2133000001", 160, 0.02)
    assert mine["metadata"]["namespace"] == "school-2133000001"
    assert mine["metadata"]["name"] == "server-uabcdefghij234567"
    assert other["metadata"]["name"].startswith("server-uabcdefghij234567-")
    assert "ownerReferences" not in mine["metadata"]
    (pods,) = mine["spec"]["podSets"]
    (container,) = pods["template"]["spec"]["containers"]
    assert container["resources"] == {"requests": {"cpu": "20m", "memory": "160Mi"}}
    assert local_queue("2133000001")["spec"] == {"clusterQueue": "school-2133000001"}


@pytest.mark.parametrize("code", ["", "../kube-system", "213300000", "21330000012"])
def test_no_other_namespace_can_be_named(code):
    with pytest.raises(ValueError, match="school"):
        workload("uabcdefghij234567", "", code, 160, 0.02)
