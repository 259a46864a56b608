"""Roles are given and taken within a subtree, never above oneself, and always audited."""

import pytest
from sqlalchemy import select
from yanxiu.errors import Invalid, NotFound, Refused
from yanxiu.names import new_id, new_person_id
from yanxiu.people.model import GraderAssignment, Person, RoleGrant
from yanxiu.people.verbs import grant_role as verbs
from yanxiu.roles import Act, Role
from yanxiu.store.model import AuditEvent
from yanxiu.work.reads import graders
from yanxiu.work.verbs import assign_grader


def held(county, who):
    with county.store.read() as session:
        return {
            (grant.role, grant.org.code)
            for grant in session.scalars(
                select(RoleGrant).where(RoleGrant.person_id == county.people[who])
            )
        }


def grant_id(county, who, role):
    with county.store.read() as session:
        return session.scalar(
            select(RoleGrant.id).where(
                RoleGrant.person_id == county.people[who], RoleGrant.role == role
            )
        )


def last_audit(county):
    with county.store.read() as session:
        return session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()


def give(county, actor, who, role, org):
    return verbs.grant(
        county.store, county.actor(actor), county.people[who], Role(role), county.schools[org]
    )


def take(county, actor, who, role):
    verbs.withdraw(
        county.store, county.actor(actor), county.people[who], grant_id(county, who, role)
    )


@pytest.mark.parametrize(
    "actor, who, role, org, refusal",
    [
        ("organizer1", "alice", "school_organizer", "school1", None),
        ("organizer1", "alice", "grader", "school1", None),
        ("organizer1", "alice", "group_lead", "school1", None),
        ("county", "alice", "school_organizer", "school1", None),
        ("county", "alice", "grader", "school2", None),  # of another school of the county
        ("county", "alice", "grader", "county", None),
        ("county", "alice", "county_organizer", "county", None),
        ("organizer1", "alice", "county_organizer", "county", "org.not_found"),
        ("organizer1", "alice", "county_organizer", "school1", "role.above"),
        ("organizer1", "alice", "grader", "county", "org.not_found"),
        ("organizer1", "alice", "grader", "school2", "org.not_found"),
        ("organizer1", "charlie", "grader", "school1", "person.not_found"),
        ("organizer1", "alice", "operator", "school1", "role.above"),
        ("county", "alice", "operator", "county", "role.above"),
        ("county", "alice", "school_organizer", "county", "role.place"),
        ("county", "alice", "county_organizer", "school1", "role.place"),
        ("county", "alice", "school_organizer", "school9", "org.not_found"),
        ("county2", "alice", "grader", "school9", "person.not_found"),
        ("alice", "bob", "grader", "school1", "person.not_found"),
    ],
)
def test_who_may_give_what_where(county, actor, who, role, org, refusal):
    before = held(county, who)
    if refusal is None:
        assert give(county, actor, who, role, org)
        assert len(held(county, who)) == len(before) + 1
        event = last_audit(county)
        assert (event.verb, event.actor, event.outcome) == (
            "role.grant",
            county.people[actor],
            "done",
        )
        assert event.object_id == county.people[who]
        assert event.details["role"] == role
        return
    with pytest.raises(Refused) as error:
        give(county, actor, who, role, org)
    assert error.value.code == refusal
    assert held(county, who) == before
    assert last_audit(county).outcome == f"refused {refusal}"


def test_a_given_role_works_at_the_next_request_and_a_second_time_changes_nothing(lite):
    assert not lite.actor("alice").may(Act.SEE_PEOPLE)
    assert give(lite, "organizer1", "alice", "school_organizer", "school1")
    assert lite.actor("alice").reaches(Act.SEE_PEOPLE, "/330199/2133000001/")
    assert not lite.actor("alice").reaches(Act.SEE_PEOPLE, "/330199/2133000002/")
    assert not give(lite, "organizer1", "alice", "school_organizer", "school1")
    take(lite, "organizer1", "alice", "school_organizer")
    assert not lite.actor("alice").may(Act.SEE_PEOPLE)


@pytest.mark.parametrize(
    "actor, who, role, refusal",
    [
        ("county", "organizer1", "school_organizer", None),
        ("organizer1", "bob", "teacher", None),
        ("organizer1", "organizer1", "school_organizer", "role.own"),
        ("organizer2", "organizer1", "school_organizer", "org.not_found"),
        ("organizer1", "county", "county_organizer", "org.not_found"),
        ("county2", "county", "county_organizer", "org.not_found"),
        ("county", "county", "county_organizer", "role.own"),
        ("alice", "organizer1", "school_organizer", "org.not_found"),
    ],
)
def test_who_may_take_what(lite, actor, who, role, refusal):
    if refusal is None:
        take(lite, actor, who, role)
        assert held(lite, who) == set()
        assert last_audit(lite).verb == "role.withdraw"
        return
    with pytest.raises(Refused) as error:
        take(lite, actor, who, role)
    assert error.value.code == refusal
    assert held(lite, who) != set()


def test_the_last_active_county_organizer_stays(county):
    give(county, "county", "alice", "county_organizer", "county")
    acting = county.actor("alice")  # loaded a moment before she is deactivated
    with county.store.engine.begin() as connection:
        connection.execute(
            Person.__table__.update()
            .where(Person.id == county.people["alice"])
            .values(active=False)
        )
    own = grant_id(county, "county", "county_organizer")
    with pytest.raises(Refused) as error:
        verbs.withdraw(county.store, acting, county.people["county"], own)
    assert error.value.code == "role.last"
    assert held(county, "county") == {("county_organizer", "330199")}
    with county.store.engine.begin() as connection:
        connection.execute(Person.__table__.update().values(active=True))
    verbs.withdraw(county.store, acting, county.people["county"], own)
    assert held(county, "county") == set()


def test_a_grant_of_somebody_else_is_not_taken_by_a_wrong_address(lite):
    with pytest.raises(NotFound):
        verbs.withdraw(
            lite.store,
            lite.actor("county"),
            lite.people["bob"],
            grant_id(lite, "organizer1", "school_organizer"),
        )
    with pytest.raises(NotFound):
        verbs.withdraw(lite.store, lite.actor("county"), lite.people["bob"], new_id())
    with pytest.raises(NotFound):
        verbs.grant(
            lite.store, lite.actor("county"), new_person_id(), Role.GRADER, lite.schools["school1"]
        )


class TestGraderAssignments:
    def give(self, county, actor, who, school="school1", assignment=None):
        return assign_grader.assign(
            county.store,
            county.actor(actor),
            county.people[who],
            assignment or county.assignment,
            county.schools[school],
        )

    @pytest.mark.parametrize(
        "actor, role_at, school, refusal",
        [
            ("organizer1", "school1", "school1", None),
            ("county", "county", "school2", None),
            ("county", "school1", "school2", "grader.no_grader"),
            ("organizer1", None, "school1", "grader.no_grader"),
            ("organizer1", "school1", "school2", "org.not_found"),
            ("county", "county", "county", "grader.place"),
            ("alice", "school1", "school1", "person.not_found"),
        ],
    )
    def test_who_may_put_whom_in_charge(self, county, actor, role_at, school, refusal):
        if role_at:
            give(county, "county", "bob", "grader", role_at)
        if refusal is None:
            assert self.give(county, actor, "bob", school)
            assert not self.give(county, actor, "bob", school)
            assert county.actor("bob").assigned == {(county.assignment, county.schools[school])}
            return
        with pytest.raises(Refused) as error:
            self.give(county, actor, "bob", school)
        assert error.value.code == refusal

    def test_a_unit_that_the_school_does_not_hold(self, lite):
        lite.add("far", "远老师", "school9", ("grader", "school9"))
        with pytest.raises(Invalid) as error:
            self.give(lite, "county2", "far", "school9")
        assert error.value.code == "grader.place"

    def test_what_is_assigned_ends_with_the_role_below_it(self, county):
        give(county, "county", "bob", "grader", "county")
        self.give(county, "county", "bob", "school1")
        self.give(county, "county", "bob", "school2")
        take(county, "county", "bob", "grader")
        assert county.actor("bob").assigned == frozenset()
        with county.store.read() as session:
            assert session.scalars(select(GraderAssignment)).all() == []
        assert last_audit(county).details["assigned"] == 2

    def test_an_assignment_without_the_role_is_nothing(self, lite):
        give(lite, "county", "bob", "grader", "school1")
        self.give(lite, "county", "bob")
        with lite.store.engine.begin() as connection:
            connection.execute(RoleGrant.__table__.delete().where(RoleGrant.role == "grader"))
        actor = lite.actor("bob")
        assert not actor.is_to_mark(lite.assignment, lite.schools["school1"])
        assert not actor.marks

    def test_an_assignment_is_ended_by_organizers_of_its_school_only(self, lite):
        give(lite, "county", "bob", "grader", "school1")
        self.give(lite, "county", "bob")
        with lite.store.read() as session:
            [assigned] = graders.assigned_below(session, lite.people["bob"], ["/"])
        for who, whose in (("organizer2", "bob"), ("alice", "bob"), ("county", "alice")):
            with pytest.raises(NotFound):
                assign_grader.unassign(lite.store, lite.actor(who), lite.people[whose], assigned.id)
        assign_grader.unassign(
            lite.store, lite.actor("organizer1"), lite.people["bob"], assigned.id
        )
        assert lite.actor("bob").assigned == frozenset()
