"""Local accounts: one answer for strangers, lockout, first change, reset."""

import pytest
from sqlalchemy import select
from yanxiu.courses.hub_groups import hub_groups
from yanxiu.errors import Invalid, Refused
from yanxiu.login import accounts
from yanxiu.people.model import Credential, Person
from yanxiu.settings.model import LoginSettings
from yanxiu.store.model import AuditEvent

from tests.support.county import County
from tests.support.writing import writing

RULES = LoginSettings(lockout_failures=3, lockout_minutes=15)
GOOD = "云溪-2026-秋"


@pytest.fixture
def alice(lite: County) -> County:
    """A county in which alice chose a password."""
    code = accounts.reset_password(lite.store, "system:test", lite.people["alice"])
    accounts.change_password(lite.store, RULES, lite.people["alice"], code, GOOD)
    return lite


def login(county: County, name: str = "1001", password: str = GOOD) -> accounts.Verdict:
    return accounts.verify_login(county.store, RULES, name, password)


@pytest.mark.parametrize(
    "name",
    [
        "1001",
        "12000001001",
        " 1001 ",
        "１００１",
        "10 01",
        "\u200b1001",
        "120-0000-1001",
        "+86 120 0000 1001",
        "０１２０００００１００１"[1:],
    ],
)
def test_the_login_name_is_teacher_number_or_mobile(alice, name):
    assert login(alice, name).person_id == alice.people["alice"]


def test_the_case_of_a_teacher_number_does_not_matter(lite):
    from tests.support.rosters import SCHOOL1, imported, xlsx

    imported(lite.store, xlsx([("戴老师", "e-7001", "", "", SCHOOL1, "", "", "")]))
    with lite.store.read() as session:
        person_id = session.scalar(select(Person.id).where(Person.name == "戴老师"))
    code = accounts.reset_password(lite.store, "system:test", person_id)
    for typed in ("e-7001", "E-7001", "Ｅ－７００１", " e–7001"):
        assert login(lite, typed, code).person_id == person_id
    with pytest.raises(Invalid, match="weak"):
        accounts.change_password(
            lite.store, LoginSettings(min_password_chars=6), person_id, code, "e-7001"
        )


def test_a_wrong_name_and_a_wrong_password_get_the_same_words(alice):
    wrong, unknown = login(alice, password="x"), login(alice, "nobody", "x")
    assert wrong.person_id is unknown.person_id is None
    assert wrong.refusal.text() == unknown.refusal.text()


def test_three_failures_lock_and_time_unlocks(alice, clock):
    assert [login(alice, password="x").refusal.code for _ in range(3)] == [
        "login.wrong",
        "login.wrong",
        "login.locked",
    ]
    locked = login(alice)
    assert (locked.person_id, locked.refusal.code) == (None, "login.locked")
    assert "15 分钟" in locked.refusal.text()
    clock.advance(minutes=15, seconds=1)
    assert login(alice).person_id == alice.people["alice"]


def test_a_success_forgets_earlier_failures(alice):
    for _ in range(2):
        login(alice, password="x")
    assert login(alice).person_id
    assert login(alice, password="x").refusal.code == "login.wrong"


def test_a_reset_ends_the_old_password_and_the_lock(alice):
    for _ in range(3):
        login(alice, password="x")
    code = accounts.reset_password(alice.store, alice.people["organizer1"], alice.people["alice"])
    assert login(alice).refusal.code == "login.wrong"
    assert login(alice, password=code.lower().replace("-", " ")).person_id
    assert accounts.must_change(alice.store, alice.people["alice"])
    with alice.store.read() as session:
        kept = session.get_one(Credential, alice.people["alice"])
    assert code not in str(vars(kept))


def test_a_code_works_until_a_password_is_chosen(alice):
    code = accounts.reset_password(alice.store, "system:test", alice.people["alice"])
    accounts.change_password(alice.store, RULES, alice.people["alice"], None, GOOD)
    assert login(alice, password=code).person_id is None
    with pytest.raises(Invalid, match=r"password\.old_missing"):
        accounts.change_password(alice.store, RULES, alice.people["alice"], None, GOOD + "1")


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("1234567", "password.length"),  # one too short
        ("x" * 129, "password.length"),
        ("11111111", "password.weak"),
        ("12345678", "password.weak"),
        ("20090901123", "password.weak"),  # digits alone
        ("Qwerty12", "password.weak"),
        ("password", "password.weak"),
        ("12000001001", "password.weak"),  # the mobile number
        (GOOD, "password.weak"),  # the old one
    ],
)
def test_a_bad_new_password_changes_nothing(alice, new, code):
    with pytest.raises(Invalid) as refused:
        accounts.change_password(alice.store, RULES, alice.people["alice"], GOOD, new)
    assert refused.value.code == code
    assert login(alice).person_id


def test_the_old_password_must_be_right(alice):
    with pytest.raises(Invalid, match=r"password\.old_wrong"):
        accounts.change_password(alice.store, RULES, alice.people["alice"], "wrong", GOOD + "1")


def test_a_deactivated_person_cannot_log_in(alice):

    with writing(alice.store) as session:
        session.get_one(Person, alice.people["alice"]).active = False
    assert login(alice).refusal.code == "login.wrong"
    assert not accounts.is_active(alice.store, alice.people["alice"])
    with pytest.raises(Refused):
        accounts.reset_password(alice.store, "system:test", alice.people["alice"])


def test_every_attempt_leaves_an_event_and_no_login_name(alice):
    login(alice), login(alice, password="x"), login(alice, "13900000000", "x")
    with alice.store.read() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.verb.like("login%"))).all()
    assert [(r.verb, r.outcome) for r in rows] == [
        ("login", "done"),
        ("login.refuse", "wrong"),
        ("login.refuse", "unknown"),
    ]
    assert "13900000000" not in str([vars(r) for r in rows])


def test_hub_groups_follow_from_the_records(lite):
    assert hub_groups(lite.store, lite.people["alice"]) == [
        "course-c1",
        "school-2133000001",
    ]
    assert hub_groups(lite.store, "unobody") == []
