"""Turns of schools in the grading queue: tables at the edges, and a queue that is worked off."""

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from yanxiu.work.turns import Turn, in_turn

NOW = datetime(2026, 9, 1, tzinfo=UTC)
A, B, C = (uuid.UUID(int=n) for n in (1, 2, 3))


def turn(school, waits_s, served_s=None):
    """Return a school whose oldest job waits for so long, and which was served so long ago."""
    served = None if served_s is None else NOW - timedelta(seconds=served_s)
    return Turn(school, NOW - timedelta(seconds=waits_s), served)


@pytest.mark.parametrize(
    ("waiting", "running", "shares", "first"),
    [
        ([turn(A, 5), turn(B, 9)], {}, {}, B),  # nobody was served: the oldest job
        ([turn(A, 900, 1), turn(B, 2)], {}, {}, B),  # A has a thousand more, and had its turn
        ([turn(A, 900, 5), turn(B, 2)], {}, {}, A),
        ([turn(A, 900, 1), turn(B, 900, 1.5)], {}, {A: 2}, A),  # twice the share, twice as fast
        ([turn(A, 900, 1), turn(B, 900, 2.5)], {}, {A: 2}, B),
        ([turn(A, 900, 300), turn(B, 2)], {A: 1}, {}, B),  # A's long job holds its half already
        ([turn(A, 900, 300)], {A: 1}, {}, A),  # nobody else waits
        (
            [turn(A, 900, 300), turn(B, 2)],
            {A: 1, C: 1},
            {},
            B,
        ),  # C, which waits no more, has one too
        ([turn(A, 900, 300), turn(B, 2)], {A: 1, B: 1}, {A: 2}, A),  # two of three are A's
        ([turn(A, 900, 300), turn(B, 900, 1)], {A: 2}, {A: 2}, B),
    ],
)
def test_whose_turn_it_is(waiting, running, shares, first):
    assert in_turn(waiting, running, shares, NOW)[0] == first


def test_all_who_wait_are_named_once():
    found = in_turn([turn(A, 1), turn(B, 2), turn(C, 3)], {A: 5}, {}, NOW)
    assert sorted(found) == [A, B, C]
    assert found[-1] == A
    assert in_turn([], {A: 1}, {}, NOW) == []


def worked_off(queues, workers, seconds, shares=None, job_s=None):
    """Work off ``{school: jobs}`` for some time; return how many of each were done."""
    job_s = job_s or {}
    free = [0.0] * workers
    left, busy, served, done = dict(queues), [], {}, Counter()
    while min(free) < seconds:
        at = min(free)
        busy = [(until, school) for until, school in busy if until > at]
        now = NOW + timedelta(seconds=at)
        waiting = [Turn(s, NOW, served.get(s)) for s, n in left.items() if n]
        turns = in_turn(waiting, Counter(s for _, s in busy), shares or {}, now)
        if not turns:
            break
        school, worker = turns[0], free.index(at)
        left[school] -= 1
        served[school] = now
        done[school] += 1
        # Not all equally long, else two schools would be served at the same instant for ever.
        free[worker] = at + job_s.get(school, 1.0) * (1 + worker / 100)
        busy.append((free[worker], school))
    return done


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_a_thousand_jobs_do_not_shut_out_one(workers):
    done = worked_off({A: 1000, B: 1}, workers, 3)
    assert done[B] == 1


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_shares_are_kept_in_the_long_run(workers):
    done = worked_off({A: 10_000, B: 10_000, C: 10_000}, workers, 400, {A: 2})
    assert done[B] == pytest.approx(done[C], rel=0.1)
    assert done[A] / done[B] == pytest.approx(2, rel=0.35)


def test_long_jobs_do_not_hold_all_workers():
    done = worked_off({A: 1000, B: 1000}, 2, 600, job_s={A: 180.0, B: 1.0})
    assert done[B] > 500
    assert done[A] >= 3


def test_nobody_waits_for_ever_behind_a_large_share():
    done = worked_off({A: 100_000, B: 100}, 1, 3000, {A: 1000})
    assert done[B] >= 1
