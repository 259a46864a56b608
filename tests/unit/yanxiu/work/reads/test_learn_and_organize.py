"""Read models give the same on both databases, and never more than the asker may see."""

from datetime import timedelta

import pytest
from yanxiu.courses.reads.courses import assignment_choices
from yanxiu.people.reads.directory import PeopleFilter, people_count, people_page
from yanxiu.people.reads.schools import school_choices
from yanxiu.store import health
from yanxiu.work.reads.listing import (
    Filter,
    neighbours,
    state_counts,
    submissions_page,
)
from yanxiu.work.reads.my_units import hours_by_kind, my_unit, my_units

from tests.support.county import DUE, County, make_county
from tests.support.every_task import EVERY_TASK
from tests.support.work import failed, graded, handed_in, marked, released

ALL = ("/330199/",)


@pytest.fixture
def county(store) -> County:
    return make_county(store, EVERY_TASK)


@pytest.fixture
def three(county, clock):
    made = []
    for who in ("alice", "bob", "charlie"):
        made.append(graded(county, who))
        clock.advance(hours=1)
    return made


def test_my_units_hold_attempts_drafts_and_hours(county, clock):
    first = released(county)
    with county.store.read() as session:
        unit = my_units(session, county.people["alice"])[0]
        one = my_unit(session, county.people["alice"], county.assignment)
    assert unit == one
    assert (unit.passed, unit.hours_x100, unit.due_at) == (True, 150, DUE)
    assert [attempt.id for attempt in unit.attempts] == [first]
    assert unit.released.total_points == 75.0
    assert hours_by_kind([unit]) == {"online": (150, 150)}


def test_points_stay_hidden_until_release(county):
    marked(county)
    with county.store.read() as session:
        unit = my_units(session, county.people["alice"])[0]
    assert (unit.latest.state, unit.latest.total_points, unit.released) == ("marked", None, None)
    assert (unit.passed, unit.hours_x100) == (False, 0)


def test_nobody_has_a_unit_that_they_do_not_take(county):
    with county.store.read() as session:
        assert my_units(session, county.people["organizer1"]) == []
        assert my_unit(session, county.people["organizer1"], county.assignment) is None


@pytest.mark.parametrize(
    "paths, seen",
    [
        (ALL, [0, 1, 2]),
        (("/330199/2133000001/",), [0, 1]),
        (("/330199/2133000002/",), [2]),
        (("/330199/2133000001/", "/330199/2133000002/"), [0, 1, 2]),
        (("/330198/",), []),
        ((), []),
    ],
)
def test_a_list_holds_the_subtrees_in_order_of_arrival(county, three, paths, seen):
    with county.store.read() as session:
        rows = submissions_page(session, Filter(paths), offset=0, limit=10, total=3)
        counts = state_counts(session, Filter(paths))
    assert [row.id for row in rows] == [three[index] for index in seen]
    assert sum(counts.values()) == len(seen)


def test_pages_and_neighbours_agree(county, three, clock):
    wanted = Filter(ALL, states=("waiting",))
    with county.store.read() as session:
        pages = [submissions_page(session, wanted, offset=n, limit=1, total=3)[0] for n in range(3)]
        around = [neighbours(session, wanted, row.received_at, row.id) for row in pages]
    assert [row.id for row in pages] == three
    assert around == [(None, three[1]), (three[0], three[2]), (three[1], None)]


def test_neighbours_of_one_that_left_the_list(county, three):
    from yanxiu.work.verbs.mark import mark

    mark(
        county.store, county.actor("county"), three[1],
        {("report", "follow"): (1, ""), ("report", "clear"): (1, "")}, "",
    )  # fmt: skip
    with county.store.read() as session:
        row = submissions_page(
            session, Filter(ALL, states=("marked",)), offset=0, limit=1, total=1
        )[0]
        around = neighbours(session, Filter(ALL, states=("waiting",)), row.received_at, row.id)
    assert around == (three[0], three[2])


def test_neighbours_at_the_same_instant(county):
    made = sorted(graded(county, who) for who in ("alice", "bob", "charlie"))
    with county.store.read() as session:
        rows = submissions_page(session, Filter(ALL), offset=0, limit=3, total=3)
        around = [neighbours(session, Filter(ALL), row.received_at, row.id) for row in rows]
    assert [row.id for row in rows] == made
    assert around == [(None, made[1]), (made[0], made[2]), (made[1], None)]


def test_failures_say_their_reason_and_others_none(county, clock):
    one = failed(county, "alice", "run_b.timeout")
    clock.advance(hours=1)
    handed_in(county, "bob")
    with county.store.read() as session:
        rows = submissions_page(session, Filter(ALL), offset=0, limit=9, total=3)
    assert [(row.id == one, row.failure) for row in rows] == [
        (True, "run_b.timeout"),
        (False, None),
    ]


@pytest.mark.parametrize(
    "paths, units, schools",
    [
        (ALL, 1, ["城关镇中心校", "县三小"]),
        (("/330199/2133000001/",), 1, ["县三小"]),
        (("/330198/",), 0, ["邻县一小"]),
        ((), 0, []),
    ],
)
def test_what_can_be_chosen_is_within_reach(county, paths, units, schools):
    with county.store.read() as session:
        assert len(assignment_choices(session, paths)) == units
        assert {one.title for one in school_choices(session, paths)} == set(schools)


def test_a_path_is_no_pattern(county):
    for odd in ("/3301__/", "%", "/330199%"):
        with county.store.read() as session:
            # Paths come from the store and hold digits; LIKE's signs would widen them.
            assert people_count(session, PeopleFilter((odd,))) == 0


@pytest.mark.parametrize(
    "words, names",
    [
        ("艾", ["艾老师"]),
        ("老师", ["艾老师", "包老师", "柴老师"]),
        ("100", ["艾老师", "包老师"]),
        ("001", []),
        ("%", []),
        ("_", []),
        (" 艾老师 ", ["艾老师"]),
    ],
)
def test_people_are_found_by_name_or_the_beginning_of_their_number(county, words, names):
    wanted = PeopleFilter(ALL, words=words)
    with county.store.read() as session:
        rows = people_page(session, wanted, offset=0, limit=10)
        assert people_count(session, wanted) == len(rows)
    assert {row.name for row in rows} == set(names)


def test_health_of_a_store(county):
    assert health.problem(county.store) is None


def test_late_attempts_are_marked(county, clock):
    clock.now = DUE + timedelta(hours=1)
    handed_in(county)
    with county.store.read() as session:
        assert my_units(session, county.people["alice"])[0].latest.late is True
