"""The pages that an organizer and a teacher open most, in a county of 35,000 teachers.

Ours: records over SQLite with 300 schools, 35,000 people and 70,000 submissions in every state;
each page as a browser gets it, whole HTML. Stock has one such question: JupyterHub's page of users,
which asks the hub's API for fifty at a time and for those with a name, as ours does for people.
The line compares these two; every page of ours is in the details. Called by ``run.py``.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

import httpx
from yanxiu.store import schema
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine

from benchmarks.result import Result
from benchmarks.support import stock_env
from benchmarks.support.both import folder
from benchmarks.support.measure import say, take_turns
from benchmarks.support.stock_hub import StockHub, stock_hub
from tests.support import large
from tests.support.county import County, make_county
from tests.support.every_task import EVERY_TASK
from tests.support.fake_hub import FakeHub, running_hub
from tests.support.records_server import PREFIX, RecordsServer

NAME = "pages"
ROUNDS = 15
#: What both sides are asked: fifty people from the middle, and those whose number begins so.
NUMBER = "3300012"
PEOPLE = ("organize/people?page=350", f"organize/people?q={NUMBER}")
USERS = ("users?limit=50&offset=17500", f"users?limit=50&name_filter={NUMBER}")
ORGANIZER = (
    *("organize/people", *PEOPLE, "organize/people?q=秀"),
    *("organize/", "organize/?unit={unit}&state=all"),
    *("organize/?state=all&page=700", "organize/?state=all&page=1400"),
    *("organize/roles", "organize/roster"),
)
TEACHER = ("", "units/{unit}")


def run() -> Result:
    """Fill both sides, ask in turn."""
    stock_env.prepare()
    with folder() as place, running_hub() as hub:
        say("filling a county")
        county = _county(place / "ours")
        with _serving(place / "ours", hub) as server, stock_hub(place / "stock") as stock:
            say("filling the stock hub")
            _fill_stock(stock)
            organizer = _browser(server, hub, county.people["county"])
            teacher = _browser(server, hub, county.people["alice"])
            unit = str(county.assignment)
            pages = [(organizer, page.format(unit=unit)) for page in ORGANIZER]
            pages += [(teacher, page.format(unit=unit)) for page in TEACHER]
            medians = {
                page: _median(lambda who=who, page=page: _get(who, page)) for who, page in pages
            }
            ours, theirs = take_turns(
                lambda: _seconds(lambda: [_get(organizer, page) for page in PEOPLE]),
                lambda: _seconds(lambda: [_ask(stock, question) for question in USERS]),
                ROUNDS,
            )
    return Result.of_seconds(
        ours,
        theirs,
        people=large.PEOPLE,
        schools=large.SCHOOLS,
        pages_ms={page.replace(unit, "{unit}"): 1000 * s for page, s in medians.items()},
        slowest_ms=1000 * max(medians.values()),
    )


def _county(data: Path) -> County:
    (data / "db").mkdir(parents=True)
    engine = make_engine(f"sqlite:///{data}/db/yanxiu.sqlite")
    schema.upgrade(engine)
    store = Store(engine, Blobs(data / "blobs"))
    county = make_county(store, EVERY_TASK)
    large.fill(county)
    store.close()
    return county


@contextmanager
def _serving(data: Path, hub: FakeHub) -> Iterator[RecordsServer]:
    server = RecordsServer(data, hub_api_url=hub.url)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _browser(server: RecordsServer, hub: FakeHub, person_id: str) -> httpx.Client:
    """Return somebody who has gone through the login."""
    browser = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=60, trust_env=False)
    leaving = browser.get(f"{PREFIX}/")
    code, state = hub.authorize(leaving.headers["location"], person_id)
    browser.get(f"{PREFIX}/oauth_callback", params={"code": code, "state": state})
    return browser


def _get(browser: httpx.Client, page: str) -> None:
    answer = browser.get(f"{PREFIX}/{page}")
    if answer.status_code != 200:
        raise RuntimeError(f"{page}: {answer.status_code} {answer.text[:300]}")


def _fill_stock(stock: StockHub) -> None:
    """Add users to the hub's own table: by its API they would take a quarter of an hour."""
    names = [(f"33{number:08}", f"cookie{number}") for number in range(large.PEOPLE)]
    with closing(sqlite3.connect(stock.folder / "hub.sqlite")) as database:
        database.executemany(
            "INSERT INTO users (name, admin, created, cookie_id, encrypted_auth_state)"
            " VALUES (?, 0, '2026-09-01 00:00:00.000000', ?, NULL)",
            names,
        )
        database.commit()
    if len(stock.api("GET", USERS[0])) != 50 or not stock.api("GET", USERS[1]):
        raise RuntimeError("the stock hub does not have the users")


def _ask(stock: StockHub, question: str) -> None:
    stock.api("GET", question)


def _median(ask: Callable[[], object]) -> float:
    ask()
    return median(_seconds(ask) for _ in range(ROUNDS))


def _seconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began
