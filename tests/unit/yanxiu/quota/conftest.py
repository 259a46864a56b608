"""An engine over each database, and pools to try it on."""

from collections.abc import Callable
from typing import Any

import pytest
from yanxiu.quota import counters
from yanxiu.quota.capacity import Capacity
from yanxiu.quota.engine import Ask
from yanxiu.quota.model import QuotaLimit
from yanxiu.quota.records_engine import RecordsEngine

from tests.support.county import START, County
from tests.support.writing import writing


class Pools:
    """A county whose limits and capacity can be set, and an engine that counts in it."""

    def __init__(self, county: County):
        self.county = county
        self.capacity = Capacity(servers=100)
        self.engine = RecordsEngine(county.store, county.site, lambda: self.capacity)

    def limit(self, org: str, resource: str = "servers", **values: float) -> None:
        """Set limits without asking anybody."""
        with writing(self.county.store) as session:
            counters.lock(session)
            key = (self.county.schools[org], resource)
            row = session.get(QuotaLimit, key) or QuotaLimit(org_id=key[0], resource=key[1])
            for name in ("guarantee", "ceiling", "per_teacher"):
                setattr(row, name, values.get(name))
            row.changed_at, row.changed_by = START, "system:test"
            session.add(row)
            counters.rebuild(session, self.county.site)

    def ask(self, who: str, server: str = "", **more: Any) -> Ask:
        """Return what somebody asks for."""
        return Ask(self.county.people[who], server, more.pop("memory_mb", 160), 0.02, **more)

    def start(self, who: str, server: str = "", **more: Any) -> Any:
        """Ask for a place."""
        return self.engine.reserve(self.ask(who, server, **more))

    def run(self, who: str, server: str = "", **more: Any) -> Any:
        """Ask for a place, and say that the server runs."""
        found = self.start(who, server, **more)
        self.engine.confirm(self.county.people[who], server)
        return found

    def stop(self, who: str, server: str = "") -> None:
        """Give a place back."""
        self.engine.release(self.county.people[who], server)

    def where(self, who: str) -> Any:
        """Look at the line."""
        return self.engine.where(self.county.people[who])

    @property
    def now(self) -> Callable[[], Any]:
        return self.county.store.clock


@pytest.fixture
def pools(county: County) -> Pools:
    """On each database in turn."""
    return Pools(county)
