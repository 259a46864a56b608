"""What a pile of facts comes to, as a table; and that it comes to the same in any order."""

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yanxiu.errors import Refused
from yanxiu.work import diagram
from yanxiu.work.rules import (
    MAY,
    WHOLE,
    Decision,
    Facts,
    Grading,
    JobState,
    Kind,
    Marking,
    Outcome,
    State,
    check_verb,
    counting,
    standing,
)
from yanxiu_formats.units import parse_unit

from tests.support.units import UNIT as DEFINITION

UNIT = parse_unit(json.dumps(DEFINITION))
AT = datetime(2026, 9, 2, tzinfo=UTC)
ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)
SCORED = Grading(ONE, 2, Outcome.SCORED, {"mean": 10.0, "pick": 30.0})
WORSE = Grading(TWO, 8, Outcome.SCORED, {"mean": 0.0, "pick": 30.0})
GONE = Grading(ONE, 2, Outcome.FAILED, {})
LOST = Grading(TWO, 3, Outcome.LOST, {})


def mark(order, criterion, points, marker="u1", task="report", **more):
    return Marking(order, marker, task, criterion, points, **more)


FULL = (mark(3, "follow", 40.0), mark(3, "use", 20.0))
BY_HAND = (mark(3, "by_hand", 5.0, task="mean"), mark(3, "by_hand", 25.0, task="pick"))


def decided(order, kind, total=None, passed=None, grading=ONE, auto=40.0):
    return Decision(order, kind, AT + timedelta(days=order), grading, auto, total, passed)


RELEASED = decided(4, Kind.RELEASE, 100.0, True)
MARKED = Facts(gradings=(SCORED,), markings=FULL)

#: What is recorded, the state it comes to, the total, whether it passed.
TABLE = [
    (Facts(job=JobState.QUEUED), State.QUEUED, None, None),
    (Facts(job=JobState.LEASED), State.GRADING, None, None),
    (Facts(job=JobState.QUEUED, gradings=(LOST,)), State.QUEUED, None, None),
    (Facts(gradings=(GONE,)), State.FAILED, None, None),
    (Facts(gradings=(LOST, replace(GONE, order=5))), State.FAILED, None, None),
    (Facts(gradings=(GONE,), markings=FULL), State.FAILED, None, None),  # half by hand
    (Facts(gradings=(GONE,), markings=FULL + BY_HAND), State.MARKED, 90.0, None),
    (Facts(gradings=(SCORED,)), State.WAITING, None, None),
    (Facts(gradings=(SCORED,), markings=FULL[:1]), State.WAITING, None, None),
    (MARKED, State.MARKED, 100.0, None),
    # Marks by hand from before the machine got through are not counted twice.
    (
        Facts(gradings=(GONE, replace(SCORED, order=5)), markings=FULL + BY_HAND),
        "marked",
        100,
        None,
    ),
    # Graded again: the last run counts, the first stays on record.
    (Facts(gradings=(SCORED, WORSE), markings=FULL), State.MARKED, 90.0, None),
    (replace(MARKED, job=JobState.QUEUED), State.QUEUED, 100.0, None),
    (replace(MARKED, decisions=(RELEASED,)), State.RELEASED, 100.0, True),
    # What was shown stays as it was shown, whatever is found later.
    (
        Facts(gradings=(SCORED, WORSE), markings=FULL, decisions=(RELEASED,)),
        State.RELEASED,
        100.0,
        True,
    ),
    (replace(MARKED, decisions=(RELEASED, decided(6, Kind.CORRECTION))), State.MARKED, 100, None),
    (
        replace(MARKED, decisions=(RELEASED, decided(6, Kind.CORRECTION, 50.0, False))),
        State.RELEASED,
        50.0,
        False,
    ),
    (
        replace(
            MARKED,
            decisions=(RELEASED, decided(6, Kind.CORRECTION), decided(7, Kind.RELEASE, 70.0, True)),
        ),
        State.RELEASED,
        70.0,
        True,
    ),
    (replace(MARKED, newer=(9,)), State.SUPERSEDED, 100.0, None),
    (Facts(newer=(9,)), State.SUPERSEDED, None, None),
    (replace(MARKED, newer=(5,), decisions=(RELEASED,)), State.RELEASED, 100.0, True),
    # One that came while a result was shown does not bury it when it is taken back,
    (
        replace(MARKED, newer=(5,), decisions=(RELEASED, decided(6, Kind.CORRECTION))),
        State.MARKED,
        100.0,
        None,
    ),
    # and one that came afterwards takes its place, also before it is shown anew.
    (
        replace(MARKED, newer=(5, 7), decisions=(RELEASED, decided(6, Kind.CORRECTION))),
        State.SUPERSEDED,
        100.0,
        None,
    ),
    (replace(MARKED, decisions=(decided(4, Kind.WITHDRAW),)), State.WITHDRAWN, 100.0, None),
    (Facts(newer=(9,), decisions=(decided(4, Kind.WITHDRAW),)), State.WITHDRAWN, None, None),
    (replace(MARKED, decisions=(decided(4, Kind.RETURN),)), State.RETURNED, 100.0, None),
]


@pytest.mark.parametrize(("facts", "state", "total", "passed"), TABLE)
def test_what_is_recorded_comes_to(facts, state, total, passed):
    found = standing(facts, UNIT)
    assert (found.state, found.total_points, found.passed) == (state, total, passed)
    assert (found.released_at is not None) == (state == State.RELEASED)


@given(st.sampled_from(TABLE), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_read_does_not_matter(row, dice):
    facts = row[0]
    mixed = {
        name: tuple(dice.sample(getattr(facts, name), len(getattr(facts, name))))
        for name in ("gradings", "markings", "decisions")
    }
    assert standing(replace(facts, **mixed), UNIT) == standing(facts, UNIT)


def test_two_markers_are_both_kept_and_the_newest_of_a_grader_counts():
    first, second = mark(3, "follow", 40.0), mark(5, "follow", 25.0, marker="u2")
    peer = mark(6, "follow", 0.0, marker="u3", capacity="peer")
    assert counting([peer, second, first])["report", "follow"] == second
    taken_back = mark(7, "follow", None, marker="u2")
    assert counting([first, second, taken_back]) == {}


def test_marks_after_a_release_are_not_shown_before_the_next_one():
    words = [Marking(order, "u1", *WHOLE, None, text) for order, text in ((3, "好"), (5, "改"))]
    facts = replace(MARKED, markings=(*FULL, *words, mark(5, "use", 0.0)), decisions=(RELEASED,))
    found = standing(facts, UNIT)
    assert (found.comment, found.rubric_points, found.shown_order) == ("好", 60.0, 4)


def test_an_appeal_is_open_until_somebody_decides():
    appealed = replace(MARKED, decisions=(RELEASED, decided(5, Kind.APPEAL)))
    assert standing(appealed, UNIT).appealed
    decision = decided(6, Kind.CORRECTION, 100.0, True)
    answered = replace(appealed, decisions=(*appealed.decisions, decision))
    assert not standing(answered, UNIT).appealed
    assert standing(answered, UNIT).released_at == RELEASED.at  # confirmed: shown since then


def test_a_mark_is_dated_by_the_decision_that_made_it_visible():
    def since(*decisions):
        return standing(replace(MARKED, decisions=decisions), UNIT).released_at

    taken_back = decided(5, Kind.CORRECTION)
    lower, anew = decided(6, Kind.CORRECTION, 50.0, False), decided(6, Kind.RELEASE, 100.0, True)
    assert since(RELEASED) == RELEASED.at
    assert since(RELEASED, taken_back) is None
    assert since(RELEASED, taken_back, anew) == anew.at  # not when it was shown the first time
    assert since(RELEASED, lower) == lower.at
    assert since(RELEASED, lower, decided(7, Kind.CORRECTION, 50.0, False)) == lower.at


@pytest.mark.parametrize("verb", MAY)
@pytest.mark.parametrize("state", State)
def test_a_verb_that_is_not_open_is_refused_with_a_sentence(verb, state):
    if state in MAY[verb]:
        check_verb(state, verb)
        return
    with pytest.raises(Refused) as refused:
        check_verb(state, verb)
    assert refused.value.text() and refused.value.status == 409


@pytest.mark.parametrize(("state", "facts"), diagram.EXAMPLES)
def test_the_diagrams_examples_are_what_they_say(state, facts):
    assert standing(facts, diagram.BOTH).state == state


def test_every_open_verb_is_in_the_diagram_and_leads_somewhere():
    drawn = {(start, verb) for start, verb, _ in diagram.transitions()}
    assert drawn == {(state, verb) for verb, states in MAY.items() for state in states}
    assert (State.GRADING, "report", State.RELEASED) in diagram.transitions()
