"""A disk without room: nobody loses what they typed, and the database is left its share."""

import html
from pathlib import Path

import pytest
import yanxiu
from sqlalchemy import select
from yanxiu.configure import StoreDirectory
from yanxiu.store.full import Full
from yanxiu.store.model import AuditEvent
from yanxiu.work.verbs.ask_export import ask_export
from yanxiu.work.verbs.submit import check_open

from tests.support.full_disk import full_database

REASON = "花名册里少了一个字" * 20


@pytest.fixture(autouse=True)
def _sqlite(site):
    if site.store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no limit that a test could set")


def test_a_form_that_nobody_shows_again_is_shown_again_whole(site, browse):
    browser = browse("alice")
    page = "account/profile"
    with full_database(site.store):
        answer = browser.submit(
            f"{page}/name", {"wanted": "艾" * 20, "reason": REASON}, form_of=page
        )
    assert answer.status_code == 507
    assert "平台的存储空间满了" in answer.text
    assert REASON in html.unescape(answer.text)
    assert 'name="_csrf"' in answer.text
    again = browser.submit(f"{page}/name", {"wanted": "艾" * 20, "reason": REASON}, form_of=page)
    assert again.status_code < 400


def test_with_little_free_no_work_is_taken_and_the_database_goes_on(site, monkeypatch):
    check_open(site.store, site.actor("bob"), site.assignment, None)
    monkeypatch.setattr(site.store, "min_free_percent", 100.1)
    with pytest.raises(Full):
        check_open(site.store, site.actor("bob"), site.assignment, None)
    with site.store.read() as session:
        found = session.scalars(select(AuditEvent.outcome)).all()
    assert found[-1] == "refused storage.full"  # written: there was room for that


def test_with_little_free_nothing_new_is_kept_whoever_brings_it(site, monkeypatch):
    monkeypatch.setattr(site.store, "min_free_percent", 100.1)
    staged = sorted(site.store.blobs.root.rglob("*"))
    with pytest.raises(Full):
        site.store.keep([b"a roster, a course, feedback, an export"])
    with pytest.raises(Full):
        ask_export(site.store, site.actor("county"), "b1-2026", names=True)
    assert sorted(site.store.blobs.root.rglob("*")) == staged


def test_with_little_free_a_server_starts_for_whoever_deletes(site, monkeypatch):
    """That it can do nothing else is the launcher's (tests/integration/sandbox/test_homes.py)."""
    monkeypatch.setattr(site.store, "min_free_percent", 100.1)
    StoreDirectory(site.store, site.site).order(site.actor("alice").person_id, {})


def test_what_brings_work_keeps_it_where_room_is_asked_for():
    """Results of grading are the end of work that was taken: the one exception."""
    rooms = (Path(yanxiu.__file__).parent / room for room in ("work", "courses", "people", "cli"))
    sources = {path for room in rooms for path in room.rglob("*.py")}
    put = {path.name for path in sources if "blobs.put(" in path.read_text(encoding="utf-8")}
    assert put == {"grade.py"}
