"""The properties of ``engine_properties``, with the records engine under them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import delete, select
from yanxiu.names import new_id
from yanxiu.people.model import Organization
from yanxiu.quota import counters
from yanxiu.quota.capacity import Capacity
from yanxiu.quota.model import (
    SITE,
    Place,
    QuotaLimit,
    QuotaUsage,
    ServerLife,
    ServerMonth,
    Waiter,
)
from yanxiu.quota.records_engine import RecordsEngine
from yanxiu.quota.rules import Limit

from tests.support.county import START, County
from tests.support.writing import writing

from .engine_properties import HOME, SCHOOLS, EngineWalk, Taken


class RecordsWorld:
    """One county, used by one walk after the other."""

    def __init__(self, county: County):
        self.county = county
        self.clock = county.store.clock
        self._school3()
        for number, (who, school) in enumerate(HOME.items()):
            if who not in county.people:
                county.add(who, "某老师", school, number=f"7{number:03}")
        self.ids = {who: county.people[who] for who in HOME}
        self.forget = timedelta(minutes=county.site.quota.forget_minutes)
        self._names = {person_id: who for who, person_id in self.ids.items()}

    def _school3(self) -> None:
        with writing(self.county.store) as session:
            above = session.get_one(Organization, self.county.schools["county"])
            made = Organization(
                id=new_id(),
                kind="school",
                code="2133000003",
                name="实验小学",
                parent_id=above.id,
                path=f"{above.path}2133000003/",
            )
            session.add(made)
        self.county.schools["school3"] = made.id
        assert set(SCHOOLS) <= self.county.schools.keys()

    @property
    def now(self) -> datetime:
        return self.clock()

    @now.setter
    def now(self, value: datetime) -> None:
        self.clock.now = value

    def fresh(self) -> None:
        with writing(self.county.store) as session:
            for table in (Place, Waiter, ServerLife, ServerMonth, QuotaLimit):
                session.execute(delete(table))
            session.execute(delete(QuotaUsage).where(QuotaUsage.org_id != SITE))
            counters.rebuild(session, self.county.site)
        self.now = START + timedelta(days=1)
        self.capacity = Capacity()
        self.restart()

    def restart(self) -> None:
        self.engine = RecordsEngine(self.county.store, self.county.site, lambda: self.capacity)

    def set_limit(self, org: str, limit: Limit) -> None:
        with writing(self.county.store) as session:
            counters.lock(session)
            session.merge(
                QuotaLimit(
                    org_id=self.county.schools[org],
                    resource="servers",
                    guarantee=limit.guarantee,
                    ceiling=limit.ceiling,
                    per_teacher=limit.per_teacher,
                    changed_at=START,
                    changed_by="system:test",
                )
            )
            counters.rebuild(session, self.county.site)
        self.engine.limits_changed()

    def set_capacity(self, servers: int | None, memory_mb: int | None) -> None:
        self.capacity = Capacity(servers=servers, memory_mb=memory_mb)

    def taken(self) -> Sequence[Taken]:
        with self.county.store.read() as session:
            rows = session.execute(select(Place.person_id, Place.server_name, Place.state))
            return [Taken(self._names[who], server, state) for who, server, state in rows]


def walk(county: County, examples: int) -> None:
    world = RecordsWorld(county)

    class Walk(EngineWalk):
        make = staticmethod(lambda: world)

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            # Not made smaller: each try writes to a database, and a walk is read as it is.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_on_sqlite(lite):
    walk(lite, 25)


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_on_postgresql(county):
    walk(county, 8)
