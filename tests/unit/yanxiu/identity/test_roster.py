"""Each row of a roster ends where it should, and the same file twice changes nothing."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from yanxiu.errors import SettingsError
from yanxiu.identity.idnumber import IdKey
from yanxiu.identity.roster import apply_roster, read_roster
from yanxiu.store.models import Person

HEADER = ("姓名", "教师编号", "手机号", "身份证号", "单位代码", "角色")
KEY = IdKey(b"k" * 32)


def sheet(tmp_path: Path, *rows: tuple, header: tuple = HEADER) -> Path:
    book = Workbook()
    book.active.append(("某县教师花名册",))
    book.active.append(header)
    for row in rows:
        book.active.append(row)
    path = tmp_path / "roster.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("", "1", "", "", "2133000001", ""), "没有姓名"),
        (("戴老师", "", "", "", "2133000001", ""), "教师编号和手机号"),
        (("戴老师", "1", "", 110105194912310021, "2133000001", ""), "存成了数字"),
        (("戴老师", "1", "", "110105194912310021", "2133000001", ""), "校验位"),
        (("戴老师", "1", "", "", "2133000001", "校长"), "不认识的角色 校长"),
    ],
)
def test_a_defect_is_named_with_its_row(tmp_path, row, reason):
    roster = read_roster(sheet(tmp_path, row))
    [(line, text)] = roster.defects
    assert (line, roster.rows) == (3, [])
    assert reason in text


def test_cells_are_taken_as_people_mean_them(tmp_path):
    row = (
        " 买买提•艾力 ",
        1001.0,
        "'1390000",
        "１１０１０５１９４９１２３１００２ｘ",
        2133000001,
        "教师、学校管理员",
    )
    [one] = read_roster(sheet(tmp_path, row, (None,) * 6)).rows
    assert (one.name, one.teacher_no, one.mobile) == ("买买提·艾力", "1001", "1390000")
    assert (one.id_number, one.org_code) == ("11010519491231002X", "2133000001")
    assert one.roles == ("teacher", "school_organizer")


def test_a_file_that_is_no_roster_says_what_is_needed(tmp_path):
    with pytest.raises(SettingsError, match="姓名、单位代码"):
        read_roster(sheet(tmp_path, header=("甲", "乙")))
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK not really")
    with pytest.raises(SettingsError, match=r"broken\.xlsx: 打不开"):
        read_roster(broken)


def test_the_same_roster_twice_adds_nobody(lite, tmp_path):
    rows = read_roster(
        sheet(
            tmp_path,
            ("戴老师", "1777", "", "11010519491231002X", "2133000001", ""),
            ("艾老师", "1001", "", "", "2133000001", ""),
        )
    ).rows
    assert len(apply_roster(lite.store, rows, KEY, "system:test")[0]) == 1
    assert apply_roster(lite.store, rows, KEY, "system:test") == ([], [])
    with lite.store.read() as session:
        found = session.scalars(select(Person).where(Person.teacher_no == "1777")).one()
    assert found.id_last4 == "002X"
    assert b"110105" not in found.id_cipher
    assert KEY.decrypt(found.id_cipher) == "11010519491231002X"


def test_one_unknown_school_and_nothing_is_written(lite, tmp_path):
    rows = read_roster(
        sheet(
            tmp_path,
            ("戴老师", "1777", "", "", "2133000001", ""),
            ("鄂老师", "1778", "", "", "2133009999", ""),
        )
    ).rows
    added, defects = apply_roster(lite.store, rows, KEY, "system:test")
    assert (added, [line for line, _ in defects]) == ([], [4])
    with lite.store.read() as session:
        assert session.scalar(select(func.count()).where(Person.teacher_no == "1777")) == 0
