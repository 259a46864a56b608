"""At 35,000 teachers every page asks a bounded number of queries and shows one page of rows."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from yanxiu.clock import FrozenClock
from yanxiu.portal.app import build_app
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine

from tests.support import large
from tests.support.browser import HOST, Browser, log_in, make_portal
from tests.support.county import START, make_county
from tests.support.every_task import EVERY_TASK


@pytest.fixture(scope="module")
def county(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    path = folder / "db.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    clock = FrozenClock(START.replace(day=20))
    store = Store(make_engine(f"sqlite:///{path}"), Blobs(folder / "blobs"), clock)
    made = make_county(store, EVERY_TASK)
    large.fill(made)
    yield made
    store.close()


@pytest.fixture
def browse(county, hub):
    opened = []

    def open_for(who: str) -> Browser:
        browser = Browser(
            build_app(make_portal(county, hub)), base_url=HOST, headers={"origin": HOST}
        )
        browser.__enter__()
        opened.append(browser)
        return log_in(browser, hub, county.people[who])

    # Leaving a browser closes its application's store, which the module still needs.
    yield open_for
    for browser in opened:
        browser.__exit__(None, None, None)


@contextmanager
def counted(county) -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    statements: list[str] = []

    def note(connection, cursor, statement, *_):
        if statement != "BEGIN":
            statements.append(statement)

    event.listen(county.store.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(county.store.engine, "before_cursor_execute", note)


def first_submission(browser) -> str:
    return re.search(r"organize/submissions/([0-9a-f-]{36})", browser.page("organize/").text)[1]


#: Who, page, most queries, most rows. Four queries of each say who asks (with their name). Beside a
#: way into Jupyter five more say how full the school is.
PAGES = [
    ("alice", "", 11, 12),
    ("alice", "units/{unit}", 16, 0),
    ("county", "organize/", 9, 50),
    ("county", "organize/?state=all", 9, 50),
    ("county", "organize/?state=all&page=1400", 9, 50),
    ("county", "organize/?state=failed", 9, 50),
    ("county", "organize/?unit={unit}&state=all", 9, 50),
    ("organizer1", "organize/?state=all", 9, 50),
    ("county", "organize/submissions/{one}", 13, 0),
    ("county", "organize/people", 7, 50),
    ("county", "organize/people?page=700", 7, 50),
    ("county", "organize/people?q=秀", 7, 50),
    ("county", "organize/people?q=3300012", 7, 50),
]


@pytest.mark.parametrize("who, path, most_queries, most_rows", PAGES)
def test_queries_and_rows_of_a_page(county, browse, who, path, most_queries, most_rows):
    browser = browse(who)
    one = first_submission(browser) if "{one}" in path else ""
    path = path.format(unit=county.assignment, one=one)
    assert browser.page(path).status_code == 200
    with counted(county) as statements:
        began = time.perf_counter()
        page = browser.page(path)
        took = time.perf_counter() - began
    print(f"{path} {len(statements)} queries {took * 1000:.0f} ms {len(page.content)} bytes")
    assert page.status_code == 200
    assert len(statements) <= most_queries, statements
    rows = page.text.count('<th scope="row"') + page.text.count('class="card unit-row"')
    if most_rows:
        assert rows <= most_rows
    assert len(page.content) < 200_000
    # Ten times what it takes here when alone: this is about the shape, not the machine.
    assert took < 5


def test_the_number_of_queries_does_not_grow_with_the_rows(county, browse):
    browser = browse("county")
    with counted(county) as few:
        browser.page("organize/people?q=3300000012")
    with counted(county) as many:
        browser.page("organize/people")
    assert len(few) == len(many)


def test_the_count_would_see_a_query_for_each_row(county):
    """The yardstick itself: a page that asks once a row would be far over every bound."""
    from yanxiu.people.reads import people
    from yanxiu.people.reads.directory import PeopleFilter, people_page

    with counted(county) as statements, county.store.read() as session:
        rows = people_page(session, PeopleFilter(("/330199/",)), offset=0, limit=50)
        for row in rows:
            people.person(session, row.id)
    assert len(statements) > 50


def test_pages_of_people_hold_everybody_once(county):
    from yanxiu.people.reads.directory import PeopleFilter, people_count, people_page

    wanted = PeopleFilter(("/330199/",))
    with county.store.read() as session:
        total = people_count(session, wanted)
        seen = [
            row.id
            for offset in range(0, total, 1000)
            for row in people_page(session, wanted, offset=offset, limit=1000)
        ]
    assert total == len(seen) == len(set(seen)) == large.PEOPLE + 6


def test_pages_of_submissions_are_the_list_in_its_order(county):
    from yanxiu.work.reads.listing import Filter, state_counts, submissions_page

    wanted = Filter(("/330199/",))
    with county.store.read() as session:
        total = sum(state_counts(session, wanted).values())
        seen = [
            row
            for offset in range(0, total, 9_000)
            for row in submissions_page(session, wanted, offset=offset, limit=9_000, total=total)
        ]
    assert total == len(seen) == 2 * large.PEOPLE
    assert seen == sorted(seen, key=lambda row: (row.received_at, row.id))
    assert len({row.id for row in seen}) == total
