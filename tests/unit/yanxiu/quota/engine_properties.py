"""What every engine must keep, over any interleaving: hypothesis walks, this looks after each step.

Written against ``yanxiu.quota.engine.Engine`` and a ``World`` that makes one: another engine is put
under the same walks by another world. Demands are counted here by plain recursion, not by the rules.

- No start is admitted above a ceiling, nor into what is guaranteed to others.
- A school below its guarantee is never refused while there is room and no other limit is reached.
- Whoever waits longest for the same pool is served first.
- Nothing leaks: after all has stopped, all of the capacity can be had again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from yanxiu.quota.engine import Admitted, Ask, Denied, Engine, Held, Running, Waiting
from yanxiu.quota.rules import PERSONAL, Limit

MB = 160
CPUS = 0.02
#: School → its people; all stand in one county.
SCHOOLS: dict[str, tuple[str, ...]] = {
    "school1": ("alice", "bob", "dora"),
    "school2": ("charlie", "erin"),
    "school3": ("frank", "grace"),
}
HOME = {who: school for school, people in SCHOOLS.items() for who in people}
COUNTY = "county"
SERVERS = ("", "second")


@dataclass(frozen=True)
class Taken:
    """One place, as the engine has it."""

    who: str
    server: str
    state: str


class World(Protocol):
    """Makes an engine and lets a walk look behind it."""

    engine: Engine
    now: datetime
    ids: dict[str, str]
    forget: timedelta

    def fresh(self) -> None:
        """Begin with no limits, no places and nobody in line."""
        ...

    def restart(self) -> None:
        """Begin anew with what is kept, as after a crash."""
        ...

    def set_limit(self, org: str, limit: Limit) -> None:
        """Set the limit of servers of a school or the county."""
        ...

    def set_capacity(self, servers: int | None, memory_mb: int | None) -> None:
        """Set what there is in all."""
        ...

    def taken(self) -> Sequence[Taken]:
        """Return all places."""
        ...


@dataclass
class Model:
    """What a walk knows by itself."""

    limits: dict[str, Limit] = field(default_factory=dict)
    servers: int | None = None
    memory_mb: int | None = None
    #: Really running, and since when: the hub's own rows.
    running: dict[tuple[str, str], datetime] = field(default_factory=dict)
    #: In line, since when (None: nobody can know), and when they last looked.
    line: dict[str, tuple[datetime | None, datetime]] = field(default_factory=dict)

    def limit(self, org: str) -> Limit:
        return self.limits.get(org, Limit())


own_ = st.sampled_from([None, None, None, 1, 2])
small = st.one_of(st.none(), st.integers(0, 4))
who_ = st.sampled_from(sorted(HOME))
server_ = st.sampled_from(SERVERS)


class EngineWalk(RuleBasedStateMachine):
    """Starts, failures, stops, crashes, changes of limits, steps of the clock, recounts."""

    make: Callable[[], World]

    @initialize(
        sure=st.tuples(*[st.integers(0, 3)] * len(SCHOOLS)),
        most=st.sampled_from([None, 1, 2]),
        servers=st.integers(1, 8),
    )
    def begin(self, sure: tuple[int, ...], most: int | None, servers: int) -> None:
        """Begin with guarantees that may be more than there is, and a full first school."""
        self.world = type(self).make()
        self.world.fresh()
        self.model = Model()
        self.before: set[Taken] = set()
        for org, guarantee in zip(SCHOOLS, sure, strict=True):
            self._limit(org, Limit(guarantee))
        if most is not None:
            self._limit("school1", Limit(None, most))
        self.set_capacity(servers, memory=False)

    # What happens

    @rule(who=who_, server=server_, wait=st.sampled_from([True, True, False]))
    def reserve(self, who: str, server: str, wait: bool) -> None:
        self.world.now += timedelta(seconds=1)
        ask = Ask(self.world.ids[who], server, MB, CPUS, wait=wait)
        found = self.world.engine.reserve(ask)
        again = self.world.engine.reserve(ask)
        mine = {(t.who, t.server) for t in self.world.taken()}
        if isinstance(found, Admitted):
            assert isinstance(again, Admitted)
            assert again.place_id == found.place_id
            assert (who, server) in mine
            self.model.line.pop(who, None)
            return
        assert (who, server) not in mine
        self.check_refusal(who, found)
        assert self.world.engine.outlook(ask) is not None, "the page says something else"
        if isinstance(found, Waiting):
            self.stands(who)

    @rule(school=st.sampled_from(sorted(SCHOOLS)), around=st.booleans(), ends=st.booleans())
    def evening_class(self, school: str, around: bool, ends: bool) -> None:
        """A whole school presses Start, one after the other; then one of them has finished."""
        for who in SCHOOLS[school][:: -1 if around else 1]:
            self.reserve(who, SERVERS[0], wait=True)
        here = sorted(t.who for t in self.world.taken() if HOME[t.who] == school)
        if ends and here:
            self.fail_or_stop(here[0], SERVERS[0])

    @rule(number=st.integers(0, 20))
    def one_ends(self, number: int) -> None:
        """One of those that have a place gives it back."""
        if taken := sorted(self.world.taken(), key=lambda t: (t.who, t.server)):
            one = taken[number % len(taken)]
            self.fail_or_stop(one.who, one.server)

    @rule(who=who_, server=server_)
    def confirm(self, who: str, server: str) -> None:
        """The hub's server is up."""
        if any(t.who == who and t.server == server for t in self.world.taken()):
            self.world.engine.confirm(self.world.ids[who], server)
            self.model.running.setdefault((who, server), self.world.now)
            self.model.line.pop(who, None) if self.gone(who) else None

    @rule(who=who_, server=server_)
    def fail_or_stop(self, who: str, server: str) -> None:
        self.world.engine.release(self.world.ids[who], server)
        self.model.running.pop((who, server), None)
        assert (who, server) not in {
            (t.who, t.server) for t in self.world.taken() if t.state != "held"
        }

    @rule(who=who_, server=server_)
    def sent_away(self, who: str, server: str) -> None:
        """The platform itself had no turn for the start: the place stays hers for a while."""
        here = {(t.who, t.server): t.state for t in self.world.taken()}
        self.world.engine.hold(self.world.ids[who], server)
        if here.get((who, server)) == "reserved":
            # Whatever else expired meanwhile.
            assert Taken(who, server, "held") in self.world.taken()

    @rule(who=who_)
    def look(self, who: str) -> None:
        found = self.world.engine.where(self.world.ids[who])
        if isinstance(found, Waiting):
            assert found.place == found.ahead + 1 >= 1
            self.stands(who)
            self.check_refusal(who, found)
        else:
            self.model.line.pop(who, None)
            held = {t.who for t in self.world.taken() if t.state == "held"}
            assert isinstance(found, Held) is (who in held)

    @rule(who=who_)
    def leave(self, who: str) -> None:
        self.world.engine.leave(self.world.ids[who])
        self.model.line.pop(who, None)
        assert self.world.engine.where(self.world.ids[who]) is None

    @rule(seconds=st.sampled_from([1, 30, 119, 120, 121, 300, 700, 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.world.now += timedelta(seconds=seconds)

    @rule(seconds=st.sampled_from([1, 60, 3600, 86_400]))
    def clock_is_set_back(self, seconds: int) -> None:
        self.world.now -= timedelta(seconds=seconds)

    @rule(org=st.sampled_from([*SCHOOLS, COUNTY]), guarantee=small, more=small, own=own_)
    def set_limit(self, org: str, guarantee: int | None, more: int | None, own: int | None) -> None:
        ceiling = None if more is None else (guarantee or 0) + more
        self._limit(org, Limit(guarantee, ceiling, own))

    def _limit(self, org: str, limit: Limit) -> None:
        self.model.limits[org] = limit
        self.world.set_limit(org, limit)

    @rule(servers=st.one_of(st.none(), st.integers(0, 8)), memory=st.booleans())
    def set_capacity(self, servers: int | None, memory: bool) -> None:
        """Another machine: of so many places, or of memory for one less."""
        memory_mb = None if not memory or servers is None else max(0, servers - 1) * MB
        self.model.servers, self.model.memory_mb = servers, memory_mb
        self.world.set_capacity(servers, memory_mb)

    @rule(lost=st.sets(st.sampled_from([(w, s) for w in HOME for s in SERVERS])))
    def crash(self, lost: set[tuple[str, str]]) -> None:
        """The hub dies, some servers with it; it comes back and recounts."""
        for key in lost:
            self.model.running.pop(key, None)
        self.world.restart()
        self.recount()

    @rule()
    def recount(self) -> None:
        self.world.engine.recount(self.really())
        found = {(t.who, t.server) for t in self.world.taken() if t.state == "running"}
        assert found == set(self.model.running)
        assert self.world.engine.recount(self.really()).total == 0
        self.before = set(self.world.taken()) if self.model.running else self.before

    @rule(who=who_, server=server_)
    def runs_unasked(self, who: str, server: str) -> None:
        """The engine was silent, and the setting let the start through."""
        self.model.running.setdefault((who, server), self.world.now)
        self.world.engine.confirm(self.world.ids[who], server)
        self.before |= {t for t in self.world.taken() if (t.who, t.server) == (who, server)}

    # What must hold

    @invariant()
    def nothing_is_admitted_that_should_not_be(self) -> None:
        now = set(self.world.taken())
        places = {(t.who, t.server): t for t in now}
        old = {(t.who, t.server) for t in self.before}
        new = [t for key, t in places.items() if key not in old and t.state != "running"]
        served = {t.who: self.model.line.pop(t.who, None) for t in new if t.state == "held"}
        for one in new:
            self.check_admitted(one)
            stood = served.get(one.who)
            if stood and stood[0] is not None:
                self.check_turn(one, stood[0])
        self.before = now

    def check_admitted(self, one: Taken) -> None:
        school = HOME[one.who]
        for org, ceiling in self.ceilings(school):
            assert self.used(org) <= ceiling, f"{org} above its ceiling"
            # ``within``: with what it had before, it asked for no more than was kept for it.
            without = self.demand(org, minus=school)
            assert self.demand(org) <= ceiling or self.demand(org) == without, (
                f"a start took what others below {org} are sure of"
            )
        own = [
            limit.per_teacher
            for limit in (self.model.limit(school), self.model.limit(COUNTY))
            if limit.per_teacher is not None
        ]
        hers = sum(t.who == one.who for t in self.world.taken())
        assert hers <= min(own, default=hers), "above her own limit"

    def check_turn(self, one: Taken, stood_since: datetime) -> None:
        """Nobody of the same school stood longer in line, and was surely there."""
        taken = self.world.taken()
        for other, (since, seen) in self.model.line.items():
            longer = since is not None and since < stood_since and self.lately(seen)
            if HOME[other] == HOME[one.who] and longer and not self.limited(other, taken):
                raise AssertionError(f"{one.who} was served before {other}")

    def check_refusal(self, who: str, found: Waiting | Denied) -> None:
        school = HOME[who]
        if found.reason.code in PERSONAL:
            assert self.limited(who, self.world.taken())
            return
        sure = self.model.limit(school).guarantee or 0
        room = all(self.used(org) + 1 <= ceiling for org, ceiling in self.ceilings(school))
        assert not (self.used(school) < sure and room), "refused within the school's guarantee"
        assert found.reason.limit >= 0

    def stands(self, who: str) -> None:
        """Note that somebody stands in line.

        Who had not looked for long, or only before the clock was set back, may have been
        forgotten meanwhile and stand there anew.
        """
        since, seen = self.model.line.get(who, (self.world.now, self.world.now))
        self.model.line[who] = (since if self.lately(seen) else None, self.world.now)

    def lately(self, seen: datetime) -> bool:
        """Say whether somebody who looked then is surely in line."""
        return timedelta(0) <= self.world.now - seen < self.world.forget * 0.7

    # Counting

    def limited(self, who: str, taken: Sequence[Taken]) -> bool:
        """Say whether one more would be above her own limit."""
        caps = [
            limit.per_teacher
            for limit in (self.model.limit(HOME[who]), self.model.limit(COUNTY))
            if limit.per_teacher is not None
        ]
        return bool(caps) and sum(t.who == who for t in taken) + 1 > min(caps)

    def ceilings(self, school: str) -> list[tuple[str, float]]:
        found: list[tuple[str, float | None]] = [
            (org, self.model.limit(org).ceiling) for org in (school, COUNTY)
        ]
        found.append(("site", self.model.servers))
        memory = self.model.memory_mb
        found.append(("site", None if memory is None else memory // MB))
        return [(org, ceiling) for org, ceiling in found if ceiling is not None]

    def used(self, org: str) -> int:
        taken = self.world.taken()
        return sum(org in (HOME[t.who], COUNTY, "site") for t in taken)

    def demand(self, org: str, minus: str = "") -> float:
        """Return what must be kept for ``org``, with one server less at ``minus``."""
        if org in SCHOOLS:
            used = self.used(org) - (org == minus)
            return max(used, self.model.limit(org).guarantee or 0)
        below = sum(self.demand(school, minus) for school in SCHOOLS)
        return max(below, self.model.limit(COUNTY).guarantee or 0)

    def gone(self, who: str) -> bool:
        return self.world.engine.where(self.world.ids[who]) is None

    def really(self) -> list[Running]:
        return [
            Running(self.world.ids[who], server, since, MB, CPUS)
            for (who, server), since in self.model.running.items()
        ]

    def teardown(self) -> None:
        """All stop: nothing is left, and all of the capacity can be had."""
        if not hasattr(self, "world"):
            return
        world = self.world
        for org in (*SCHOOLS, COUNTY):
            world.set_limit(org, Limit())
        for who in HOME:
            world.engine.leave(world.ids[who])
            for server in SERVERS:
                world.engine.release(world.ids[who], server)
        assert list(world.taken()) == []
        assert world.engine.recount([]).total == 0
        every = [(who, server) for who in sorted(HOME) for server in SERVERS]
        world.set_capacity(len(every) - 1, None)
        answers = [
            world.engine.reserve(Ask(world.ids[who], server, MB, CPUS, wait=False))
            for who, server in every
        ]
        assert [isinstance(one, Admitted) for one in answers] == [True] * (len(every) - 1) + [False]
