"""Leases of grading jobs go round the schools, on both databases."""

import pytest
from yanxiu.courses.model import Enrolment
from yanxiu.quota.model import QuotaLimit
from yanxiu.quota.reads.shares import grading_shares
from yanxiu.work.model import Attempt
from yanxiu.work.verbs import grade

from tests.support.county import START, County, make_county
from tests.support.every_task import EVERY_TASK
from tests.support.work import handed_in
from tests.support.writing import writing


@pytest.fixture
def county(store) -> County:
    """A county with a unit that anybody's answers fit."""
    return make_county(store, EVERY_TASK)


@pytest.fixture
def many(county, clock):
    """School 1 has six jobs in the queue, school 2 one that came last."""
    for number in range(5):
        county.add(f"t{number}", "某老师", "school1", number=f"3{number:03}")
    with writing(county.store) as session:
        for number in range(5):
            session.add(
                Enrolment(
                    offering_id="c1-demo", person_id=county.people[f"t{number}"], enrolled_at=START
                )
            )
    for who in ("alice", *(f"t{number}" for number in range(5)), "charlie"):
        handed_in(county, who)
        clock.advance(seconds=1)
    return county


def schools(county, number, clock, **kwargs):
    """Lease so many jobs; return the schools that they are from."""
    names = {org_id: name for name, org_id in county.schools.items()}
    found = []
    for _ in range(number):
        lease = grade.lease(county.store, county.site, "w", **kwargs)
        clock.advance(seconds=1)
        with county.store.read() as session:
            job = session.get(grade.GradingJob, lease.job_id)
            found.append(names[session.get(Attempt, job.attempt_id).school_id])
        grade.failed(county.store, county.site, lease.job_id, lease.lease, "x", retry=False)
    return found


def test_one_job_of_another_school_is_second_and_not_last(many, clock):
    assert schools(many, 3, clock) == ["school1", "school2", "school1"]


def test_with_two_workers_each_school_has_one(many, clock):
    taken = [grade.lease(many.store, many.site, worker) for worker in ("w1", "w2")]
    with many.store.read() as session:
        found = {
            session.get(Attempt, session.get(grade.GradingJob, one.job_id).attempt_id).school_id
            for one in taken
        }
    assert found == {many.schools["school1"], many.schools["school2"]}


def set_share(county, org, share):
    with writing(county.store) as session:
        session.add(
            QuotaLimit(
                org_id=county.schools[org],
                resource="grading_share",
                guarantee=share,
                changed_at=START,
                changed_by="system:test",
            )
        )


def test_the_share_of_a_school_is_its_own_or_the_nearest_above(county):
    with county.store.read() as session:
        assert grading_shares(session) == {}
    set_share(county, "county", 2)
    set_share(county, "school2", 5)
    with county.store.read() as session:
        found = grading_shares(session)
    assert found == {county.schools["school1"]: 2, county.schools["school2"]: 5}


def test_a_share_of_three_has_three_turns_to_one(many, clock):
    set_share(many, "school1", 3)
    found = schools(many, 5, clock, shares=grading_shares)
    assert found[:2] == ["school1", "school1"]
    assert found.count("school2") == 1


def test_nothing_is_lent_when_nothing_waits(county):
    assert grade.lease(county.store, county.site, "w", shares=grading_shares) is None
