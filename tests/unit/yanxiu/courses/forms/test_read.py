"""What a browser sends becomes answers, or sentences about what is wrong and what is missing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yanxiu.courses.forms import check_answers, fields, parse_number, read
from yanxiu.errors import Invalid

from tests.support.every_task import ANSWERS, EMPTY, EVERY_TASK, FIELDS


def sentences(problems):
    return {one.task_id: one.message.format(**one.params) for one in problems}


def test_a_complete_form_is_its_answers():
    filled = read(EVERY_TASK, FIELDS)
    assert filled.answers == ANSWERS
    assert filled.wrong == filled.missing == []


def test_an_empty_form_misses_every_task():
    filled = read(EVERY_TASK, {})
    assert filled.answers == EMPTY
    assert filled.wrong == []
    assert sentences(filled.missing) == {
        "present": "还没有填写。",
        "hardest": "还没有选择。",
        "indicators": "请至少选 2 项，现在选了 0 项。",
        "rates": "表格里还有 4 格没有填。",
        "chart": "图表还有 6 处没有填（类型、坐标或数值）。",
        "report": "至少 10 字，现在 0 字。",
    }


@pytest.mark.parametrize(
    "change, task, sentence",
    [
        ({"a.present": ["四十二"]}, "present", "“四十二”不是数字。请只填数字，如 12 或 0.6。"),
        ({"a.present": ["1e9"]}, "present", "“1e9”不是数字。请只填数字，如 12 或 0.6。"),
        ({"a.present": ["nan"]}, "present", "“nan”不是数字。请只填数字，如 12 或 0.6。"),
        ({"a.hardest": ["q9"]}, "hardest", "选了不存在的选项。请刷新页面后重新选择。"),
        ({"a.indicators": ["a", "z"]}, "indicators", "选了不存在的选项。请刷新页面后重新选择。"),
        ({"a.chart.kind": ["radar"]}, "chart", "选了不存在的选项。请刷新页面后重新选择。"),
        ({"a.report": ["字" * 20_001]}, "report", "文字太长，没有保存。请先删减。"),
    ],
)
def test_what_no_draft_can_keep(change, task, sentence):
    filled = read(EVERY_TASK, {**FIELDS, **change})
    assert sentences(filled.wrong) == {task: sentence}


@pytest.mark.parametrize(
    "change, task, sentence",
    [
        ({"a.indicators": ["a", "b", "c"]}, "indicators", "最多选 2 项，现在选了 3 项。"),
        ({"a.report": ["字" * 9]}, "report", "至少 10 字，现在 9 字。"),
        ({"a.report": ["字" * 51]}, "report", "最多 50 字，现在 51 字。请删去 1 字。"),
        ({"a.rates.q1.p": [" "]}, "rates", "表格里还有 1 格没有填。"),
        ({"a.chart.y": [""]}, "chart", "图表还有 1 处没有填（类型、坐标或数值）。"),
    ],
)
def test_what_a_draft_keeps_but_is_not_finished(change, task, sentence):
    filled = read(EVERY_TASK, {**FIELDS, **change})
    assert filled.wrong == []
    assert sentences(filled.missing) == {task: sentence}


@pytest.mark.parametrize("text", ["字" * 10, "字" * 50, "  " + "字" * 50 + "\r\n"])
def test_the_limits_of_a_text_are_inside(text):
    assert read(EVERY_TASK, {**FIELDS, "a.report": [text]}).missing == []


def test_a_problem_names_its_fields_so_that_only_they_turn_red():
    filled = read(EVERY_TASK, {**FIELDS, "a.rates.q1.p": ["?"], "a.chart.x": [""]})
    assert [one.fields for one in filled.wrong] == [("a.rates.q1.p",)]
    assert [one.fields for one in filled.missing] == [("a.chart.x",)]


@pytest.mark.parametrize(
    "text, unit, number",
    [
        ("12", "", 12),
        (" １２．５０ ", "", 12.5),
        ("-3", "", -3),
        ("−3", "", -3),
        ("42人", "人", 42),
        ("42 人", "人", 42),
        ("", "人", None),
        ("0", "", 0),
        (".5", "", 0.5),
    ],
)
def test_numbers_as_people_type_them(text, unit, number):
    assert parse_number(text, unit) == number


@pytest.mark.parametrize("text", ["1_0", "1,5", "12%", "--1", "inf", "0x10", "1e5", "9" * 31, "."])
def test_what_is_not_a_number(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_number(text)


def test_fields_show_what_was_read():
    assert read(EVERY_TASK, fields(EVERY_TASK, ANSWERS)).answers == ANSWERS


# Few letters: building the tables of all of Unicode takes seconds on a busy machine.
short = st.text("aq1字 \r\n", max_size=4)
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | short,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(short, inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(ANSWERS)), anything))
def test_answers_out_of_anybodys_notebook_can_be_shown(answers):
    shown = fields(EVERY_TASK, answers)
    assert set(shown) == set(FIELDS)
    assert all(isinstance(text, str) for texts in shown.values() for text in texts)
    read(EVERY_TASK, shown)


def test_check_answers_fills_in_what_is_not_there():
    assert check_answers(EVERY_TASK, {}) == EMPTY
    assert check_answers(EVERY_TASK, ANSWERS) == ANSWERS
    assert check_answers(EVERY_TASK, EMPTY) == EMPTY


@pytest.mark.parametrize(
    "task, value",
    [
        (
            "chart",
            {"kind": None, "x": None, "y": None, "points": dict.fromkeys(("one", "two", "three"))},
        ),
        (
            "chart",
            {"kind": "bar", "x": None, "y": None, "points": {"one": 1, "two": None, "three": None}},
        ),
        ("indicators", ["c", "a"]),
        ("indicators", ["a", "b", "c"]),
        ("present", 42.0),
        ("report", "短\r\n"),
    ],
)
def test_check_answers_takes_drafts_of_the_right_shape(task, value):
    check_answers(EVERY_TASK, {task: value})


@pytest.mark.parametrize(
    "task, value",
    [
        ("present", "42"),
        ("present", True),
        ("present", float("nan")),
        ("hardest", "q9"),
        ("hardest", ["q1"]),
        ("indicators", "a"),
        ("indicators", ["a", "a"]),
        ("indicators", ["a", "z"]),
        ("rates", {"q1": {"n": 1, "p": 1}}),
        ("rates", {"q1": {"n": "1", "p": 1}, "q2": {"n": 1, "p": 1}}),
        ("chart", {"kind": "bar"}),
        ("chart", []),
        ("report", 5),
        ("report", {"text": "x"}),
    ],
)
def test_check_answers_refuses_a_wrong_shape_and_names_the_task(task, value):
    with pytest.raises(Invalid) as refusal:
        check_answers(EVERY_TASK, {task: value})
    assert refusal.value.params == {"task": task}


def test_check_answers_refuses_an_unknown_task_and_says_which_there_are():
    with pytest.raises(Invalid) as refusal:
        check_answers(EVERY_TASK, {"elsewhere": 1})
    assert "elsewhere" in refusal.value.text()
    assert "present、hardest" in refusal.value.text()
