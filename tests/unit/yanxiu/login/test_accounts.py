"""Local accounts: one answer for strangers, first change, reset."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select
from yanxiu.courses.hub_groups import hub_groups
from yanxiu.errors import Invalid, Refused
from yanxiu.login import accounts, passwords
from yanxiu.login.guessing import Guesses
from yanxiu.people.model import Credential, Person
from yanxiu.settings.model import LoginSettings
from yanxiu.store.model import AuditEvent

from tests.support.county import County
from tests.support.writing import writing

RULES = LoginSettings(free_tries=3, longest_wait_minutes=15)
GOOD = "云溪-2026-秋"


@contextmanager
def counted_statements(county: County) -> Iterator[list[str]]:
    """Collect what is asked of the database, by the thread that asks."""
    statements: list[str] = []
    here = threading.get_ident()

    def note(connection, cursor, statement, *_):
        if threading.get_ident() == here:
            statements.append(statement)

    event.listen(county.store.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(county.store.engine, "before_cursor_execute", note)


@pytest.fixture
def alice(lite: County) -> County:
    """A county in which alice chose a password."""
    code = accounts.reset_password(lite.store, "system:test", lite.people["alice"])
    change(lite, code, GOOD)
    return lite


def change(county: County, old: str | None, new: str, guesses: Guesses | None = None) -> None:
    accounts.change_password(
        county.store, RULES, guesses or Guesses(RULES), county.people["alice"], old, new
    )


def login(county: County, name: str = "1001", password: str = GOOD) -> accounts.Verdict:
    return accounts.verify_login(county.store, name, password)


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
        rules = LoginSettings(min_password_chars=6)
        accounts.change_password(lite.store, rules, Guesses(rules), person_id, code, "e-7001")


def test_a_wrong_name_and_a_wrong_password_get_the_same_words(alice):
    wrong, unknown = login(alice, password="x"), login(alice, "nobody", "x")
    assert wrong.person_id is unknown.person_id is None
    assert wrong.refusal.text() == unknown.refusal.text()


def test_no_number_of_wrong_passwords_ends_an_account(alice):
    """How often one may try is for ``guessing`` to say, by where one tries."""
    for _ in range(4):
        assert login(alice, password="x").refusal.code == "login.wrong"
    assert login(alice).person_id == alice.people["alice"]


def test_a_wrong_password_costs_the_same_work_whether_there_is_such_a_name(alice, monkeypatch):
    """By what is done, not by seconds: the same questions to the database, one check each."""
    done: list[str] = []
    monkeypatch.setattr(
        accounts, "check_password", lambda hashed, _: done.append(f"argon2 {hashed is None}")
    )

    def work(name: str) -> list[str]:
        done.clear()
        with counted_statements(alice) as statements:
            login(alice, name, "x")
            accounts.glance(alice.store, name, "x")
        return [*statements, *(one.split()[0] for one in done)]

    with_somebody, with_nobody = work("1001"), work("no-such-name")
    assert with_somebody == with_nobody
    assert with_somebody.count("argon2") == 1
    assert not [one for one in with_somebody if one.startswith(("INSERT", "UPDATE"))]


def test_a_glance_knows_codes_and_nothing_else(alice):
    seen = accounts.glance(alice.store, "1001", GOOD)
    assert (seen.person_id, seen.right_code) == (alice.people["alice"], False)
    assert passwords.check_password(seen.password_hash, GOOD)
    code = accounts.reset_password(alice.store, "system:test", alice.people["alice"])
    assert accounts.glance(alice.store, "1001", code).right_code
    assert not accounts.glance(alice.store, "1002", code).right_code
    assert accounts.glance(alice.store, "nobody", code) == accounts.Glance(None, None, False)


def test_a_reset_ends_the_old_password(alice):
    code = accounts.reset_password(alice.store, alice.people["organizer1"], alice.people["alice"])
    assert login(alice).refusal.code == "login.wrong"
    assert login(alice, password=code.lower().replace("-", " ")).person_id
    assert accounts.must_change(alice.store, alice.people["alice"])
    with alice.store.read() as session:
        kept = session.get_one(Credential, alice.people["alice"])
    assert code not in str(vars(kept))


def test_a_code_works_until_a_password_is_chosen(alice):
    code = accounts.reset_password(alice.store, "system:test", alice.people["alice"])
    change(alice, code, GOOD)
    assert login(alice, password=code).person_id is None
    with pytest.raises(Invalid, match=r"password\.old_missing"):
        change(alice, None, GOOD + "1")


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
        change(alice, GOOD, new)
    assert refused.value.code == code
    assert login(alice).person_id


def test_after_a_reset_an_open_session_chooses_no_password(alice):
    accounts.reset_password(alice.store, "system:test", alice.people["alice"])
    with pytest.raises(Invalid, match=r"password\.code_missing"):
        change(alice, None, "whoever-sits-here-1")
    with pytest.raises(Invalid, match=r"password\.old_wrong"):
        change(alice, GOOD, "whoever-sits-here-1")
    # Without the time of the reset it looks like a first code, and they have the account.
    with writing(alice.store) as session:
        session.get_one(Credential, alice.people["alice"]).changed_at = None
    change(alice, None, "whoever-sits-here-1")
    assert login(alice, password="whoever-sits-here-1").person_id


def test_a_first_code_is_not_asked_for_again(lite):
    with lite.store.read() as session:
        assert session.get_one(Credential, lite.people["bob"]).changed_at is None
    with writing(lite.store) as session:
        session.get_one(Credential, lite.people["bob"]).must_change = True
    accounts.change_password(lite.store, RULES, Guesses(RULES), lite.people["bob"], None, GOOD)
    assert login(lite, "1002").person_id


def test_a_right_code_waits_for_nobody(alice):
    guesses = Guesses(RULES)
    code = accounts.reset_password(alice.store, "system:test", alice.people["alice"])
    for _ in range(6):
        with pytest.raises(Refused):
            change(alice, "wrong", GOOD + "1", guesses)
    change(alice, code, GOOD + "1", guesses)


def test_a_change_under_way_does_not_undo_a_reset(alice, monkeypatch):
    hashing, codes = accounts.hash_password, []

    def reset_meanwhile(new):
        codes.append(accounts.reset_password(alice.store, "system:test", alice.people["alice"]))
        return hashing(new)

    monkeypatch.setattr(accounts, "hash_password", reset_meanwhile)
    with pytest.raises(Refused, match=r"password\.changed_meanwhile"):
        change(alice, GOOD, "whoever-sits-here-1")
    assert login(alice, password="whoever-sits-here-1").person_id is None
    assert login(alice, password=codes[0]).person_id
    assert accounts.must_change(alice.store, alice.people["alice"])


def test_the_old_password_must_be_right(alice):
    with pytest.raises(Invalid, match=r"password\.old_wrong"):
        change(alice, "wrong", GOOD + "1")


def test_the_old_password_cannot_be_guessed_at_an_open_session(alice):
    guesses = Guesses(RULES)
    refusals = []
    for number in range(5):
        with pytest.raises(Refused) as refused:
            change(alice, f"guess {number}", GOOD + "1", guesses)
        refusals.append(refused.value.code)
    assert refusals == ["password.old_wrong"] * 3 + ["login.wait"] * 2
    with pytest.raises(Refused, match=r"login\.wait"):
        change(alice, GOOD, GOOD + "1", guesses)
    # Without the counter the sixth guess is as good as the first.
    change(alice, GOOD, GOOD + "1")


def test_what_others_guess_at_their_sessions_makes_nobody_wait(alice):
    rules = LoginSettings(free_tries=10, tries_per_source=20)
    guesses = Guesses(rules)
    for name in ("bob", "charlie", "organizer1"):
        who = alice.people[name]
        accounts.reset_password(alice.store, "system:test", who)
        for _ in range(9):
            with pytest.raises(Invalid, match=r"password\.old_wrong"):
                accounts.change_password(alice.store, rules, guesses, who, "wrong", GOOD)
    change(alice, GOOD, GOOD + "1", guesses)


def test_a_new_password_that_cannot_be_taken_costs_no_check(alice, monkeypatch):
    monkeypatch.setattr(accounts, "check_password", lambda *_: pytest.fail("argon2 for nothing"))
    with pytest.raises(Invalid, match=r"password\.weak"):
        change(alice, GOOD, "12345678")


def test_a_deactivated_person_cannot_log_in(alice):

    with writing(alice.store) as session:
        session.get_one(Person, alice.people["alice"]).active = False
    assert login(alice).refusal.code == "login.wrong"
    assert not accounts.is_active(alice.store, alice.people["alice"])
    with pytest.raises(Refused):
        accounts.reset_password(alice.store, "system:test", alice.people["alice"])


def test_every_attempt_leaves_an_event_and_no_login_name(alice):
    login(alice), login(alice, password="x"), login(alice, "13900000000", "x")
    alice.store.tally.flush()
    with alice.store.read() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.verb.like("login%"))).all()
    assert sorted((r.verb, r.outcome) for r in rows) == [
        ("login", "done"),
        ("login.refuse", "unknown"),
        ("login.refuse", "wrong"),
    ]
    assert "13900000000" not in str([vars(r) for r in rows])


def test_hub_groups_follow_from_the_records(lite):
    assert hub_groups(lite.store, lite.people["alice"]) == [
        "course-c1",
        "school-2133000001",
    ]
    assert hub_groups(lite.store, "unobody") == []


def test_a_change_says_which_login_goes_on_and_a_reset_that_none_does(alice):
    person_id = alice.people["alice"]
    chosen = accounts.last_change(alice.store, person_id)
    assert chosen.kept is None
    with pytest.raises(Invalid):
        accounts.change_password(
            alice.store, RULES, Guesses(RULES), person_id, "wrong", "山中-2026-冬", "here"
        )
    assert accounts.last_change(alice.store, person_id) == chosen
    accounts.change_password(
        alice.store, RULES, Guesses(RULES), person_id, GOOD, "山中-2026-冬", "here"
    )
    changed = accounts.last_change(alice.store, person_id)
    assert changed.kept == "here"
    assert changed.at >= chosen.at
    accounts.reset_password(alice.store, "system:test", person_id)
    assert accounts.last_change(alice.store, person_id).kept is None
    assert accounts.last_change(alice.store, alice.people["bob"]) is None
