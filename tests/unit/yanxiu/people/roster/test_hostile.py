"""One file with every defect that organizers' files have: each row ends where it should."""

import pytest

from tests.support.rosters import (
    SCHOOL1,
    SCHOOL2,
    id_number,
    imported,
    plan_of,
    reasons,
    xlsx,
)

LONG = "罗" * 41
WRONG_CHECK = "110105194912310021"
NO_SUCH_DAY = "330199197813150010"

#: Already on the platform, beside the cast of ``tests.support.county``.
KNOWN = [
    ("戴老师", "1101", "13900001101", id_number(1), SCHOOL1, "小学", "数学", ""),
    ("鄂老师", "1102", "13900001102", id_number(2), SCHOOL1, "小学", "语文", ""),
    ("方老师", "1103", "13900001103", id_number(3), SCHOOL1, "小学", "英语", ""),
]

#: (cells, where the row ends: a kind of plan entry, or a part of the reason)
CASES = [
    # ---- people as they should be, in every disguise
    (("高老师", "1201", "13900001201", id_number(11), SCHOOL1, "小学", "数学", "教师"), "add"),
    ((" 买买提 • 艾力 ", 1202.0, "'13900001202", "", 2133000001, "", "", ""), "add"),
    (("买买提.艾合买提", "1203", 13900001203.0, "", SCHOOL1, "", "", ""), "add"),
    (("䶮老师", "１２０４", "139-0000-1204", id_number(14).lower(), SCHOOL1, "", "", ""), "add"),
    (("\ue863老师", "1205", "+86 139 0000 1205", f"'{id_number(15)}", SCHOOL1, "", "", ""), "add"),
    (("欧阳　老师", "1206", "", "１" + id_number(16)[1:], SCHOOL1, "", "", ""), "校验位"),
    (("Alice B. Carroll", "1207", "", "", SCHOOL1, "", "", "教师、教研组长"), "add"),
    # ---- people who are there already
    (("戴老师", "1101", "13900001101", id_number(1), SCHOOL1, "小学", "数学", ""), "same"),
    (("鄂新名", "1102", "13900001102", id_number(2), SCHOOL1, "小学", "语文", ""), "change"),
    (("方老师", "1103", "13900001103", id_number(3), SCHOOL2, "小学", "英语", ""), "move"),
    (("艾老师", "1001", "", "", SCHOOL1, "", "", ""), "same"),
    # ---- names
    (("", "1301", "", "", SCHOOL1, "", "", ""), "没有姓名"),
    (("马?", "1302", "", "", SCHOOL1, "", "", ""), "乱码"),
    (("\ue001老师", "1303", "", "", SCHOOL1, "", "", ""), "造字"),
    (("=cmd|'/c calc'!A1", "1304", "", "", SCHOOL1, "", "", ""), "没有结果的公式"),
    (("@SUM(A1)老师", "1305", "", "", SCHOOL1, "", "", ""), "不像一个姓名"),
    (("倪老师1", "1306", "", "", SCHOOL1, "", "", ""), "不像一个姓名"),
    ((LONG, "1307", "", "", SCHOOL1, "", "", ""), "太长"),
    # ---- ID numbers
    (("李老师", "1401", "", 110105194912310021, SCHOOL1, "", "", ""), "末几位已丢失"),
    (("李明", "1402", "", "1.10105E+17", SCHOOL1, "", "", ""), "末几位已丢失"),
    (("李光", "1403", "", WRONG_CHECK, SCHOOL1, "", "", ""), "校验位不对"),
    (("李华", "1404", "", "110105491231002", SCHOOL1, "", "", ""), "15 位"),
    (("李强", "1405", "", "11010519491231002", SCHOOL1, "", "", ""), "应是 18 位"),
    (("李勇", "1406", "", NO_SUCH_DAY, SCHOOL1, "", "", ""), "出生日期不存在"),
    (("孟一", "1407", "", id_number(47), SCHOOL1, "", "", ""), "身份证号和第"),
    (("孟二", "1408", "", id_number(47), SCHOOL1, "", "", ""), "身份证号和第"),
    # ---- what people log in with
    (("潘老师", "", "", id_number(51), SCHOOL1, "", "", ""), "至少要有一个"),
    (("秦一", "1502", "", "", SCHOOL1, "", "", ""), "教师编号和第"),
    (("秦二", "1502", "", "", SCHOOL1, "", "", ""), "教师编号和第"),
    (("任一", "1503", "13900001503", "", SCHOOL1, "", "", ""), "手机号和第"),
    (("任二", "1504", "13900001503", "", SCHOOL1, "", "", ""), "手机号和第"),
    (("沈老师", "1505", "0571-8765432", "", SCHOOL1, "", "", ""), "手机号应是 11 位"),
    (("唐老师", "12345678901234567890.0", "", "", SCHOOL1, "", "", ""), "add"),
    (("万老师", 12345678901234567890, "", "", SCHOOL1, "", "", ""), "“教师编号”存成了数字"),
    (("夏老师", "编号一", "", "", SCHOOL1, "", "", ""), "只能有字母、数字"),
    (("严老师", "12000002001", "", "", SCHOOL1, "", "", ""), "教师编号已属于"),
    # ---- numbers of others
    (("郑老师", "1002", "", "", SCHOOL1, "", "", ""), "姓名不同"),
    (("戴老师", "1601", "", "", SCHOOL1, "", "", ""), "add"),  # a namesake told apart by numbers
    (("安老师", "1602", "12000001002", "", SCHOOL1, "", "", ""), "手机号已属于"),
    (("包老师", "", "13900001603", "", SCHOOL1, "", "", ""), "已有同名的老师"),
    # ---- schools
    (("白老师", "1701", "", "", "2133009999", "", "", ""), "不在平台的学校里"),
    (("程老师", "1702", "", "", "", "", "", ""), "没有单位代码"),
    # ---- roles
    (("邓老师", "1801", "", "", SCHOOL1, "", "", "校长"), "不认识的角色“校长”"),
    (("范老师", "1802", "", "", SCHOOL1, "", "", "县管理员"), "不能设在这个单位"),
    (("郭老师", "1803", "", "", "330199", "", "", "学校管理员"), "不能设在这个单位"),
    (("韩老师", "1804", "", "", SCHOOL1, "小" * 21, "", ""), "“学段”太长"),
    # ---- the same line twice
    (("江老师", "1901", "", "", SCHOOL1, "", "", ""), "add"),
    (("江老师", "1901", "", "", SCHOOL1, "", "", ""), "重复，请删去一行"),
    # ---- no people
    (("合计", 51, "", "", "", "", "", ""), "nobody"),
    (("", "", "", "", SCHOOL1, "", "", ""), "nobody"),
    (("填表人：校管理员", "", "", "", "", "", "", ""), "nobody"),
    (("姓名", "教师编号", "手机号", "身份证号", "单位代码", "学段", "学科", "角色"), "nobody"),
]
FIRST = 2  # the row of the first case


@pytest.fixture(scope="module")
def hostile():
    return xlsx(row for row, _ in CASES)


@pytest.fixture
def county(lite):
    imported(lite.store, xlsx(KNOWN))
    return lite


def ends(plan):
    found = {entry.row.line: entry.kind.value for entry in plan.entries}
    return found | reasons(plan)


def test_each_row_ends_where_it_should(county, hostile):
    defects = [end for _, end in CASES if end not in ("add", "same", "change", "move")]
    assert len(defects) >= 25
    found = ends(plan_of(county.store, hostile))
    expected = {line: end for line, (_, end) in enumerate(CASES, FIRST)}
    wrong = {
        line: (CASES[line - FIRST][0][:5], found.get(line, "nobody"))
        for line, end in expected.items()
        if end not in found.get(line, "nobody")
    }
    assert wrong == {}
    assert set(found) <= set(expected)


def test_good_rows_come_in_beside_bad_ones_and_twice_changes_nothing(county, hostile):
    good = sum(end == "add" for _, end in CASES)
    first = imported(county.store, hostile)
    assert (first["add"], first["change"], first["move"]) == (good, 1, 1)
    before = everything(county.store)
    second = imported(county.store, hostile)
    assert (second["add"], second["change"], second["move"], second["left"]) == (0, 0, 0, 0)
    assert second["same"] == good + 4
    assert second["problems"] == first["problems"]
    assert everything(county.store) == before


def everything(store):
    """Return people, roles and credentials, all columns."""
    from sqlalchemy import select
    from yanxiu.people.model import Credential, Person, RoleGrant

    with store.read() as session:
        return [
            session.execute(select(model.__table__).order_by(*model.__table__.primary_key)).all()
            for model in (Person, RoleGrant, Credential)
        ]
