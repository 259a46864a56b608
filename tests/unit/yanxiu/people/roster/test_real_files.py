"""What real files did to other people's rosters: read right, or refused with row and reason.

Each kind stands with several inputs: what one school's file shows, the next one has in
another way. What was silent before (a name lost, a wrong login name kept) is a failure.
"""

import io
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook
from yanxiu.errors import Invalid
from yanxiu.people.roster.check import check_table
from yanxiu.people.roster.errorsheet import error_sheet
from yanxiu.people.roster.plan import Plan
from yanxiu.people.roster.read import read_table

from tests.support.rosters import id_number

FILES = Path(__file__).with_name("files")
SCHOOL = "云溪县第三小学"
ZHEN = f"甄一鸣,13900001001,{SCHOOL},"
HEAD = "姓名,手机号,学校,备注"


def checked(content):
    return check_table(read_table(content, "花名册"))


def names(content):
    return [row.name for row in checked(content).rows]


def refusal(content):
    with pytest.raises(Invalid) as found:
        read_table(content, "花名册")
    return found.value


def why(content):
    """Return ``line → sentences`` of the rows to correct."""
    return {
        line: " ".join(problem.text() for problem in found)
        for line, found in checked(content).problems.items()
    }


def text(*lines, end="\n"):
    return end.join(lines) + end


def book(rows, formats=(), sheet_names=()):
    """Return an .xlsx; ``formats`` are ``(cell, number format)``."""
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    for cell, code in formats:
        sheet[cell].number_format = code
    for name in sheet_names:
        made.create_sheet(name).append(["统计", 3])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def old_book(rows, formats=()):
    """Return the same as .xls; ``formats`` are ``(row, column, number format)``."""
    made = xlwt.Workbook(encoding="utf-8")
    sheet = made.add_sheet("教师")
    styles = {}
    for row, column, code in formats:
        styles[row, column] = xlwt.easyxf(num_format_str=code)
    for index, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(index, column, value, styles.get((index, column), xlwt.Style.default_style))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


# ---- a quotation mark that is never closed --------------------------------------------------

QUOTED = [
    HEAD,
    ZHEN,
    f'贾二宝,13900001002,{SCHOOL},"优秀教师',
    *[f"卜三{n},1390000200{n},{SCHOOL}," for n in range(9)],
]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (QUOTED, 3),
        # closed by accident, further down
        ([*QUOTED, f'涂四海,13900001004,{SCHOOL},先进"', ZHEN], 3),
        ([HEAD, f'甄一鸣,13900001001,{SCHOOL},"优秀', f'"贾"二宝,13900001002,{SCHOOL},'], 2),
        # in the name, and in the header
        ([HEAD, ZHEN, f'"卜三川,13900001003,{SCHOOL},', f"涂四海,13900001004,{SCHOOL},"], 3),
        (["姓名,手机号,学校", f'甄一鸣,13900001001,"{SCHOOL}', f"贾二宝,13900001002,{SCHOOL}"], 2),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_open_quotation_mark_is_refused_with_its_line(lines, line, end):
    found = refusal(text(*lines, end=end).encode())
    assert (found.code, found.params["line"]) == ("roster.quote", line)
    assert "引号没有配对" in found.text()


@pytest.mark.parametrize(
    "cell",
    ['"优秀教师\n2019年", ', '"他说""好"""', '优秀"教师"', '"一,二\n三,四"', '"优秀教师'],
    ids=["lines", "doubled", "inside", "commas", "last"],
)
def test_quotation_marks_that_are_meant_lose_nobody(cell):
    last = cell if cell == '"优秀教师' else f"{cell}\n贾二宝,13900001002,{SCHOOL},"
    content = text(HEAD, f"甄一鸣,13900001001,{SCHOOL},{last}")
    assert names(content.encode()) == ["甄一鸣", "贾二宝"][: content.count("1390000")]


# ---- two encodings, half an encoding, bytes of nothing ------------------------------------

GBK, UTF8 = text(HEAD, f"卜川,13900003002,{SCHOOL},"), f"皇甫三川,13900003003,{SCHOOL},\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (GBK.encode("gbk") + UTF8.encode(), 3),
        (GBK.encode() + UTF8.encode("gbk"), 3),
        (GBK.encode("gbk") + "贾二宝,13900003004,2133000001,\n".encode() * 2, 3),
        ((GBK + UTF8).encode("gbk").replace("皇甫三川".encode("gbk"), "皇甫三川".encode()), 3),
        (GBK.encode("utf-16") + UTF8.encode(), 3),
        (GBK.encode("utf-16") + GBK.encode("utf-16-be"), None),
    ],
    ids=["gbk-utf8", "utf8-gbk", "short", "one-cell", "utf16-utf8", "utf16-both"],
)
def test_two_encodings_in_one_file_are_refused(content, line):
    found = refusal(content)
    assert found.code in {"roster.mixed", "roster.encoding"}
    if line:
        assert found.params["line"] == line


RARE_GBK = text(HEAD, f"濮峰安,13900003001,{SCHOOL},浠水", f"骆璐妤,13900003002,{SCHOOL},")


@pytest.mark.parametrize(
    "content",
    [
        RARE_GBK.encode("gbk"),
        RARE_GBK.encode("gb18030"),
        RARE_GBK.encode("utf-16-le"),  # without its mark
        "\ufeff".join([RARE_GBK, "\ufeff" + RARE_GBK]).encode(),
        RARE_GBK.encode() + b"\0" * 513,
        RARE_GBK.encode("gbk") + b"\0" * 5,
        RARE_GBK.encode("utf-16") + b"\0" * 511,
        RARE_GBK.encode() + b"\r\n\x1a",
    ],
    ids=["gbk", "gb18030", "utf16", "joined", "nul", "gbk-nul", "utf16-nul", "ctrl-z"],
)
def test_what_is_odd_and_whole_is_read(content):
    found = checked(content)
    assert {row.name for row in found.seen} == {"濮峰安", "骆璐妤"}
    assert not any("乱码" in text for text in why(content).values())


def test_a_hole_in_the_middle_is_refused():
    found = refusal(text(HEAD, ZHEN).encode() + b"\0" * 512 + ZHEN.encode())
    assert (found.code, found.params["line"]) == ("roster.zero_bytes", 3)


# ---- separators -----------------------------------------------------------------------------

REMARK = "兼任班主任，少先队辅导员，教研组长，图书室管理员；校车值班，德育，体育"


@pytest.mark.parametrize("comma", list("\t,;，；|"))
def test_the_header_says_what_separates(comma):
    rows = [HEAD.split(","), *[[f"甄一{n}", f"1390000200{n}", SCHOOL, REMARK] for n in "一二三"]]
    rows = [[cell.replace(comma, " ") for cell in row] for row in rows]
    content = text(*[comma.join(row) for row in rows])
    found = checked(content.encode())
    assert [row.org_name for row in found.seen] == [SCHOOL] * 3
    assert [row.name for row in found.seen] == ["甄一一", "甄一二", "甄一三"]


def test_a_line_typed_with_other_commas_is_a_row_to_correct():
    content = text(HEAD, ZHEN, f"贾二宝，13900001002，{SCHOOL}，")
    assert list(why(content.encode())) == [3]


def test_excels_line_about_the_separator_is_no_roster():
    assert names(text("sep=;", HEAD.replace(",", ";"), ZHEN.replace(",", ";")).encode()) == [
        "甄一鸣"
    ]


# ---- dates, times, zeros ---------------------------------------------------------------------

NUMBERS = ["姓名", "教师编号", "学校"]


@pytest.mark.parametrize(
    ("value", "code", "end"),
    [
        (date(2026, 3, 12), 'm"-"d', "变成了日期（2026-03-12）"),
        (datetime(2026, 3, 12, 8, 30), "yyyy-mm-dd hh:mm", "变成了日期"),
        (time(8, 30), "h:mm:ss", "变成了时间（08:30:00）"),
        (46093, 'm"月"d"日"', "变成了日期"),
        (1.5, "[h]:mm", "变成了时间"),
        (0.354166, "General", "带小数"),
        ("3-13", "General", "3-13"),
        (12, "0000", "0012"),
        (12, '"T"0000', "T0012"),
        (12, "0000_ ;[Red]-0000", "0012"),
        (7, "00\\-00", "00-07"),
        (312000, "General", "312000"),
        (1234, "#,##0.00", "1234"),
        (110105194912310021, "0", "末几位已丢失"),
    ],
)
def test_what_a_spreadsheet_made_of_a_number_is_told_or_undone(value, code, end):
    content = book([NUMBERS, ["甄一鸣", value, SCHOOL]], [("B2", code)])
    found = checked(content)
    if found.problems:
        assert end in why(content)[2]
        assert "“教师编号”" in why(content)[2] or "教师编号是" in why(content)[2]
    else:
        assert found.rows[0].teacher_no == end


@pytest.mark.parametrize(
    ("value", "code", "end"),
    [
        (date(2026, 3, 12), "m-d", "变成了日期（2026-03-12）"),
        (0.3541666, "h:mm", "变成了时间"),
        (12, "0000", "0012"),
        (12, "General", "12"),
    ],
)
def test_the_same_in_a_workbook_of_before_2007(value, code, end):
    content = old_book([NUMBERS, ["甄一鸣", value, SCHOOL]], [(1, 1, code)])
    found = checked(content)
    assert end in (why(content)[2] if found.problems else found.rows[0].teacher_no)


@pytest.mark.parametrize(
    ("value", "end"),
    [
        ("2026/3/12", "日期"),
        ("2026-03-12", "日期"),
        ("3月12日", "日期"),
        ("12-Mar", "日期"),
        ("8:30", "时间"),
        ("08:30:00", "时间"),
        ("3-13", None),
        ("2026-312", None),
        ('="0012"', None),
    ],
)
def test_dates_and_times_in_text_are_told_too(value, end):
    found = why(text("姓名,教师编号,学校", f"甄一鸣,{value},{SCHOOL}").encode())
    assert (end in found[2]) if end else (found == {})


def test_a_column_of_dates_that_nobody_needs_does_no_harm():
    rows = [[*NUMBERS, "出生日期"], ["甄一鸣", "E7001", SCHOOL, date(1990, 3, 12)]]
    assert names(book(rows)) == ["甄一鸣"]


# ---- digits that are lost for good -----------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "end"),
    [
        ("110101197001038000", "000 结尾"),  # its check digit is right, by chance
        ("110101199003071200", "末几位已丢失"),
        ("110101199003071000", "末几位已丢失"),
        ("1.10101E+17", "末几位已丢失"),
        ("1,10101E+17", "末几位已丢失"),
        ("11010119900301014х", ""),
        ("11010119900304012×", ""),
        ("‘11010119900305015X", ""),
        ("11010119900308013Χ", ""),
        ("11010119900312012*", ""),
        ("11010119900313015Ⅹ", ""),
        ("11010119900313015Ｘ", ""),
        ("1l0101199003130155", "“L”不对"),
        ("11010119900313O15X", "“O”不对"),
        ("11010119900313015Y", "“Y”不对"),
    ],
)
def test_an_id_number_is_understood_or_told(number, end):
    content = text("姓名,手机号,学校,身份证号", f'甄一鸣,13900009000,{SCHOOL},"{number}"')
    found = why(content.encode())
    assert (end in found[2]) if end else (found == {})


def test_a_real_number_with_three_zeros_is_believed_among_many_good_ones():
    rows = [f"甄{chr(0x4E00 + n)},139000{n:05},{SCHOOL},{id_number(n)}" for n in range(40)]
    odd = f"贾二宝,13900099999,{SCHOOL},110101197001038000"
    assert why(text("姓名,手机号,学校,身份证号", *rows, odd).encode()) == {}
    lost = f"卜三川,13900099998,{SCHOOL},110101199003071200"
    found = why(text("姓名,手机号,学校,身份证号", *rows, odd, lost).encode())
    assert list(found) == [43, 42]


@pytest.mark.parametrize("column", ["教师编号", "手机号", "单位代码"])
def test_lost_digits_are_told_in_every_column(column):
    row = {"教师编号": "E1", "手机号": "13900009000", "单位代码": "2133000001"} | {
        column: "1.39E+10"
    }
    content = text(",".join(["姓名", *row]), ",".join(["甄一鸣", *row.values()]))
    assert f"“{column}”存成了数字" in why(content.encode())[2]


# ---- errors -----------------------------------------------------------------------------------

ERRORS = ["姓名", "教师编号", "手机号", "学校", "学科", "身份证号"]


def test_error_cells_are_named_with_their_columns():
    rows = [
        ERRORS,
        ["甄一鸣", "E7001", "#N/A", SCHOOL, "#REF!", "#N/A"],
        ["贾二宝", "E7002", "13900007012", SCHOOL, "是#N/A的", None],
        ["#NAME?", "E7003", "13900007013", SCHOOL, "", None],
    ]
    found = why(book(rows))
    assert list(found) == [2, 4]
    assert [name in found[2] for name in ("“手机号”", "“学科”", "“身份证号”")] == [True] * 3
    assert "“姓名”这一格是公式的错误值 #NAME?" in found[4]


def test_errors_in_a_workbook_of_before_2007_are_no_empty_cells():
    made = xlwt.Workbook(encoding="utf-8")
    sheet = made.add_sheet("教师")
    for column, value in enumerate(ERRORS):
        sheet.write(0, column, value)
    for column, value in enumerate(["甄一鸣", "E7001", "13900007001", SCHOOL]):
        sheet.write(1, column, value)
    sheet.row(1).set_cell_error(4, "#REF!")
    sheet.row(1).set_cell_error(5, 0x2A)
    out = io.BytesIO()
    made.save(out)
    found = why(out.getvalue())[2]
    assert "“学科”这一格是公式的错误值 #REF!" in found
    assert "“身份证号”这一格是公式的错误值 #N/A" in found


@pytest.mark.parametrize("value", ["#N/A", "#REF!", "#DIV/0!", "＃N/A", "Err:502", " #value! "])
def test_errors_that_became_text_are_told_too(value):
    content = text("姓名,手机号,学校,学科", f"甄一鸣,13900007012,{SCHOOL},{value}")
    assert "“学科”这一格是公式的错误值" in why(content.encode())[2]


# ---- passwords --------------------------------------------------------------------------------


def locked(content, password):
    out = io.BytesIO()
    file = OOXMLFile(io.BytesIO(content))
    file.encrypt(password, out)
    return out.getvalue()


def test_a_password_is_said_to_be_one():
    assert refusal((FILES / "b05-open-password-abc123.xlsx").read_bytes()).code == "roster.password"


def test_any_other_password_is_said_to_be_one_too():
    content = book([["姓名", "手机号", "学校"], ["甄一鸣", "13900001001", SCHOOL]])
    assert refusal(locked(content, "花名册2026")).code == "roster.password"
    assert names(locked(content, "VelvetSweatshop")) == ["甄一鸣"]
    damaged = bytearray(locked(content, "VelvetSweatshop"))
    damaged[len(damaged) // 2 :] = b"\0" * (len(damaged) - len(damaged) // 2)
    assert refusal(bytes(damaged)).code in {"roster.password", "roster.not_a_workbook"}


@pytest.mark.parametrize(
    "name",
    [
        "b05-default-password-velvet.xlsx",
        "p01-chart-sheet-first.xlsx",
        "p03-strict-ooxml.xlsx",
        "p07-no-styles-part.xlsx",
    ],
)
def test_what_other_programs_write_is_read(name):
    assert names((FILES / name).read_bytes()) == ["甄一鸣"]


def test_a_carriage_return_in_every_cell_is_no_part_of_it():
    rows = [["姓名", "手机号", "学校"], ["甄一鸣_x000D_", "13900007002_x000D_", SCHOOL]]
    assert names(book(rows)) == ["甄一鸣"]


def test_control_characters_break_neither_names_nor_the_error_sheet(clock):
    content = text(HEAD, f"甄\x0b一鸣,13900016001,{SCHOOL},", f",13900016002,{SCHOOL},a\x0cb\x1f")
    table = read_table(content.encode(), "花名册")
    found = check_table(table)
    assert [row.name for row in found.rows] == ["甄一鸣"]
    assert list(found.problems) == [3]
    plan = Plan(problems=found.problems)
    assert error_sheet(table, plan, clock()).startswith(b"PK")


# ---- far cells -------------------------------------------------------------------------------

ROWS = [["姓名", "手机号", "学校"], ["甄一鸣", "13900007003", SCHOOL]]


def with_cells(*cells):
    made = Workbook()
    for row in ROWS:
        made.active.append(row)
    for cell, value in cells:
        made.active[cell] = value
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "cells",
    [
        [("C1048576", " ")],
        [("XFD1048576", "　")],
        [("XFD2", "\u200b"), ("A1048576", " ")],
        [("BH90000", " ")],
    ],
)
def test_blanks_far_away_are_nothing(cells):
    table = read_table(with_cells(*cells), "花名册")
    assert [line.cells["name"] for line in table.lines] == ["甄一鸣"]
    assert table.left_over == []


def test_a_person_far_away_is_not_lost():
    found = refusal(with_cells(("A1048576", "贾二宝")))
    assert (found.code, found.params["cell"]) == ("roster.far_cell", "A1048576")
    table = read_table(with_cells(("ZZ2", "备注"), ("XFD1048576", " ")), "花名册")
    assert [problem.code for problem in table.left_over] == ["columns"]


# ---- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("陈\U00031350", "陈\U00031350"),  # extension H
        ("卜\U0002ebf0川", "卜\U0002ebf0川"),  # I
        ("赵\U000323b0", "赵\U000323b0"),  # J
        ("赵\U0003347f", "赵\U0003347f"),
        ("赵\U0003fffd", "赵\U0003fffd"),  # to come
        ("吴〇一", "吴〇一"),
        ("Mary-Ann Smith", "Mary-Ann Smith"),
        ("Mary‑Ann Smith", "Mary-Ann Smith"),
        ("Seán O’Brien", "Seán O’Brien"),
        ("Sean O'Brien", "Sean O'Brien"),
        ("བཀྲ་ཤིས", "བཀྲ་ཤིས"),
        ("Нурлан Әли", "Нурлан Әли"),
        ("阿依古丽。买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("古丽·\u200b买买提", "古丽·买买提"),
        ("甄⼀鸣", "甄一鸣"),
        ("葛\U000e0100明", "葛明"),
        ("\u202d甄一鸣\u202c", "甄一鸣"),
        *[(f"阿不都{dot}艾力", "阿不都·艾力") for dot in "·•・･‧∙⋅●˙｡。.．᛫⸱ꞏᐧ·ㆍ◦⦁"],
    ],
)
def test_names_of_people(name, end):
    assert names(text("姓名,手机号,学校", f"{name},13900008000,{SCHOOL}").encode()) == [end]


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("李⻢", "“⻢”（U+2EE2）是部首，不是汉字。请改成“马”"),
        ("⻩一鸣", "请改成“黄”"),
        ("李⿰马也", "是部首，不是汉字"),
        ("吴○一", "是“〇”吗"),
        ("吴0一", "是“〇”吗"),
        ("买买提-艾力", "请用间隔号“·”"),
        ("甄*鸣", "乱码或遮住的字"),
        ("甄□鸣", "乱码或遮住的字"),
        ("甄一鸣😀", "不像一个姓名：“😀”（U+1F600）"),
        ("甄\U000f0000鸣", "造字（U+F0000）"),
        ("甄", "只有一个字"),
        ('"甄一鸣\n贾二宝"', "好像有几个人"),
    ],
)
def test_what_is_no_name_is_told_with_its_character(name, end):
    found = why(text("姓名,手机号,学校", f"{name},13900008000,{SCHOOL}").encode())
    assert end in found[2]


# ---- what of a file was not read --------------------------------------------------------------


def left(content):
    return [problem.code for problem in read_table(content, "花名册").left_over]


def test_every_row_of_a_file_is_accounted_for():
    rows = [
        ["县三小花名册"],
        ["序号", *NUMBERS],
        [1, "甄一鸣", "E1", SCHOOL],
        [2, "贾二宝", "E2", SCHOOL],
        [3],
        [],
        ["合计", 2],
        ["审核人：", "校管理员"],
    ]
    table = read_table(book(rows), "花名册")
    assert table.tally == {"rows": 8, "people": 2, "others": 5, "blank": 1, "unclear": 0}
    assert table.left_over == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (book([NUMBERS, ["甄一鸣", "E1", SCHOOL]], sheet_names=["二小"]), "others"),
        (
            book([["备注", *NUMBERS], ["", "甄一鸣", "E1", SCHOOL], ["贾二宝", "", "", SCHOOL]]),
            "unclear",
        ),
        (book([["贾二宝", "E2", SCHOOL], NUMBERS, ["甄一鸣", "E1", SCHOOL]]), "unclear"),
        (text("姓名,手机号,学校" + "," * 300 + "电话", ZHEN + "," * 300 + "1").encode(), "columns"),
    ],
    ids=["sheet", "shifted", "sorted", "wide"],
)
def test_what_was_not_read_is_named(content, code):
    assert left(content) == [code]


def test_another_header_with_other_columns_is_refused():
    rows = [
        NUMBERS,
        ["甄一鸣", "E1", SCHOOL],
        ["学校", "姓名", "教师编号"],
        [SCHOOL, "贾二宝", "E2"],
    ]
    found = refusal(book(rows))
    assert (found.code, found.params["line"]) == ("roster.second_header", 3)


def test_kinds_of_tables_that_cannot_be_read_whole_are_refused():
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("content.xml", "<office/>")
    assert refusal(out.getvalue()).code == "roster.other_workbook"
