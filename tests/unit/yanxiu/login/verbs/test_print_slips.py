"""Slips: a code is as good as its owner's account, so nobody above the printer gets one."""

import pytest
from sqlalchemy import select, update
from yanxiu.errors import NotFound
from yanxiu.login.verbs.activation import print_slips
from yanxiu.names import new_id
from yanxiu.people.model import Credential, Organization, RoleGrant

from tests.support.county import County
from tests.support.writing import writing


def codes(county: County) -> dict[str, str | None]:
    with county.store.read() as session:
        found = session.execute(select(Credential.person_id, Credential.activation_sha256))
        return {row.person_id: row.activation_sha256 for row in found}


def test_a_role_given_while_the_slips_were_drawn_keeps_its_holders_code(lite: County, monkeypatch):
    with writing(lite.store) as session:
        for who in ("alice", "bob"):
            session.merge(Credential(person_id=lite.people[who], must_change=True))
    before, transact = codes(lite), lite.store.transact

    def meanwhile(work, audit):
        monkeypatch.undo()
        with writing(lite.store) as session:
            role = {"role": "county_organizer", "org_id": lite.schools["county"]}
            session.add(RoleGrant(id=new_id(), person_id=lite.people["alice"], **role))
        return transact(work, audit)

    monkeypatch.setattr(lite.store, "transact", meanwhile)
    school = lite.actor("alice").school_id
    print_slips(lite.store, lite.actor("organizer1"), school, site="县", address="http://here/")
    after = codes(lite)
    alice, bob = lite.people["alice"], lite.people["bob"]
    assert after[alice] == before[alice]
    assert after[bob] != before[bob]


def test_a_school_that_moves_while_its_slips_are_drawn_keeps_its_codes(lite: County, monkeypatch):
    with writing(lite.store) as session:
        session.merge(Credential(person_id=lite.people["bob"], must_change=True))
    before, transact = codes(lite), lite.store.transact
    school = lite.actor("alice").school_id

    def meanwhile(work, audit):
        monkeypatch.undo()
        with writing(lite.store) as session:
            moved = update(Organization).where(Organization.id == school)
            session.execute(moved.values(path="/330200/2133000001/"))
        return transact(work, audit)

    monkeypatch.setattr(lite.store, "transact", meanwhile)
    with pytest.raises(NotFound):
        print_slips(lite.store, lite.actor("organizer1"), school, site="县", address="http://here/")
    assert codes(lite) == before
