"""Which organization may stand below which, and what a path tells."""

import itertools

import pytest
from yanxiu.errors import Refused
from yanxiu.people.rules import PARENTS, Kind, check_move, check_parent, county_of

ALLOWED = {
    ("province", None),
    ("city", None),
    ("city", "province"),
    ("county", None),
    ("county", "province"),
    ("county", "city"),
    ("cluster", "city"),
    ("cluster", "county"),
    ("school", "city"),
    ("school", "county"),
    ("school", "cluster"),
    ("school", "school"),  # a teaching point
    ("research_group", "city"),
    ("research_group", "county"),
    ("research_group", "cluster"),
    ("research_group", "school"),
}


def test_every_kind_has_its_parents():
    assert set(PARENTS) == set(Kind)


@pytest.mark.parametrize("kind, above", list(itertools.product(Kind, [None, *Kind])))
def test_what_may_stand_where(kind, above):
    if (kind.value, above.value if above else None) in ALLOWED:
        check_parent(kind, above)
        return
    with pytest.raises(Refused) as refused:
        check_parent(kind, above)
    assert refused.value.code == "organization.parent"


@pytest.mark.parametrize(
    "path, above, fits",
    [
        ("/330199/c1/", "/330199/", True),
        ("/330199/c1/", "/330199/c10/", True),  # a longer code is not below it
        ("/330199/c1/", "/330199/c1/", False),
        ("/330199/c1/", "/330199/c1/2133000001/", False),
    ],
)
def test_nothing_stands_below_itself(path, above, fits):
    if fits:
        check_move(path, above)
        return
    with pytest.raises(Refused):
        check_move(path, above)


@pytest.mark.parametrize(
    "path, code",
    [
        ("/330199/2133000001/", "330199"),
        ("/33/3301/330199/c1/2133000001/", "330199"),
        ("/33/3301/", ""),
        ("/", ""),
    ],
)
def test_the_county_of_a_path(path, code):
    assert county_of(path) == code
