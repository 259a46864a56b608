"""Names on a cluster: borders, so what is no code and no id gets none."""

import doctest
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yanxiu.kube import names
from yanxiu.names import new_person_id

ALICE = "uabcdefghij234567"


def test_the_manual_is_right():
    assert doctest.testmod(names).failed == 0


@pytest.mark.parametrize(
    "code",
    [
        "",
        "213300000",
        "21330000011",
        "kube-system",
        "2133000001\n",
        "２１３３０００００１",
        "../2133000001",
    ],
)
def test_what_is_no_code_opens_no_namespace(code):
    with pytest.raises(ValueError, match="school"):
        names.school_namespace(code)


@pytest.mark.parametrize("name", [names.server_pod, names.home_claim, names.server_workload])
@pytest.mark.parametrize("person", ["", "alice", ALICE + "x", ALICE.upper(), ALICE + "\n"])
def test_what_is_no_person_has_no_pod_and_no_home(name, person):
    with pytest.raises(ValueError, match="person"):
        name(person)


def test_every_person_has_names_that_a_cluster_takes():
    person = new_person_id()
    for name in (names.server_pod(person), names.home_claim(person), names.server_workload(person)):
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name)


@given(st.from_regex(r"\A[0-9a-z][0-9a-z-]{0,39}\Z"), st.from_regex(r"\A[0-9a-z][0-9a-z-]{0,39}\Z"))
def test_two_organizations_never_share_a_queue(one, other):
    first, second = names.node("cluster", one), names.node("cluster", other)
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", first)
    assert (first == second) is (one == other)


@pytest.mark.parametrize("text", ["城关学区", "-", "a_b", "A", "x" * 80])
def test_any_text_makes_a_label(text):
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", names.label_value(text))
