"""The tree of organizations: which kind may stand below which, and what a path tells.

Pure. A path is the codes from the root down, each followed by ``/``: ``/3301/330199/2133000001/``.
A subtree is a prefix. Nobody needs every level: a county alone may be the root.
"""

import re
from enum import StrEnum

from yanxiu.errors import N_, Refused


class Kind(StrEnum):
    """What an organization is."""

    PROVINCE = "province"  # 省
    CITY = "city"  # 市
    COUNTY = "county"  # 县、市辖区
    CLUSTER = "cluster"  # 教育集团, 学区: several schools
    SCHOOL = "school"  # 学校, 教学点: the home of people
    RESEARCH_GROUP = "research_group"  # 教研组: members may come from several schools


#: What a kind may stand below; an empty place in the tuple means: it may be a root.
PARENTS: dict[Kind, tuple[Kind | None, ...]] = {
    Kind.PROVINCE: (None,),
    Kind.CITY: (None, Kind.PROVINCE),
    Kind.COUNTY: (None, Kind.PROVINCE, Kind.CITY),
    Kind.CLUSTER: (Kind.CITY, Kind.COUNTY),
    Kind.SCHOOL: (Kind.CITY, Kind.COUNTY, Kind.CLUSTER, Kind.SCHOOL),
    Kind.RESEARCH_GROUP: (Kind.CITY, Kind.COUNTY, Kind.CLUSTER, Kind.SCHOOL),
}
_COUNTY_CODE = re.compile(r"[0-9]{6}")


def check_parent(kind: str, above: str | None) -> None:
    """Raise unless an organization of ``kind`` may stand below one of the kind ``above``.

    :param above: None for the root of the tree
    """
    if (Kind(above) if above is not None else None) in PARENTS[Kind(kind)]:
        return
    raise Refused(
        "organization.parent",
        N_(
            "这个单位不能放在那里，没有改动。省在最上面；市在省下；县在市或省下；集团在县或市下；"
            "学校在县、市、集团或中心校下；教研组在学校、集团、县或市下。"
        ),
        status=409,
        kind=kind,
        above=above or "",
    )


def check_move(path: str, above: str) -> None:
    """Raise when the organization at ``path`` would stand below itself."""
    if above.startswith(path):
        raise Refused(
            "organization.below_itself",
            N_("不能放到自己或自己下面的单位里，没有改动。请核对两个代码。"),
            status=409,
        )


def county_of(path: str) -> str:
    """Return the code (GB/T 2260, six digits) of the county that a path leads through.

    >>> county_of("/33/3301/330199/2133000001/"), county_of("/33/")
    ('330199', '')
    """
    return next((code for code in path.split("/") if _COUNTY_CODE.fullmatch(code)), "")
