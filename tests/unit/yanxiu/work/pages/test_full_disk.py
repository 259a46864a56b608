"""A disk without room: nobody loses what they typed, and the database is left its share."""

import html

import pytest
from sqlalchemy import select
from yanxiu.store.full import Full
from yanxiu.store.model import AuditEvent
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
