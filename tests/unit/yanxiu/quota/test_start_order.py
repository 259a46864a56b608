"""What a start gets, in one look at the database."""

import pytest
from sqlalchemy import event
from yanxiu.configure import StoreDirectory
from yanxiu.errors import Refused
from yanxiu.people.model import Consent, Credential
from yanxiu.quota.verbs.set_idle_peak import Hours, set_idle_peak

from tests.support.writing import writing

TOLD = {"LANG": "C.UTF-8"}


def order(pools, who):
    county = pools.county
    return StoreDirectory(county.store, county.site).order(county.people[who], TOLD)


def test_a_start_gets_what_the_school_has_today(pools):
    county = pools.county
    assert order(pools, "alice").environment == TOLD
    set_idle_peak(
        county.store, county.actor("organizer1"), county.schools["school1"], Hours(0, 60, 10)
    )
    pools.limit("school1", "storage_mb", per_teacher=7)
    given = order(pools, "alice")
    # Midnight in Shanghai: a server reads its own clock in UTC.
    assert given.environment == {**TOLD, "YANXIU_IDLE_PEAK": "960-1020=10"}
    assert given.granted.limits.disk_mb == 7
    assert given.size.memory_mb == county.site.quota.server_memory_mb
    elsewhere = order(pools, "charlie")
    assert elsewhere.environment == TOLD
    assert elsewhere.granted.limits == county.site.server


def test_who_owes_a_password_or_a_consent_gets_nothing(pools):
    county = pools.county
    with writing(county.store) as session:
        session.get(Credential, county.people["alice"]).must_change = True
        for one in session.query(Consent).filter_by(person_id=county.people["bob"]):
            session.delete(one)
    with pytest.raises(Refused, match=r"password\.change_first"):
        order(pools, "alice")
    with pytest.raises(Refused, match=r"consent\.first"):
        order(pools, "bob")


def test_the_database_is_asked_once_for_each_thing(pools):
    """Twenty start at once, and each waits for all: what is asked is paid twenty times."""
    asked: list[str] = []
    engine = pools.county.store.engine
    order(pools, "alice")

    def note(conn, cursor, statement, *rest):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        order(pools, "alice")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len([one for one in asked if one.startswith("SELECT")]) <= 6, asked
