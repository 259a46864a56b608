"""Claims and settings in, a person out; whatever a provider may send."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from yanxiu.errors import Refused
from yanxiu.login.claims import read_claims
from yanxiu.settings.sso import OidcSettings

ID = "11010519491231002X"


def settings(**changes):
    return OidcSettings.model_validate(
        {
            "kind": "oidc",
            "title": {"zh_CN": "县统一认证"},
            "issuer": "https://sso.example.cn",
            "client_id": "yanxiu",
            **changes,
        }
    )


def test_a_whole_person():
    raw = {
        "sub": "a-1",
        "name": " 阿依古丽•买买提 ",
        "teacher_no": "１００１",
        "phone_number": "+86 138-0000-1001",
        "id_number": ID.lower(),
        "school_code": "S03",
        "county_code": 330199,
        "roles": ["teacher", "school-admin", "superuser"],
        "status": "1",
    }
    found = read_claims(
        raw,
        settings(
            school_codes={"S03": "2133000001"},
            roles={"school-admin": "school_organizer"},
            left=["9"],
        ),
    )
    assert found.subject == "a-1"
    assert found.name == "阿依古丽·买买提"
    assert found.teacher_no == "1001"
    assert found.mobile == "13800001001"
    assert (found.id_number, found.id_last4) == (ID, "002X")
    assert (found.school_code, found.county_code) == ("2133000001", "330199")
    assert found.roles == {"school_organizer"}
    assert found.left is False


@pytest.mark.parametrize(
    ("claim", "raw", "field", "value"),
    [
        ({"teacher_no": "user.no"}, {"user": {"no": "7"}}, "teacher_no", "7"),
        ({"teacher_no": "jobs.0.no"}, {"jobs": [{"no": "8"}]}, "teacher_no", "8"),
        ({"teacher_no": "jobs.1.no"}, {"jobs": [{"no": "8"}]}, "teacher_no", ""),
        ({"teacher_no": "https://x.cn/no"}, {"https://x.cn/no": "9"}, "teacher_no", "9"),
        ({"teacher_no": ""}, {"teacher_no": "9"}, "teacher_no", ""),
        ({}, {"teacher_no": ["1001"]}, "teacher_no", "1001"),  # CAS attributes are lists
        ({}, {"teacher_no": ["1001", "1002"]}, "teacher_no", ""),  # which one?
        ({}, {"teacher_no": {"a": 1}}, "teacher_no", ""),
        ({}, {"teacher_no": True}, "teacher_no", ""),
        ({}, {"teacher_no": "10\n01"}, "teacher_no", ""),
        ({}, {"name": "艾" * 500}, "name", "艾" * 80),
        ({}, {"id_number": "002X"}, "id_last4", "002X"),
        ({}, {"id_number": "1231002X"}, "id_last4", "002X"),
        ({}, {"id_number": "110105194912310021"}, "id_number", ""),  # wrong check digit
        ({}, {"id_number": "***********"}, "id_last4", ""),
        ({}, {"phone_number": "138****1001"}, "mobile", ""),
        ({}, {"phone_number": "0086 138 0000 1001"}, "mobile", "13800001001"),
        ({}, {"teacher_no": " ｅ７００１\u200b"}, "teacher_no", "E7001"),
        ({}, {"name": "阿不都˙艾力"}, "name", "阿不都·艾力"),
        ({}, {"name": "Mary‑Ann  Smith"}, "name", "Mary-Ann Smith"),
        ({}, {"name": "陈\U000323b0"}, "name", "陈\U000323b0"),
        ({}, {"id_number": "11010519491231002х"}, "id_number", ID),
    ],
)
def test_a_claim_is_found_or_empty(claim, raw, field, value):
    found = read_claims({"sub": "a-1", **raw}, settings(claims=claim))
    assert getattr(found, field) == value


@pytest.mark.parametrize("subject", [None, "", " ", "a ", "x" * 256, "a\nb", True, ["a"], {}])
def test_an_account_without_a_usable_subject_is_refused(subject):
    with pytest.raises(Refused) as caught:
        read_claims({"sub": subject}, settings())
    assert caught.value.code == "sso.no_subject"


@pytest.mark.parametrize(("one", "other"), [("abc", "ABC"), ("ａ", "a"), ("1", "01")])
def test_subjects_are_never_tidied_into_each_other(one, other):
    first = read_claims({"sub": one}, settings())
    assert first.subject != read_claims({"sub": other}, settings()).subject


@pytest.mark.parametrize(
    ("status", "left"),
    [("离职", True), ("在职", False), ("", False), (None, False), (["离职"], True)],
)
def test_only_a_named_status_means_left(status, left):
    assert read_claims({"sub": "a", "status": status}, settings(left=["离职"])).left is left


def test_no_status_is_named_unless_the_operator_does():
    assert read_claims({"sub": "a", "status": ""}, settings()).left is False


def test_a_person_in_a_log_says_nothing():
    found = read_claims(
        {"sub": "a-1", "name": "艾老师", "teacher_no": "1001", "id_number": ID}, settings()
    )
    for secret in ("a-1", "艾老师", "1001", ID, "002X"):
        assert secret not in repr(found)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@how(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["name", "roles", "id_number", "school_code"]), json_values))
def test_nothing_that_json_can_say_breaks_the_mapping(raw):
    found = read_claims({**raw, "sub": "a"}, settings(roles={"x": "teacher"}))
    assert found.subject == "a"
    assert len(found.name) <= 80
    assert len(found.school_code) <= 20
