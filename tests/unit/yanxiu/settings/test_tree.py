"""The site's organizations come out from the root down, or the operator hears why not."""

import pytest
from yanxiu.errors import SettingsError
from yanxiu.settings.model import Site
from yanxiu.settings.tree import tree_of


def site(organizations=None, county_parent=None, school_parent=None):
    return Site.model_validate(
        {
            "name": {"zh_CN": "云溪"},
            "county": {"code": "330199", "name": "云溪县", "parent": county_parent},
            "organizations": organizations or {},
            "schools": {
                "2133000001": {"name": "县三小", "parent": school_parent},
                "2133000002": {"name": "城关镇中心校"},
            },
        }
    )


def parents(found):
    return {node.code: node.parent for node in tree_of(found)}


def test_a_county_alone_is_the_root():
    assert parents(site()) == {"330199": None, "2133000001": "330199", "2133000002": "330199"}


def test_every_level_stands_below_the_one_before():
    found = site(
        {
            "c1": {"kind": "cluster", "name": "城东集团"},
            "3301": {"kind": "city", "name": "云州市", "parent": "33"},
            "33": {"kind": "province", "name": "浙江省"},
        },
        county_parent="3301",
        school_parent="c1",
    )
    order = [node.code for node in tree_of(found)]
    assert order.index("33") < order.index("3301") < order.index("330199") < order.index("c1")
    assert parents(found)["2133000001"] == "c1"
    assert parents(found)["c1"] == "330199"


@pytest.mark.parametrize(
    "found, words",
    [
        (site(county_parent="3301"), ("county.parent", "3301", "organizations")),
        (site(school_parent="c9"), ("schools.2133000001.parent", "c9", "330199")),
        (
            site(
                {
                    "a": {"kind": "city", "name": "甲", "parent": "b"},
                    "b": {"kind": "city", "name": "乙", "parent": "a"},
                }
            ),
            ("organizations.", "绕了一圈"),
        ),
    ],
)
def test_what_is_wrong_is_a_sentence(found, words):
    with pytest.raises(SettingsError) as error:
        tree_of(found)
    assert all(word in str(error.value) for word in words)
