"""What an operator's self-test shows of a provider's answer: each claim, and what it was read as."""

import pytest
from yanxiu.login import self_test
from yanxiu.login.claims import read_claims
from yanxiu.settings.sso import CasSettings, OidcSettings

NUMBER = "11010519491231002X"


def settings(**more):
    data = {
        "kind": "oidc",
        "title": {"zh_CN": "县"},
        "issuer": "https://id.example.cn",
        "client_id": "x",
    }
    return OidcSettings.model_validate({**data, **more})  # fmt: skip


def shown(raw, **more):
    ours = settings(**more)
    rows = self_test.explain(raw, read_claims(raw, ours), ours)
    return {row.claim: (row.came, row.read, row.verdict) for row in rows}


def test_each_claim_is_read_missing_or_odd():
    found = shown(
        {"sub": 42, "name": " 艾　老师 ", "teacher_no": ["t0001"], "phone_number": "none", "id_number": NUMBER,
         "school_code": "S7", "roles": ["校管", "x"], "status": ""},
        school_codes={"S7": "2133000001"},
        roles={"校管": "school_organizer"},
    )  # fmt: skip
    assert found["sub"] == ("42", "42", self_test.READ)
    assert found["name"][1:] == ("艾老师", self_test.READ)
    assert found["teacher_no"] == ("['t0001']", "T0001", self_test.READ)
    assert found["phone_number"] == ("none", "", self_test.UNREADABLE)
    assert found["id_number"] == ("*" * 14 + "002X", "***002X", self_test.READ)
    assert found["school_code"] == ("S7", "2133000001", self_test.READ)
    assert found["roles"][1:] == ("school_organizer", self_test.READ)
    assert found["status"] == ("", "", self_test.MISSING)
    assert found["county_code"] == ("", "", self_test.MISSING)


@pytest.mark.parametrize(
    "packed", [NUMBER, [NUMBER], {"no": NUMBER}, f"身份证 {NUMBER}", int(NUMBER[:-1]), list(NUMBER)]
)
def test_an_id_number_is_never_shown_whole(packed):
    ours = settings()
    raw = {"sub": "a", "id_number": packed}
    text = repr(
        [(row.came, row.read) for row in self_test.explain(raw, read_claims(raw, ours), ours)]
    )
    assert NUMBER[:6] not in text and "".join(list(text)).count("1949") == 0
    assert NUMBER not in repr(self_test.explain(raw, read_claims(raw, ours), ours))


def test_what_nobody_asked_for_is_named_and_long_things_are_cut():
    ours = settings(claims={"name": "profile.name"})
    raw = {"sub": "a", "profile": {"name": "艾老师"}, "zzz": "x" * 5000, "email": "a@example.cn"}
    assert self_test.others(raw, ours) == ["email", "zzz"]
    rows = self_test.explain({"sub": "x" * 5000}, None, ours)
    assert max(len(row.came) for row in rows) < 70
    assert {row.read for row in rows} == {""}


def test_cas_is_shown_too():
    ours = CasSettings.model_validate(
        {
            "kind": "cas",
            "title": {"zh_CN": "省"},
            "url": "https://c.example.cn",
            "claims": {"name": "xm"},
        }
    )
    raw = {"xm": ["甄一鸣"], "user": "zhen"}
    found = {row.claim: row.read for row in self_test.explain(raw, read_claims(raw, ours), ours)}
    assert (found["xm"], found["user"]) == ("甄一鸣", "zhen")
