"""A real records service with the cast of a county."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from yanxiu.courses.model import Assignment, Offering
from yanxiu.settings.model import Site

from tests.support import jupyter_home
from tests.support.county import DUE, SITE, County, make_county
from tests.support.jupyter_home import Home
from tests.support.records_server import RecordsServer, token
from tests.support.units import UNIT
from tests.support.writing import writing

#: As the platform's defaults: bundles of up to 20 MB.
ROOMY = Site.model_validate({**SITE.model_dump(), "bundle": {"max_mb": 20, "max_files": 200}})


@pytest.fixture
def service(tmp_path: Path, sqlite_template: Path) -> Iterator[RecordsServer]:
    """Records, not started yet; its database is there."""
    server = RecordsServer(tmp_path / "data", ROOMY)
    (tmp_path / "data/db/yanxiu.sqlite").write_bytes(sqlite_template.read_bytes())
    yield server
    server.stop()


@pytest.fixture
def county(service: RecordsServer) -> Iterator[County]:
    """The cast, in the service's store; the term began long ago and ends in a long time."""
    store = service.store()
    made = make_county(store, UNIT)
    years = timedelta(days=36500)
    with writing(store) as session:
        session.execute(update(Assignment).values(due_at=DUE + years, late_until=DUE + years))
        session.execute(update(Offering).values(closes_at=DUE + years))
    yield made
    store.close()


@pytest.fixture
def home_of(service: RecordsServer, county: County, tmp_path: Path) -> Callable[[str], Home]:
    """Give homes of the cast, each with the token of their server."""

    def make(who: str) -> Home:
        return jupyter_home.home_of(
            tmp_path / "homes" / who, service.url, county.people[who], token(county, who, "learn")
        )

    return make
