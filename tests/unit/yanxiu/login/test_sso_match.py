"""Whom an account belongs to: the roster's order, and doubts for a person's eyes."""

from dataclasses import replace

import pytest
from yanxiu.login.claims import Claims
from yanxiu.login.sso_match import Candidate, Doubt, match

ALICE = Candidate("u1", "艾老师", "1001", "h1", "002X", "2133000001", "330199")
BOB = replace(
    ALICE, person_id="u2", name="包老师", teacher_no="1002", id_hmac="h2", id_last4="0014"
)
NAMESAKE = replace(ALICE, person_id="u3", teacher_no="1003", id_hmac="h3")
HERE = {"county_code": "330199"}
FULL = {"name": "艾老师", "id_last4": "002X", "school_code": "2133000001"}


@pytest.mark.parametrize(
    ("claims", "id_hmac", "people", "expected"),
    [
        # ID number: alone, and stronger than whatever else is written
        ({}, "h1", [BOB, ALICE], "u1"),
        ({"name": "爱老师", "teacher_no": "1002", **HERE}, "h1", [ALICE, BOB], "u1"),
        ({}, "h9", [ALICE], Doubt.NOBODY),
        # teacher number, within the county
        ({"teacher_no": "1001", **HERE}, "", [ALICE], "u1"),
        ({"teacher_no": "1001", "name": "艾老师", **HERE}, "", [ALICE], "u1"),
        ({"teacher_no": "1001", "county_code": "330198"}, "", [ALICE], Doubt.CONTRADICTION),
        ({"teacher_no": "1001"}, "", [ALICE], Doubt.CONTRADICTION),
        ({"teacher_no": "1001", "name": "包老师", **HERE}, "", [ALICE], Doubt.CONTRADICTION),
        ({"teacher_no": "1001", "id_last4": "0014", **HERE}, "", [ALICE], Doubt.CONTRADICTION),
        ({"teacher_no": "1001", **HERE}, "h9", [ALICE], Doubt.CONTRADICTION),
        ({"teacher_no": "1001", **HERE}, "h9", [replace(ALICE, id_hmac=None)], "u1"),
        # school, name and last four, if unique
        (FULL, "", [ALICE], "u1"),
        (FULL, "", [ALICE, NAMESAKE], Doubt.SEVERAL),
        (FULL, "", [ALICE, replace(NAMESAKE, active=False)], "u1"),
        (FULL, "", [replace(ALICE, name="艾 老师")], "u1"),
        ({**FULL, "school_code": "2133000002"}, "", [ALICE], Doubt.NOBODY),
        ({**FULL, "name": ""}, "", [ALICE], Doubt.NOBODY),
        ({**FULL, "id_last4": ""}, "", [ALICE], Doubt.NOBODY),
        ({**FULL, "teacher_no": "9"}, "", [ALICE], Doubt.CONTRADICTION),
        # somebody else's account of this provider is there already
        ({}, "h1", [replace(ALICE, taken=True)], Doubt.TAKEN),
        ({}, "", [], Doubt.NOBODY),
    ],
)
def test_match(claims, id_hmac, people, expected):
    found = match(Claims("s", **claims), id_hmac, people, own_county=False)
    assert (found.person_id if isinstance(found, Candidate) else found) == expected


def test_a_provider_of_this_county_alone_need_not_name_it():
    found = match(Claims("s", teacher_no="1001"), "", [ALICE], own_county=True)
    assert found == ALICE


def test_empty_claims_match_nobody_with_empty_fields():
    blank = Candidate("u9", "", None, None, None, "", "")
    assert match(Claims("s"), "", [blank], own_county=True) is Doubt.NOBODY
