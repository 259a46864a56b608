"""What a value may be, when it is complete, and what is said otherwise."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worksheet import forms

BLANK = {"n": None, "p": None}
CHART = {"kind": "bar", "x": "topic", "y": "p", "points": {"one": 0.5, "two": 1}}


@pytest.mark.parametrize(
    "typed, number",
    [
        ("12", 12),
        (" 0.65 ", 0.65),
        ("１２．５", 12.5),  # a Chinese keyboard
        ("0。5", 0.5),
        ("−3", -3),
        ("42人", 42),
        ("", None),
        ("　", None),
        (np.float64(3.0), 3),
        (np.int64(3), 3),
        (0, 0),
    ],
)
def test_numbers_as_people_write_them(typed, number):
    found = forms.parse_number(typed, unit={"zh_CN": "人"})
    assert found == number
    assert found is None or type(found) in (int, float)


@pytest.mark.parametrize(
    "typed",
    ["四十二", "85%", "1/2", "1_000", "nan", "inf", "--1", "1e999", "9" * 40, True, math.nan, []],
)
def test_what_is_no_number_is_named(typed):
    with pytest.raises(forms.WrongValue, match="不是数字。请只填数字"):
        forms.parse_number(typed)


@pytest.mark.parametrize(
    "name, raw, value",
    [
        ("number", "7", 7),
        ("choice", "b", "b"),
        ("choice", "", None),
        ("choices", ["c", "a"], ["a", "c"]),  # in the options' order
        ("choices", ("a", "a"), ["a"]),
        ("table", {"r1": {"n": "4"}}, {"r1": {"n": 4, "p": None}, "r2": BLANK}),
        ("table", {"r2": None}, {"r1": BLANK, "r2": BLANK}),
        ("text", "一\r\n二", "一\n二"),
        ("chart", CHART, CHART),
        ("chart", {"kind": None, "points": {}}, None),  # nothing chosen is no answer
    ],
)
def test_values_are_kept_in_one_form(tasks, name, raw, value):
    assert forms.clean(tasks[name], raw) == value


@pytest.mark.parametrize(
    "name, raw, sentence",
    [
        ("choice", "z", "没有“z”这个选项。可以选：a、b。"),
        ("choice", 1, "没有“1”这个选项"),
        ("choices", "a", "列表"),
        ("choices", [["a"]], "没有这个|没有“"),
        ("table", [1], "格式不对"),
        ("table", {"r9": {}}, "没有“r9”这个选项。可以选：r1、r2。"),
        ("table", {"r1": {"q": 1}}, "可以选：n、p。"),
        ("table", {"r1": {"n": "四"}}, "“第1题·人数”里的“四”不是数字"),
        ("text", 3, "一段文字"),
        ("text", "长" * 20_001, "太长"),
        ("chart", {"kind": "map"}, "可以选：bar、line、pie。"),
        ("chart", {"points": {"three": 1}}, "可以选：one、two。"),
        ("chart", {"points": [1]}, "格式不对"),
    ],
)
def test_a_wrong_value_gets_a_sentence(tasks, name, raw, sentence):
    with pytest.raises(forms.WrongValue, match=sentence):
        forms.clean(tasks[name], raw)


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("number", None, "还没有填写。"),
        ("number", 0, None),  # zero is an answer
        ("choice", None, "还没有选择。"),
        ("choice", "a", None),
        ("choices", [], "请至少选 1 项，现在选了 0 项。"),
        ("choices", ["a"], None),
        ("choices", ["a", "b"], None),
        ("choices", ["a", "b", "c"], "最多选 2 项，现在选了 3 项。"),
        ("table", {}, "还没有填写。"),
        ("table", {"r1": {"n": 0, "p": None}, "r2": BLANK}, "还有 3 格没有填。"),
        ("table", {"r1": {"n": 0, "p": 0}, "r2": {"n": 0, "p": 0}}, None),
        ("text", "  四个字呀  ", "至少 5 字，现在 4 字。"),
        ("text", "五个字正好", None),
        ("text", "一二三四五六七八九十", None),
        ("text", "一二三四五六七八九十百", "最多 10 字，现在 11 字。请删去 1 字。"),
        ("chart", None, "还没有填写。"),
        ("chart", {**CHART, "x": None}, "还有 1 格没有填。"),
        ("chart", CHART, None),
    ],
)
def test_what_is_still_missing(tasks, name, value, sentence):
    assert forms.missing(tasks[name], value) == sentence


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["a", "r1", "n", "one"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["r1", "n", "p", "kind", "x", "y", "points", "one"]) | st.text(), inner
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)  # the machine may be busy
@given(raw=JSON)
def test_any_json_is_kept_in_one_form_or_refused_in_a_sentence(raw):
    from tests.unit.worksheet.conftest import TASKS

    for task in TASKS:
        try:
            value = forms.clean(task, raw)
        except forms.WrongValue as error:
            assert str(error).endswith("。")
        else:
            assert forms.clean(task, value) == value
            forms.missing(task, value)
            json.dumps(value, allow_nan=False).encode()
