"""Schools get codes, are merged and moved; with them moves who may see what."""

import pytest
from sqlalchemy import select
from yanxiu.errors import Invalid, NotFound, Refused
from yanxiu.names import new_id
from yanxiu.people.model import Organization, Person
from yanxiu.people.reads import organizations
from yanxiu.people.reads.organizations import below
from yanxiu.people.verbs import change_schools as verbs
from yanxiu.quota.verbs.follow_tree import FollowTree
from yanxiu.roles import Act
from yanxiu.store.model import AuditEvent
from yanxiu.web.actor import at_the_command_line

from tests.support.writing import writing

SCHOOL1, SCHOOL2, SCHOOL9 = "2133000001", "2133000002", "2133000009"


def paths(county):
    with county.store.read() as session:
        return {org.code: org.path for org in session.scalars(select(Organization))}


def last(county):
    with county.store.read() as session:
        return session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()


@pytest.fixture
def cluster(county):
    """城东集团 in the county, nobody in it yet."""
    with writing(county.store) as session:
        above = session.get_one(Organization, county.schools["county"])
        made = Organization(
            id=new_id(),
            kind="cluster",
            code="c1",
            name="城东集团",
            parent_id=above.id,
            path=f"{above.path}c1/",
        )
        session.add(made)
        county.schools["cluster"] = made.id
    return county


def test_a_school_moves_with_all_below_it_and_the_cluster_sees_it(cluster):
    point = verbs.add_teaching_point(cluster.store, at_the_command_line(), SCHOOL1, "柳湾教学点")
    cluster.add("head", "集团管理员", "school2", ("school_organizer", "cluster"), number="7001")
    assert not cluster.actor("head").reaches(Act.SEE_PEOPLE, paths(cluster)[SCHOOL1])
    verbs.move(cluster.store, cluster.actor("county"), SCHOOL1, "c1", FollowTree())
    after = paths(cluster)
    assert after[SCHOOL1] == f"/330199/c1/{SCHOOL1}/"
    assert after[point.code] == f"/330199/c1/{SCHOOL1}/{point.code}/"
    assert after[SCHOOL2] == f"/330199/{SCHOOL2}/"
    assert cluster.actor("head").reaches(Act.SEE_PEOPLE, after[SCHOOL1])
    assert not cluster.actor("head").reaches(Act.SEE_PEOPLE, after[SCHOOL2])
    # Who ran the school goes on running it.
    assert cluster.actor("organizer1").reaches(Act.SEE_PEOPLE, after[SCHOOL1])
    event = last(cluster)
    assert (event.verb, event.details) == (
        "organization.move",
        {"code": SCHOOL1, "to": "c1", "below": 1},
    )


@pytest.mark.parametrize(
    "who, code, above, refusal",
    [
        ("organizer1", SCHOOL1, "c1", NotFound),  # runs a school, not the county
        ("county", SCHOOL9, "c1", NotFound),  # another county's school
        ("county", SCHOOL1, "330198", NotFound),  # into another county
        ("county", "nowhere", "c1", NotFound),
        ("county", "c1", SCHOOL1, Refused),  # a cluster below a school
        ("county", "c1", "c1", Refused),
        ("alice", SCHOOL1, "c1", NotFound),
        ("charlie", SCHOOL1, "c1", NotFound),
    ],
)
def test_a_move_that_is_refused_changes_nothing(cluster, who, code, above, refusal):
    before = paths(cluster)
    with pytest.raises(refusal):
        verbs.move(cluster.store, cluster.actor(who), code, above, FollowTree())
    assert paths(cluster) == before
    assert last(cluster).outcome.startswith("refused ")


def test_a_school_cannot_go_below_its_own_teaching_point(cluster):
    point = verbs.add_teaching_point(cluster.store, at_the_command_line(), SCHOOL1, "柳湾教学点")
    with pytest.raises(Refused) as refused:
        verbs.move(cluster.store, at_the_command_line(), SCHOOL1, point.code, FollowTree())
    assert refused.value.code == "organization.below_itself"


def test_a_new_code_keeps_the_old_one_good(county):
    verbs.recode(county.store, county.actor("county"), SCHOOL1, "2133000077", FollowTree())
    with county.store.read() as session:
        for code in (SCHOOL1, "2133000077"):
            assert organizations.by_code(session, code).id == county.schools["school1"]
    assert paths(county)["2133000077"] == "/330199/2133000077/"


@pytest.mark.parametrize(
    "who, new, refusal",
    [
        ("county", "12", Invalid),
        ("county", SCHOOL2, Refused),
        ("organizer1", "2133000077", NotFound),
    ],
)
def test_a_code_that_is_refused(county, who, new, refusal):
    before = paths(county)
    with pytest.raises(refusal):
        verbs.recode(county.store, county.actor(who), SCHOOL1, new, FollowTree())
    assert paths(county) == before


def test_a_merger_moves_the_people(county):
    _, _, moved = verbs.merge(county.store, county.actor("county"), SCHOOL1, SCHOOL2, FollowTree())
    with county.store.read() as session:
        home = session.get_one(Person, county.people["alice"]).school_id
    assert home == county.schools["school2"]
    assert moved == last(county).details["moved"] > 0


@pytest.mark.parametrize(
    "who, into, refusal",
    [
        ("organizer1", SCHOOL2, NotFound),
        ("county", SCHOOL9, NotFound),
        ("county", SCHOOL1, Refused),
        ("county", "330199", Refused),
    ],
)
def test_a_merger_that_is_refused(county, who, into, refusal):
    with pytest.raises(refusal):
        verbs.merge(county.store, county.actor(who), SCHOOL1, into, FollowTree())


def test_a_school_with_a_teaching_point_is_not_merged_away(county):
    verbs.add_teaching_point(county.store, at_the_command_line(), SCHOOL1, "柳湾教学点")
    with pytest.raises(Refused) as refused:
        verbs.merge(county.store, at_the_command_line(), SCHOOL1, SCHOOL2, FollowTree())
    assert refused.value.code == "school.points"


def test_teaching_points_are_the_county_s_to_add(county):
    with pytest.raises(NotFound):
        verbs.add_teaching_point(county.store, county.actor("organizer1"), SCHOOL1, "柳湾教学点")


def test_a_subtree_is_compared_as_text_not_as_a_pattern(county):
    """``_`` and ``%`` are letters of a code here; in LIKE they would mean anybody's."""
    with county.store.read() as session:
        found = session.scalars(select(Organization.code).where(below(["/33019_/", "%"]))).all()
        assert found == []
        nobody = session.scalars(select(Organization.code).where(below([]))).all()
        assert nobody == []
        mine = session.scalars(select(Organization.code).where(below(["/330199/"]))).all()
    assert set(mine) == {"330199", SCHOOL1, SCHOOL2}


def test_work_of_a_closed_school_is_seen_from_the_one_that_it_went_into(county):
    """It stays with the school it was handed in at; nobody else would be left to mark it."""
    verbs.merge(county.store, county.actor("county"), SCHOOL1, SCHOOL2, FollowTree())
    closed = paths(county)[SCHOOL1]
    assert closed == f"/330199/{SCHOOL2}/{SCHOOL1}/"
    assert county.actor("organizer2").reaches(Act.SEE_WORK, closed)
