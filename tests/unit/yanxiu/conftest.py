"""The records service over SQLite, with a stand-in hub, and browsers that are logged in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from yanxiu.clock import FrozenClock
from yanxiu.courses.model import ReleaseUnit
from yanxiu.portal.app import build_app
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu_formats.bundle import pack

from tests.support.browser import HOST, Browser, log_in, make_portal
from tests.support.county import County, make_county
from tests.support.every_task import EVERY_TASK, INTRO, QUIZ
from tests.support.fake_hub import FakeHub, running_hub
from tests.support.writing import writing


@pytest.fixture(scope="session")
def running() -> Iterator[FakeHub]:
    """A hub for the whole run."""
    with running_hub() as hub:
        yield hub


@pytest.fixture
def hub(running: FakeHub) -> FakeHub:
    """The hub, as new."""
    running.tokens.clear()
    running.codes.clear()
    running.away, running.asked = False, 0
    return running


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path, clock: FrozenClock) -> Iterator[County]:
    """A county whose unit has every type of task."""
    path = tmp_path / "db.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store(make_engine(f"sqlite:///{path}"), Blobs(tmp_path / "blobs"), clock)
    files = {"every.ipynb": b"{}", "intro.md": INTRO.encode(), "data/quiz.csv": QUIZ.encode()}
    county = make_county(store, EVERY_TASK)
    blob = store.blobs.put(iter([pack(files)]))
    with writing(store) as session:
        session.execute(update(ReleaseUnit).values(learner_blob=blob))
    yield county
    store.close()


@pytest.fixture
def app(site: County, hub: FakeHub) -> FastAPI:
    """The service."""
    return build_app(make_portal(site, hub))


@pytest.fixture
def anonymous(app: FastAPI) -> Iterator[Browser]:
    """A browser of nobody in particular."""
    with Browser(app, base_url=HOST, headers={"origin": HOST}) as browser:
        yield browser


@pytest.fixture
def browse(app: FastAPI, hub: FakeHub, site: County) -> Iterator[Callable[[str], Browser]]:
    """Give browsers of the cast, logged in."""
    opened: dict[str, Browser] = {}

    def open_for(who: str) -> Browser:
        if who not in opened:
            browser = Browser(app, base_url=HOST, headers={"origin": HOST})
            browser.__enter__()
            opened[who] = browser
            log_in(browser, hub, site.people[who])
        return opened[who]

    yield open_for
    for browser in opened.values():
        browser.__exit__(None, None, None)
