"""Two processes meet in the engine, at every statement, on both databases.

One stands before its n-th statement while the other does all it can, for every n.
"""

import pytest
from sqlalchemy import select
from yanxiu.quota.capacity import Capacity
from yanxiu.quota.engine import Admitted, Ask, Held, Waiting
from yanxiu.quota.model import SITE, Place, QuotaUsage, Waiter
from yanxiu.quota.records_engine import RecordsEngine
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine

from tests.support.county import make_county
from tests.support.interleave import Meeting, Side

#: More statements than any side has; a side that is done earlier ends the walk.
_MANY = 80


class Ground:
    """A county with one place, and two processes that ask for it."""

    def __init__(self, url, blobs, clock):
        self.stores = [Store(make_engine(url), blobs, clock) for _ in range(3)]
        self.county = make_county(self.stores[0])
        self.engines = [
            RecordsEngine(one, self.county.site, lambda: Capacity(servers=1)) for one in self.stores
        ]

    def ask(self, who, wait=True):
        return Ask(self.county.people[who], "", 160, 0.02, wait=wait)

    def state(self):
        """Return places, waiters and the counter of all."""
        with self.stores[0].read() as session:
            places = session.scalars(select(Place)).all()
            waiters = session.scalars(select(Waiter)).all()
            used = session.get_one(QuotaUsage, (SITE, "servers")).used
        return places, waiters, used

    def empty(self):
        """Give all back."""
        for who in ("alice", "charlie"):
            self.engines[0].leave(self.county.people[who])
            self.engines[0].release(self.county.people[who], "")
        assert self.state() == ([], [], 0)

    def meet(self, stop, one, other):
        """Let two sides meet; return what each came to, and whether one had so many statements."""
        sides = [Side(self.stores[n].engine, work) for n, work in ((1, one), (2, other))]
        outcomes = Meeting(self.stores[0].engine, *sides).run(stop)
        for found in outcomes:
            if found.error is not None:
                raise found.error
        return [found.value for found in outcomes], len(outcomes[0].statements) > stop


@pytest.fixture
def ground(database, tmp_path, clock):
    made = Ground(database, Blobs(tmp_path / "blobs"), clock)
    yield made
    for one in made.stores:
        one.close()


def test_two_starts_cannot_both_take_the_last_place(ground):
    for stop in range(_MANY):
        answers, more = ground.meet(
            stop,
            lambda: ground.engines[1].reserve(ground.ask("alice")),
            lambda: ground.engines[2].reserve(ground.ask("charlie")),
        )
        kinds = sorted(type(one).__name__ for one in answers)
        assert kinds == [Admitted.__name__, Waiting.__name__]
        places, waiters, used = ground.state()
        assert (len(places), len(waiters), used) == (1, 1, 1)
        ground.empty()
        if not more:
            return
    raise AssertionError("the walk did not come to its end")


def test_one_person_who_presses_twice_has_one_place(ground):
    for stop in range(_MANY):
        answers, more = ground.meet(
            stop,
            lambda: ground.engines[1].reserve(ground.ask("alice")),
            lambda: ground.engines[2].reserve(ground.ask("alice")),
        )
        assert len({one.place_id for one in answers}) == 1
        assert ground.state()[2] == 1
        ground.empty()
        if not more:
            return
    raise AssertionError("the walk did not come to its end")


def test_a_place_that_falls_free_while_somebody_asks_is_not_lost(ground):
    for stop in range(_MANY):
        ground.engines[0].reserve(ground.ask("alice"))
        answers, more = ground.meet(
            stop,
            lambda: ground.engines[1].reserve(ground.ask("charlie")),
            lambda: ground.engines[2].release(ground.county.people["alice"], ""),
        )
        if isinstance(answers[0], Waiting):
            assert isinstance(ground.engines[0].where(ground.county.people["charlie"]), Held)
        places, waiters, used = ground.state()
        assert (len(places), len(waiters), used) == (1, 0, 1)
        ground.empty()
        if not more:
            return
    raise AssertionError("the walk did not come to its end")
