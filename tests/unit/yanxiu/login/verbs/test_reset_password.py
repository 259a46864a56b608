"""A reset gives somebody's power away: only organizers above all that the person holds may."""

import pytest
from yanxiu.errors import NotFound, Refused
from yanxiu.login import accounts
from yanxiu.login.verbs.reset_password import reset_password
from yanxiu.names import new_id
from yanxiu.people.model import RoleGrant
from yanxiu.web.actor import Way

from tests.support.county import County
from tests.support.writing import writing


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("organizer1", True),
        ("county", True),
        ("organizer2", False),
        ("county2", False),
        ("bob", False),
        ("charlie", False),
    ],
)
def test_only_organizers_above_the_school_reset(lite: County, who, allowed):
    if allowed:
        code = reset_password(lite.store, lite.actor(who), lite.people["alice"])
        found = accounts.verify_login(lite.store, "1001", code)
        assert found.person_id == lite.people["alice"]
        return
    with pytest.raises(NotFound):
        reset_password(lite.store, lite.actor(who), lite.people["alice"])


def test_nobody_resets_more_power_than_their_own(lite: County):
    """A teacher of school 1 who also organizes the county is not the school's to reset."""
    with writing(lite.store) as session:
        session.add(
            RoleGrant(
                id=new_id(),
                person_id=lite.people["bob"],
                role="county_organizer",
                org_id=lite.schools["county"],
            )
        )
    with pytest.raises(Refused, match=r"password\.above"):
        reset_password(lite.store, lite.actor("organizer1"), lite.people["bob"])
    assert reset_password(lite.store, lite.actor("county"), lite.people["bob"])


def test_not_oneself_and_not_by_a_servers_token(lite: County):
    with pytest.raises(Refused, match=r"password\.own_reset"):
        reset_password(lite.store, lite.actor("organizer1"), lite.people["organizer1"])
    with pytest.raises(Refused, match=r"way\.session_only"):
        reset_password(lite.store, lite.actor("organizer1", Way.LEARN_TOKEN), lite.people["alice"])


def test_a_role_given_meanwhile_is_seen_by_who_resets(lite: County, monkeypatch):
    """Between the look and the writing the person came to organize the county."""
    transact = lite.store.transact

    def meanwhile(work, audit):
        monkeypatch.undo()
        with writing(lite.store) as session:
            session.add(
                RoleGrant(
                    id=new_id(),
                    person_id=lite.people["alice"],
                    role="county_organizer",
                    org_id=lite.schools["county"],
                )
            )
        return transact(work, audit)

    monkeypatch.setattr(lite.store, "transact", meanwhile)
    with pytest.raises(Refused, match=r"password\.above"):
        reset_password(lite.store, lite.actor("organizer1"), lite.people["alice"])
