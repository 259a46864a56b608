"""What a login through a provider becomes: a binding, a place in the queue, never a person."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from yanxiu.courses.reads import enrolment
from yanxiu.errors import Refused
from yanxiu.login.model import SsoBinding, SsoRequest
from yanxiu.login.sso import Answer, Desk, SignedIn, Waiting
from yanxiu.login.sso_request import close_request
from yanxiu.people.idnumber import IdKey
from yanxiu.people.model import Credential, OrganizationAlias, Person, RoleGrant
from yanxiu.people.reads import people
from yanxiu.settings.model import Site
from yanxiu.store.model import AuditEvent

from tests.support.writing import writing

ID = "11010519491231002X"
KEY = IdKey(b"k" * 32)
PROVIDER = {
    "kind": "oidc",
    "title": {"zh_CN": "县统一认证"},
    "issuer": "https://sso.example.cn",
    "client_id": "yanxiu",
    "left": ["left"],
    "roles": {"admin": "school_organizer", "county": "county_organizer"},
}
HERE = {"county_code": "330199"}
ALICE = {"sub": "s-alice", "teacher_no": "1001", "name": "艾老师", **HERE}


def desk_of(county, **changes):
    providers = {"xian": {**PROVIDER, **changes}, "sheng": PROVIDER}
    data = {**county.site.model_dump(), "sso": providers}
    return Desk(county.store, Site.model_validate(data), KEY)


@pytest.fixture
def desk(county):
    with writing(county.store) as session:
        alice = session.get_one(Person, county.people["alice"])
        alice.id_hmac, alice.id_last4 = KEY.hmac(ID), ID[-4:]
    return desk_of(county)


def rows(county, table):
    with county.store.read() as session:
        return list(session.scalars(select(table)))


def verbs(county):
    with county.store.read() as session:
        return list(session.scalars(select(AuditEvent.verb).order_by(AuditEvent.id)))


def groups(county, who="alice"):
    with county.store.read() as session:
        return enrolment.hub_groups(session, county.people[who])


def grants(county, who="alice"):
    with county.store.read() as session:
        return sorted(people.grants(session, county.people[who]))


@pytest.mark.parametrize(
    "claims",
    [
        {"id_number": ID},
        {"teacher_no": "1001", **HERE},
        {"name": "艾老师", "id_number": "31002X", "school_code": "2133000001"},
    ],
)
def test_the_first_login_binds_to_the_roster(county, desk, claims):
    before = len(rows(county, Person))
    found = desk.sign_in("xian", Answer({"sub": "s-1", **claims}))
    assert found == SignedIn(county.people["alice"])
    assert len(rows(county, Person)) == before
    (bound,) = rows(county, SsoBinding)
    assert (bound.provider, bound.subject) == ("xian", "s-1")
    assert verbs(county)[-2:] == ["sso.bind", "login"]


def test_the_second_login_needs_nothing_but_the_account(county, desk):
    desk.sign_in("xian", Answer(ALICE))
    assert desk.sign_in("xian", Answer({"sub": "s-alice"})) == SignedIn(county.people["alice"])
    assert len(rows(county, SsoBinding)) == 1


def test_the_same_subject_of_two_providers_is_two_accounts(county, desk):
    bob = {"sub": "7", "teacher_no": "1002", **HERE}
    desk.sign_in("xian", Answer({**ALICE, "sub": "7"}))
    assert desk.sign_in("sheng", Answer(bob)) == SignedIn(county.people["bob"])
    assert desk.sign_in("xian", Answer({"sub": "7"})) == SignedIn(county.people["alice"])


def test_one_person_may_come_by_two_providers(county, desk):
    desk.sign_in("xian", Answer(ALICE))
    assert desk.sign_in("sheng", Answer(ALICE)) == SignedIn(county.people["alice"])


def test_a_second_account_for_the_same_person_waits(county, desk):
    desk.sign_in("xian", Answer(ALICE))
    assert isinstance(desk.sign_in("xian", Answer({**ALICE, "sub": "other"})), Waiting)
    assert [row.doubt for row in rows(county, SsoRequest)] == ["taken"]


@pytest.mark.parametrize(
    ("claims", "org"),
    [
        ({"name": "生老师", "school_code": "2133000001"}, "县三小"),
        ({"name": "生老师", "school_code": "9999999999"}, "云溪县"),
        ({"name": "生老师"}, "云溪县"),
    ],
)
def test_an_unknown_account_waits_with_its_school_or_the_county(county, desk, claims, org):
    before = len(rows(county, Person))
    assert desk.sign_in("xian", Answer({"sub": "s-9", **claims})) == Waiting(org)
    assert desk.sign_in("xian", Answer({"sub": "s-9", **claims})) == Waiting(org)
    assert len(rows(county, SsoRequest)) == 1
    assert len(rows(county, Person)) == before


def test_a_corrected_roster_ends_the_waiting(county, desk):
    claims = {**ALICE, "sub": "s-new", "teacher_no": "1008", "name": "新老师"}
    assert isinstance(desk.sign_in("xian", Answer(claims)), Waiting)
    with writing(county.store) as session:
        bob = session.get_one(Person, county.people["bob"])
        bob.teacher_no, bob.name = "1008", "新老师"
    assert desk.sign_in("xian", Answer(claims)) == SignedIn(county.people["bob"])
    (request,) = rows(county, SsoRequest)
    assert (request.state, request.mobile, request.id_hmac) == ("bound", "", "")


def test_a_refused_account_stays_out_and_learns_whom_to_ask(county, desk):
    stranger = Answer({"sub": "s-9", "school_code": "2133000001"})
    desk.sign_in("xian", stranger)
    with writing(county.store) as session:
        row = session.scalars(select(SsoRequest)).one()
        close_request(row, "refused", county.people["organizer1"], county.store.clock())
    assert desk.sign_in("xian", stranger) == Waiting("县三小", refused=True)


def test_somebody_deactivated_is_neither_bound_nor_let_in(county, desk):
    def set_active(active):
        with writing(county.store) as session:
            session.get_one(Person, county.people["alice"]).active = active

    set_active(False)
    with pytest.raises(Refused) as caught:
        desk.sign_in("xian", Answer(ALICE))
    assert caught.value.code == "sso.inactive"
    assert rows(county, SsoBinding) == []
    set_active(True)
    desk.sign_in("xian", Answer(ALICE))
    set_active(False)
    with pytest.raises(Refused):
        desk.sign_in("xian", Answer(ALICE))
    assert desk.follow("xian", Answer(ALICE), county.people["alice"]) is False


def test_who_has_left_at_the_provider_is_out(county, desk):
    desk.sign_in("xian", Answer(ALICE))
    gone = Answer({**ALICE, "status": "left"})
    assert desk.follow("xian", gone, county.people["alice"]) is False
    assert desk.says_left("xian", gone)
    with pytest.raises(Refused) as caught:
        desk.sign_in("xian", gone)
    assert caught.value.code == "sso.left"


def test_an_account_bound_to_somebody_else_meanwhile_is_out(county, desk):
    desk.sign_in("xian", Answer(ALICE))
    with writing(county.store) as session:
        session.scalars(select(SsoBinding)).one().person_id = county.people["bob"]
    assert desk.follow("xian", Answer(ALICE), county.people["alice"]) is False


def test_somebody_deactivated_while_they_log_in_has_not_logged_in(county, desk, monkeypatch):
    desk.sign_in("xian", Answer(ALICE))
    before, transact = verbs(county), county.store.transact

    def meanwhile(work, audit):
        with writing(county.store) as session:
            session.get_one(Person, county.people["alice"]).active = False
        return transact(work, audit)

    monkeypatch.setattr(county.store, "transact", meanwhile)
    with pytest.raises(Refused, match=r"sso\.inactive"):
        desk.sign_in("xian", Answer(ALICE))
    assert verbs(county)[len(before) :] == ["login.refuse"]


class TestSchool:
    def test_a_change_at_the_provider_moves_the_person(self, county, desk):
        here = {**ALICE, "school_code": "2133000001"}
        desk.sign_in("xian", Answer(here))
        moved = Answer({**here, "school_code": "2133000002"})
        assert desk.follow("xian", moved, county.people["alice"])
        assert "school-2133000002" in groups(county)
        assert "school-2133000001" not in groups(county)
        assert grants(county) == [("teacher", "/330199/2133000002/")]

    def test_what_somebody_organized_ends_with_the_move(self, county, desk):
        claims = {"sub": "s-o", "teacher_no": "1900", "school_code": "2133000001", **HERE}
        desk.sign_in("xian", Answer(claims))
        moved = Answer({**claims, "school_code": "2133000002"})
        assert desk.follow("xian", moved, county.people["organizer1"])
        assert grants(county, "organizer1") == []

    def test_a_provider_that_is_merely_behind_moves_nobody(self, county, desk):
        claims = {**ALICE, "school_code": "2133000002"}
        desk.sign_in("xian", Answer(claims))
        desk.sign_in("xian", Answer(claims))
        assert "school-2133000001" in groups(county)

    @pytest.mark.parametrize("code", ["9999999999", "330199", ""])
    def test_a_school_that_is_none_of_ours_moves_nobody(self, county, desk, code):
        here = {**ALICE, "school_code": "2133000001"}
        desk.sign_in("xian", Answer(here))
        away = Answer({**here, "school_code": code})
        assert desk.follow("xian", away, county.people["alice"])
        assert "school-2133000001" in groups(county)

    def test_the_operator_can_keep_schools_to_the_roster(self, county, desk):
        desk = desk_of(county, follow_school=False)
        here = {**ALICE, "school_code": "2133000001"}
        desk.sign_in("xian", Answer(here))
        desk.follow("xian", Answer({**here, "school_code": "2133000002"}), county.people["alice"])
        assert "school-2133000001" in groups(county)

    def test_an_old_code_of_the_same_school_is_no_move(self, county, desk):
        with writing(county.store) as session:
            now = county.store.clock()
            session.add(
                OrganizationAlias(code="2133000077", org_id=county.schools["school1"], since=now)
            )
        desk.sign_in("xian", Answer({**ALICE, "school_code": "2133000001"}))
        before = verbs(county)
        old = Answer({**ALICE, "school_code": "2133000077"})
        assert desk.follow("xian", old, county.people["alice"])
        assert verbs(county) == before


class TestRoles:
    def test_a_mapped_role_comes_and_goes_with_its_claim(self, county, desk):
        desk.sign_in("xian", Answer({**ALICE, "roles": ["admin", "county", "root"]}))
        assert grants(county) == [
            ("county_organizer", "/330199/"),
            ("school_organizer", "/330199/2133000001/"),
            ("teacher", "/330199/2133000001/"),
        ]
        assert desk.follow("xian", Answer({**ALICE, "roles": []}), county.people["alice"])
        assert grants(county) == [("teacher", "/330199/2133000001/")]

    def test_a_role_given_by_hand_is_not_taken(self, county, desk):
        claims = {"sub": "s-o", "teacher_no": "1900", **HERE}
        desk.sign_in("xian", Answer({**claims, "roles": ["admin"]}))
        desk.sign_in("xian", Answer(claims))
        assert grants(county, "organizer1") == [("school_organizer", "/330199/2133000001/")]

    def test_the_role_moves_with_the_person(self, county, desk):
        here = {**ALICE, "school_code": "2133000001", "roles": ["admin"]}
        desk.sign_in("xian", Answer(here))
        there = Answer({**here, "school_code": "2133000002"})
        assert desk.follow("xian", there, county.people["alice"])
        assert grants(county) == [
            ("school_organizer", "/330199/2133000002/"),
            ("teacher", "/330199/2133000002/"),
        ]

    def test_asking_again_without_news_writes_nothing(self, county, desk):
        answer = Answer({**ALICE, "roles": ["admin"]})
        desk.sign_in("xian", answer)
        before = verbs(county)
        assert desk.follow("xian", answer, county.people["alice"])
        assert verbs(county) == before


def test_nobody_is_asked_for_a_first_password_after_it(county, desk):
    with writing(county.store) as session:
        credential = session.get_one(Credential, county.people["alice"])
        credential.must_change, credential.activation_sha256 = True, "0" * 64
    desk.sign_in("xian", Answer(ALICE))
    (after,) = [row for row in rows(county, Credential) if row.person_id == county.people["alice"]]
    assert (after.must_change, after.activation_sha256) == (False, None)


def test_no_event_holds_a_name_a_number_or_an_account(county, desk):
    desk.sign_in("xian", Answer({**ALICE, "id_number": ID, "phone_number": "13800001001"}))
    desk.sign_in("xian", Answer({"sub": "s-9", "name": "生老师", "teacher_no": "77665544"}))
    with county.store.read() as session:
        events = session.scalars(select(AuditEvent)).all()
        assert session.scalar(select(func.count(RoleGrant.id)))
    text = "".join(f"{e.actor}{e.object_id}{e.outcome}{e.details}" for e in events)
    for secret in ("艾老师", "生老师", "77665544", "13800001001", ID, "s-alice", "s-9"):
        assert secret not in text


def test_answers_show_nothing_in_a_traceback():
    answer = Answer({"name": "艾老师"}, {"refresh_token": "r-1"})
    assert repr(replace(answer)) == "Answer()"
