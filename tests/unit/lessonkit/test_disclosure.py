"""What must not be shared is found, what may be shared is not, and no finding repeats a value."""

import numpy as np
import pandas as pd
import pytest
from lessonkit import disclosure
from lessonkit.errors import MarkError, ShapeError

ID = "11010519491231002X"


@pytest.mark.parametrize(
    "column", ["姓名", "学生姓名", "教师名字", "name", "Student_Name", "身份证号", "ID card", "学籍号", "学号",
               "准考证号", "联系电话", "手机", "phone", "家长", "监护人电话", "家庭地址", "邮箱", "微信号", "出生日期"]
)  # fmt: skip
def test_a_column_about_a_person_is_found_by_its_name(column):
    (found,) = disclosure.check(pd.DataFrame({column: ["…", "…"], "班级": ["一", "二"]}))
    assert (found.column, found.row) == (column, None)
    assert found.reason.startswith("这一列像是")
    assert found.what_to_do


@pytest.mark.parametrize(
    "value, reason",
    [
        (ID, "身份证号码"),
        (f"见 {ID.lower()}。", "身份证号码"),
        (13812345678, "手机号码"),
        (13812345678.0, "手机号码"),
        ("打13812345678找我", "手机号码"),
        ("a.b@school.cn", "邮箱"),
    ],
)
def test_a_number_of_a_person_is_found_in_any_cell(value, reason):
    df = pd.DataFrame({"备注": ["好", value]}, index=["甲", "乙"])
    (found,) = disclosure.check(df)
    assert (found.column, found.row) == ("备注", "乙")
    assert reason in found.reason
    assert str(value) not in repr(found)
    column, row, _, what_to_do = found
    assert (column, row, bool(what_to_do)) == ("备注", "乙", True)


@pytest.mark.parametrize(
    "value", ["2026-09-01", 1.5, "138123456789", "1381234567", "第 3 题", 110105194912310]
)
def test_other_numbers_are_nobodys(value):
    assert disclosure.check(pd.DataFrame({"备注": [value]})) == []


@pytest.mark.parametrize(
    "n, k, found", [(0, 5, False), (1, 5, True), (4, 5, True), (5, 5, False), (5, 6, True), (1, 1, False)]
)  # fmt: skip
def test_a_cell_of_few_people(n, k, found):
    df = pd.DataFrame({"等级": ["优", "良"], "人数": [40, n]})
    assert [one.row for one in disclosure.check(df, k=k)] == ([1] if found else [])


@pytest.mark.parametrize(
    "column", ["人数", "n", "count", "学生数", "频数", "优秀人数", "n_students"]
)
def test_columns_that_count_people(column):
    assert len(disclosure.check(pd.DataFrame({column: ["3", None, 50]}))) == 1


def test_other_small_numbers_are_no_people():
    df = pd.DataFrame({"时刻": [0, 3], "编码": [1, 2], "Rt": [0.6, 0.4], "平均分": [3.5, 2.0]})
    assert disclosure.check(df) == []


@pytest.mark.parametrize(
    "df",
    [
        pd.DataFrame({"学生": ["S01", "S02"], "得分": [90, 80]}),
        pd.DataFrame({"得分": [90, 80]}, index=["S01", "S02"]),
        pd.DataFrame({"得分": [90, 80]}, index=pd.Index(["学生1", "学生2"], name="谁")),
    ],
)
def test_a_row_a_pupil_is_found(df):
    (found,) = disclosure.check(df)
    assert found.reason == "一行一名学生"


def test_an_index_named_as_a_person_is_shown_too():
    (found,) = disclosure.check(pd.DataFrame({"得分": [9]}, index=pd.Index(["…"], name="姓名")))
    assert found.column == "姓名"


def test_every_finding_of_a_bad_table_is_named():
    df = pd.DataFrame([["…", 2, 13812345678], ["…", 50, "无"]], columns=["姓名", "人数", "备注"])
    assert [(one.column, one.row) for one in disclosure.check(df)] == [
        ("姓名", None), ("人数", 0), ("备注", 0),
    ]  # fmt: skip


def test_columns_of_one_name_and_of_two_levels():
    df = pd.DataFrame([[3, 4]], columns=["人数", "人数"])
    assert len(disclosure.check(df)) == 2
    counts = pd.DataFrame({("一班", "人数"): [3], ("一班", "平均分"): [3]})
    assert [one.column for one in disclosure.check(counts)] == ["一班 人数"]


@pytest.mark.parametrize(
    "df", [pd.DataFrame(), pd.DataFrame({"a": []}), pd.DataFrame({"a": [np.nan]})]
)
def test_nothing_has_no_finding(df):
    assert disclosure.check(df) == []


def test_only_a_table_and_a_whole_k():
    with pytest.raises(ShapeError, match="DataFrame"):
        disclosure.check([1, 2])
    for k in (0, 2.5, True):
        with pytest.raises(MarkError, match="1 以上"):
            disclosure.check(pd.DataFrame(), k=k)
