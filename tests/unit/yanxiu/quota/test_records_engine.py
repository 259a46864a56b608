"""The engine over both databases: places, the line, what expires, recounts."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from yanxiu.people.model import Person
from yanxiu.quota.engine import Admitted, Denied, Drift, Held, Running, Waiting
from yanxiu.quota.model import SITE, Place, QuotaUsage, ServerLife, ServerMonth, Waiter
from yanxiu.quota.rules import Code

from tests.support.writing import writing


def used(pools, org=None):
    """Return how many servers are counted below an organization."""
    key = SITE if org is None else pools.county.schools[org]
    with pools.county.store.read() as session:
        row = session.get(QuotaUsage, (key, "servers"))
        return row.used if row else 0


def rows(pools, table):
    with pools.county.store.read() as session:
        return list(session.scalars(select(table)))


def test_a_place_is_counted_in_the_school_and_above_and_given_back(pools):
    assert isinstance(pools.start("alice"), Admitted)
    assert [used(pools, org) for org in (None, "county", "school1", "school2")] == [1, 1, 1, 0]
    pools.engine.confirm(pools.county.people["alice"], "")
    assert [used(pools, org) for org in (None, "county", "school1")] == [1, 1, 1]
    pools.stop("alice")
    assert [used(pools, org) for org in (None, "county", "school1")] == [0, 0, 0]
    assert rows(pools, Place) == []


def test_asking_again_is_asking_once(pools):
    first, second = pools.start("alice"), pools.start("alice")
    assert first.place_id == second.place_id
    assert used(pools) == 1
    pools.engine.confirm(pools.county.people["alice"], "")
    assert pools.start("alice") == Admitted(first.place_id, None)


def test_giving_back_twice_gives_back_once(pools):
    pools.run("alice")
    pools.run("bob")
    pools.stop("alice")
    pools.stop("alice")
    assert used(pools) == 1


def test_who_finds_the_school_full_is_told_the_numbers_and_stands_in_line(pools):
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    found = pools.start("bob")
    assert isinstance(found, Waiting)
    reason = found.reason
    assert (reason.code, reason.org, reason.used, reason.limit) == (Code.CEILING, "县三小", 1, 1)
    assert (found.place, found.ahead) == (1, 0)
    assert pools.where("bob") == found
    assert isinstance(pools.start("charlie"), Admitted), "another school's pool"


def test_who_does_not_wait_is_denied_and_leaves_no_trace(pools):
    pools.limit("school1", ceiling=0)
    assert isinstance(pools.start("bob", wait=False), Denied)
    assert rows(pools, Waiter) == [] == rows(pools, Place)


def test_a_freed_place_is_held_for_the_next_and_hers_when_she_comes(pools, clock):
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    pools.start("bob")
    pools.stop("alice")
    held = pools.where("bob")
    assert isinstance(held, Held)
    assert held.until == clock() + timedelta(seconds=120)
    assert isinstance(pools.start("alice"), Waiting), "it is kept for bob"
    taken = pools.start("bob")
    assert isinstance(taken, Admitted)
    assert taken.place_id == held.place_id
    assert pools.where("bob") is None


def test_who_does_not_come_for_a_held_place_loses_it_to_the_next(pools, clock):
    pools.limit("school1", ceiling=1)
    pools.county.add("dora", "丁老师", "school1", number="1003")
    pools.run("alice")
    pools.start("bob")
    clock.advance(seconds=1)
    pools.start("dora")
    pools.stop("alice")
    clock.advance(seconds=119)
    assert isinstance(pools.where("bob"), Held)
    clock.advance(seconds=1)
    assert isinstance(pools.where("dora"), Held)
    assert pools.where("bob") is None
    assert isinstance(pools.start("bob"), Waiting), "who comes again stands last"


def test_who_does_not_look_any_more_is_forgotten(pools, clock):
    pools.limit("school1", ceiling=1)
    pools.county.add("dora", "丁老师", "school1", number="1003")
    pools.run("alice")
    pools.start("bob")
    clock.advance(minutes=3)
    pools.start("dora")
    assert pools.where("dora").place == 2
    clock.advance(minutes=3)
    assert pools.where("dora").place == 1
    pools.stop("alice")
    assert isinstance(pools.where("dora"), Held)
    assert pools.where("bob") is None


def test_who_looks_stays_in_line_for_hours(pools, clock):
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    pools.start("bob")
    for _ in range(60):
        clock.advance(minutes=2)
        assert isinstance(pools.where("bob"), Waiting)


def test_a_start_that_is_sent_away_for_a_moment_keeps_its_place(pools, clock):
    """She stood in line for it: that others start just now must not cost her the place."""
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    pools.start("bob")
    pools.stop("alice")
    pools.start("bob")
    pools.engine.hold(pools.county.people["bob"], "")
    assert isinstance(pools.start("alice"), Waiting)
    assert isinstance(pools.where("bob"), Held)
    assert isinstance(pools.start("bob"), Admitted)
    pools.engine.hold(pools.county.people["bob"], "")
    clock.advance(seconds=120)
    assert isinstance(pools.where("alice"), Held), "not for ever"


def test_what_runs_is_not_held_by_a_word_that_came_late(pools):
    pools.run("alice")
    pools.engine.hold(pools.county.people["alice"], "")
    assert pools.where("alice") is None
    assert isinstance(pools.start("alice"), Admitted)
    assert used(pools) == 1


def move(pools, who, org):
    with writing(pools.county.store) as session:
        session.get(Person, pools.county.people[who]).school_id = pools.county.schools[org]


@pytest.mark.parametrize("by", ["asking", "looking"])
def test_who_comes_to_another_school_stands_last_there(pools, clock, by):
    """What she waited elsewhere counts for nothing here: others were here before her."""
    pools.county.add("dora", "丁老师", "school1", number="1003")
    for org in ("school1", "school2"):
        pools.limit(org, ceiling=1)
    pools.run("alice")
    pools.run("charlie")
    pools.start("bob")
    clock.advance(seconds=1)
    pools.county.add("erin", "鄂老师", "school2", number="2003")
    pools.start("erin")
    clock.advance(seconds=1)
    move(pools, "bob", "school2")
    found = pools.start("bob") if by == "asking" else pools.where("bob")
    assert found.reason.org == "城关镇中心校"
    assert (found.place, found.ahead) == (2, 1)
    pools.stop("alice")
    assert isinstance(pools.start("dora"), Admitted), "nobody stands in the old school's line"


def test_what_was_held_at_the_old_school_is_given_back(pools):
    for org in ("school1", "school2"):
        pools.limit(org, ceiling=1)
    pools.run("alice")
    pools.run("charlie")
    pools.start("bob")
    pools.stop("alice")
    assert isinstance(pools.where("bob"), Held)
    move(pools, "bob", "school2")
    found = pools.start("bob")
    assert isinstance(found, Waiting)
    assert found.reason.org == "城关镇中心校"
    assert isinstance(pools.start("alice"), Admitted)


def test_who_leaves_gives_back_what_was_held(pools):
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    pools.start("bob")
    pools.stop("alice")
    pools.engine.leave(pools.county.people["bob"])
    assert used(pools) == 0
    assert pools.where("bob") is None


def test_a_start_that_nobody_ends_gives_its_place_back(pools, clock):
    pools.limit("school1", ceiling=1)
    found = pools.start("alice")
    clock.now = found.until
    assert isinstance(pools.start("bob"), Admitted)


def test_a_server_that_ran_late_is_taken_in_although_it_is_full(pools, clock):
    pools.limit("school1", ceiling=1)
    clock.now = pools.start("alice").until
    pools.run("bob")
    pools.engine.confirm(pools.county.people["alice"], "")
    assert used(pools, "school1") == 2


def test_a_life_begins_when_the_server_runs_and_ends_with_it(pools, clock):
    begun = clock()
    pools.run("alice")
    clock.advance(hours=2)
    pools.stop("alice")
    [life] = rows(pools, ServerLife)
    assert (life.started_at, life.stopped_at) == (begun, begun + timedelta(hours=2))
    [month] = rows(pools, ServerMonth)
    assert (month.month, month.seconds) == ("2026-09", 7200)


def test_a_failed_start_has_no_life(pools):
    pools.start("alice")
    pools.stop("alice")
    assert rows(pools, ServerLife) == []


def listed(pools, *who, since=None):
    """Return the hub's own list."""
    return [Running(pools.county.people[one], "", since or pools.now(), 160, 0.02) for one in who]


def test_a_recount_of_what_is_right_finds_nothing(pools):
    pools.limit("school1", guarantee=3, ceiling=5)
    pools.run("alice")
    pools.start("bob")
    assert pools.engine.recount(listed(pools, "alice")) == Drift()


def test_a_recount_drops_what_does_not_run_and_adopts_what_does(pools, clock):
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    clock.advance(hours=1)
    pools.engine.recount(listed(pools, "alice"))
    begun = clock()
    clock.advance(hours=5)
    found = pools.engine.recount(listed(pools, "charlie", since=begun))
    assert found == Drift(dropped=1, adopted=1)
    assert [used(pools, org) for org in ("school1", "school2")] == [0, 1]
    lives = {one.person_id: one for one in rows(pools, ServerLife)}
    ended, running = (lives[pools.county.people[one]] for one in ("alice", "charlie"))
    assert ended.stopped_at == begun, "nobody saw it after that"
    assert (running.started_at, running.seen_at) == (begun, clock())


def test_a_recount_heals_the_counters(pools):
    pools.run("alice")
    with writing(pools.county.store) as session:
        session.get(QuotaUsage, (SITE, "servers")).used = 7
    assert pools.engine.recount(listed(pools, "alice")).counters == 1
    assert used(pools) == 1


def test_a_server_that_is_lost_from_the_list_for_a_while_is_not_counted_twice(pools, clock):
    pools.run("alice")
    begun = clock()
    clock.advance(hours=1)
    pools.engine.recount(listed(pools, "alice"))
    clock.advance(hours=1)
    pools.engine.recount([])
    clock.advance(hours=1)
    pools.engine.recount(listed(pools, "alice", since=begun))
    [month] = rows(pools, ServerMonth)
    assert month.seconds == 3 * 3600


def test_what_changed_after_the_list_was_made_is_left_alone(pools, clock):
    made = clock()
    pools.run("bob")
    list_ = listed(pools, "bob")
    clock.advance(seconds=1)
    pools.run("alice")
    pools.stop("bob")
    assert pools.engine.recount(list_, listed_at=made) == Drift()
    assert used(pools) == 1


@pytest.mark.parametrize("resource", ["server_hours"])
def test_a_used_up_month_is_denied_and_the_next_month_is_not(pools, clock, resource):
    pools.limit("county", resource, ceiling=2)
    pools.run("alice")
    clock.advance(hours=2)
    pools.stop("alice")
    found = pools.start("charlie")
    assert isinstance(found, Denied)
    assert (found.reason.code, found.reason.org, found.reason.used) == (Code.HOURS, "云溪县", 2)
    clock.advance(days=30)
    assert isinstance(pools.start("charlie"), Admitted)


def test_one_person_has_her_own_limit(pools):
    pools.limit("county", per_teacher=2)
    pools.limit("school1", per_teacher=1)
    pools.run("alice")
    found = pools.start("alice", "second")
    assert isinstance(found, Denied)
    assert (found.reason.code, found.reason.org) == (Code.PER_TEACHER, "县三小")
    pools.run("charlie")
    assert isinstance(pools.start("charlie", "second"), Admitted)


def test_the_guarantee_of_one_school_is_kept_from_the_other(pools):
    pools.capacity = type(pools.capacity)(servers=3)
    pools.limit("school1", guarantee=2)
    pools.run("charlie")
    found = pools.start("charlie", "second")
    assert isinstance(found, Waiting)
    assert (found.reason.code, found.reason.used, found.reason.kept) == (Code.GUARANTEED, 1, 2)
    assert isinstance(pools.start("alice"), Admitted)
    assert isinstance(pools.start("bob"), Admitted)


def test_a_guarantee_of_servers_keeps_their_memory_too(pools):
    pools.capacity = type(pools.capacity)(memory_mb=480)
    pools.limit("school1", guarantee=2)
    assert isinstance(pools.run("charlie"), Admitted)
    assert pools.start("charlie", "second").reason.resource == "memory_mb"
    assert isinstance(pools.start("alice"), Admitted)
    assert isinstance(pools.start("bob"), Admitted)


class TestStartsUnderWay:
    """What a recount does with reservations, when the hub says which starts it knows."""

    def test_one_that_the_hub_forgot_is_given_back_at_once(self, pools, clock):
        pools.limit("school1", ceiling=1)
        pools.start("alice")
        clock.advance(seconds=1)
        assert isinstance(pools.start("bob"), Waiting)
        assert pools.engine.recount([], clock(), starting=set()) == Drift(0, 1, 0)
        assert isinstance(pools.where("bob"), Held), "the next in line has it"

    def test_one_that_the_hub_knows_is_left_alone(self, pools, clock):
        pools.start("alice")
        clock.advance(seconds=1)
        starting = {(pools.county.people["alice"], "")}
        assert pools.engine.recount([], clock(), starting=starting) == Drift()
        assert used(pools) == 1

    def test_one_younger_than_the_list_is_left_alone(self, pools, clock):
        listed = clock()
        clock.advance(seconds=1)
        pools.start("alice")
        assert pools.engine.recount([], listed, starting=set()) == Drift()
        assert used(pools) == 1

    def test_a_held_place_that_was_just_taken_is_as_young_as_its_start(self, pools, clock):
        pools.limit("school1", ceiling=1)
        pools.run("alice")
        pools.start("bob")
        pools.stop("alice")
        clock.advance(seconds=1)
        listed = clock()
        clock.advance(seconds=1)
        assert isinstance(pools.start("bob"), Admitted)
        assert pools.engine.recount([], listed, starting=set()) == Drift()
        assert used(pools, "school1") == 1

    def test_one_held_for_the_next_is_nobodys_start_and_stays(self, pools, clock):
        pools.limit("school1", ceiling=1)
        pools.run("alice")
        pools.start("bob")
        pools.stop("alice")
        clock.advance(seconds=1)
        assert pools.engine.recount([], clock(), starting=set()) == Drift()
        assert isinstance(pools.where("bob"), Held)

    def test_a_place_whose_server_died_unheard_is_the_new_starts(self, pools, clock):
        pools.run("alice")
        clock.advance(seconds=1)
        starting = {(pools.county.people["alice"], "")}
        assert pools.engine.recount([], clock(), starting=starting) == Drift()
        assert used(pools) == 1


def test_a_start_waits_for_no_disk_and_what_ran_is_kept_on_it(pools, monkeypatch):
    flushed = []
    durable = pools.county.store._durable
    monkeypatch.setattr(durable, "wait", lambda: flushed.append("disk"))
    pools.start("alice")
    assert flushed == []
    pools.engine.confirm(pools.county.people["alice"], "")
    assert flushed == ["disk"]
