"""The same people come out of every kind of file, and no file can hurt the platform."""

import io
import time
import zipfile

import pytest
from openpyxl import Workbook
from yanxiu.errors import Invalid
from yanxiu.people.roster.check import check_table
from yanxiu.people.roster.read import read_table

from tests.support.rosters import HEADER, SCHOOL1, SCHOOL2, csv_text, id_number, xls, xlsx

ROWS = [
    ("艾老师", "1001", "13900001001", id_number(1), SCHOOL1, "小学", "数学", "教师"),
    ("买买提·艾力", "0012", "", "", SCHOOL1, "", "", "教师、教研组长"),
]
RARE = [*ROWS, ("䶮老师", "1003", "", "", SCHOOL2, "", "", "")]


def people(content, name="r"):
    return check_table(read_table(content, name)).rows


def strip(rows):
    return [(row.name, row.teacher_no, row.id_number, row.org_code, row.roles) for row in rows]


EXPECTED = strip(people(xlsx(RARE)))


@pytest.mark.parametrize(
    "content",
    [
        xlsx(RARE, title="某县教师花名册"),
        xls(RARE),
        csv_text(RARE).encode(),
        csv_text(RARE).encode("utf-8-sig"),
        csv_text(RARE).encode("gb18030"),
        csv_text(RARE, comma="\t").encode("utf-16"),  # "Unicode text" of Excel
        csv_text(RARE, comma=";").encode("gb18030"),
        csv_text(RARE).replace("\r\n", "\n").encode(),
        csv_text(RARE).replace(",0012,", ',"=""0012""",').encode(),
    ],
    ids=["xlsx", "xls", "utf-8", "bom", "gb18030", "utf-16", "semicolon", "unix", "excel-text"],
)
def test_every_format_says_the_same(content):
    assert strip(people(content)) == EXPECTED
    assert [row.name for row in people(content)] == ["艾老师", "买买提·艾力", "䶮老师"]


def test_gbk_is_read_too():
    """䶮 is not in GBK, the middle dot is; domain: 姓名 is d0d5c3fb."""
    content = csv_text(ROWS).encode("gbk")
    assert content.startswith(b"\xd0\xd5\xc3\xfb")
    assert strip(people(content)) == EXPECTED[:2]


def test_columns_in_any_order_and_under_many_names():
    header = ("序号", "* 身份证号码", "所在学校", "教师姓名（必填）", "工 号", "备注")
    table = read_table(xlsx([(1, id_number(1), "县三小", "艾老师", 1001, "新")], header), "r")
    [row] = check_table(table).rows
    assert (row.name, row.teacher_no, row.org_name) == ("艾老师", "1001", "县三小")
    assert row.id_number == id_number(1)
    assert [note.text() for note in table.notes] == ["没有用到的列：序号、备注。"]


def test_merged_blocks_spread_schools_and_never_people():
    rows = [
        ("艾老师", "1001", "", "", SCHOOL1, "小学", "", ""),
        ("", "1002", "", "", "", "", "", ""),
        ("包老师", "1003", "", "", "", "", "", ""),
    ]
    content = xlsx(rows, merged=["A2:A3", "E2:E4", "F2:F4"])
    checked = check_table(read_table(content, "r"))
    assert [(row.name, row.org_code, row.stage) for row in checked.seen] == [
        ("艾老师", SCHOOL1, "小学"),
        ("", SCHOOL1, "小学"),
        ("包老师", SCHOOL1, "小学"),
    ]
    assert list(checked.problems) == [3]


def test_hidden_rows_and_lines_left_out_are_told():
    rows = [*ROWS, ("合计", 2, "", "", "", "", "", ""), ("", "", "", "", "", "", "", "")]
    table = read_table(xlsx(rows, title="花名册", hidden=[3]), "r")
    assert [line.number for line in table.lines] == [3, 4]
    told = " ".join(note.text() for note in table.notes)
    assert "有 1 行在表里是隐藏的（第 3 行）" in told
    assert "没有当作教师：第 5 行" in told


def test_the_sheet_with_names_is_read_and_the_others_told():
    book = Workbook()
    book.active.title = "说明"
    book.active.append(["请填写下一张表"])
    book.create_sheet("填写说明").append(["模板自带的，不用提"])
    sheet = book.create_sheet("名单")
    sheet.append(HEADER)
    sheet.append(ROWS[0])
    secret = book.create_sheet("藏起来的")
    secret.append(HEADER)
    secret.append(ROWS[1])
    secret.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    table = read_table(out.getvalue(), "r")
    assert [line.cells["name"] for line in table.lines] == ["艾老师"]
    assert [problem.text() for problem in table.left_over] == [
        "文件里还有别的表没有读：说明。",
        "隐藏的表里也有姓名，没有读：藏起来的。",
    ]


@pytest.mark.parametrize(
    "document, number, kept",
    [
        ("护照", "e1234567", "PP:E1234567"),
        ("港澳居民来往内地通行证", "H12345678", "HM:H12345678"),
        ("居民身份证", id_number(3), id_number(3)),
    ],
)
def test_other_documents_have_no_check_character(document, number, kept):
    header = (*HEADER[:5], "证件类型")
    [row] = people(xlsx([("艾老师", "1001", "", number, SCHOOL1, document)], header))
    assert (row.id_number, row.last4) == (kept, kept[-4:])


# ---- files that mean harm -------------------------------------------------------------------


def with_sheet(xml: bytes) -> bytes:
    """Return a workbook whose sheet is ``xml``."""
    source, out = zipfile.ZipFile(io.BytesIO(xlsx(ROWS))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for info in source.infolist():
            is_sheet = info.filename == "xl/worksheets/sheet1.xml"
            pack.writestr(info.filename, xml if is_sheet else source.read(info))
    return out.getvalue()


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData>%s</sheetData></worksheet>"
)
#: Two cells, and a table of 17 thousand million between them.
FAR = SHEET % (
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
    b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>b</t></is></c></row>'
)


def lies() -> bytes:
    """Return a workbook that names 500 bytes for a sheet of a million."""
    xml = SHEET % (b" " * 1_000_000)
    return with_sheet(xml).replace(len(xml).to_bytes(4, "little"), (500).to_bytes(4, "little"))


@pytest.mark.parametrize(
    "make, code",
    [
        (lambda: with_sheet(FAR), r"roster\.far_cell"),
        (lambda: with_sheet(SHEET % (b" " * 301_000_000)), r"roster\.too_large"),
        (lies, r"roster\.not_a_workbook"),
    ],
    ids=["far", "bomb", "lies"],
)
def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(make, code):
    content = make()
    assert len(content) < 400_000
    began = time.monotonic()
    with pytest.raises(Invalid, match=code):
        read_table(content, "坏.xlsx")
    assert time.monotonic() - began < 30


def test_what_is_no_text_at_all_is_refused():
    with pytest.raises(Invalid, match=r"roster\.encoding"):
        read_table(bytes(range(256)) * 20, "坏.csv")


def test_the_same_field_twice_is_not_guessed():
    with pytest.raises(Invalid) as refusal:
        read_table(xlsx([("艾老师", "1", "2")], ("姓名", "手机", "联系电话")), "r")
    assert "“手机”和“联系电话”是同一项" in refusal.value.text()
