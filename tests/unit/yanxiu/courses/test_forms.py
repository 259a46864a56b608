"""What a browser sends becomes answers, or sentences beside the fields that they mean."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yanxiu.courses.forms import check_answers, field_names, fields, read, typed_again
from yanxiu.errors import Invalid
from yanxiu_formats.units import unit_of

from tests.support import ordering
from tests.support.every_task import ANSWERS, EMPTY, EVERY_TASK, FIELDS

EVERY, ARRANGED = unit_of(EVERY_TASK), unit_of(ordering.ARRANGED)


def sentences(problems):
    return {one.task_id: one.text("zh_CN") for one in problems}


def kept(*entries):
    return {"f.lesson.kept": [json.dumps(one) for one in entries]}


def test_a_complete_form_is_its_answers():
    filled = read(EVERY, FIELDS)
    assert filled.answers == ANSWERS
    assert filled.wrong == filled.missing == []
    filled = read(ARRANGED, {**ordering.FIELDS, **kept(ordering.entry("教案.docx"))})
    assert filled.answers == ordering.ANSWERS
    assert filled.wrong == filled.missing == []


def test_an_empty_form_misses_every_task():
    filled = read(EVERY, {})
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
    assert sentences(read(ARRANGED, {}).missing) == {
        "steps": "还有 3 项没有排位置。",
        "kinds": "还有 2 项没有配上。",
        "lesson": "至少放 1 个文件，现在有 0 个。",
        "why": "至少 2 字，现在 0 字。",
    }


@pytest.mark.parametrize(
    "change, task, sentence",
    [
        ({"a.present": ["四十二"]}, "present", "“四十二”不是数字。请只填数字，如 12 或 0.6。"),
        ({"a.present": ["nan"]}, "present", "“nan”不是数字。请只填数字，如 12 或 0.6。"),
        ({"a.hardest": ["q9"]}, "hardest", "没有“q9”这个选项。可以选：q1、q2。"),
        ({"a.indicators": ["a", "z"]}, "indicators", "没有“z”这个选项。可以选：a、b、c、d。"),
        ({"a.chart.kind": ["radar"]}, "chart", "没有“radar”这个选项。可以选：bar、line、pie。"),
        ({"a.report": ["字" * 20_001]}, "report", "文字太长，没有保存。请先删减。"),
    ],
)
def test_what_no_draft_can_keep(change, task, sentence):
    filled = read(EVERY, {**FIELDS, **change})
    assert sentences(filled.wrong) == {task: sentence}
    assert filled.missing == [], "that it is wrong says more"


def test_a_problem_names_its_fields_so_that_only_they_turn_red():
    filled = read(EVERY, {**FIELDS, "a.rates.q1.p": ["?"], "a.chart.x": [""]})
    assert [field_names(EVERY, one) for one in filled.wrong] == [{"a.rates.q1.p"}]
    assert [field_names(EVERY, one) for one in filled.missing] == [{"a.chart.x"}]
    filled = read(ARRANGED, {**ordering.FIELDS, "a.steps.a": ["1"]})
    assert [field_names(ARRANGED, one) for one in filled.wrong] == [{"a.steps.a", "a.steps.b"}]


def test_a_task_is_not_mistaken_for_another_whose_name_begins_like_it():
    assert read(EVERY, {"a.presentation": ["7"], "a.present.x": ["8"]}).answers["present"] is None


def test_fields_show_what_was_read():
    assert read(EVERY, fields(EVERY, ANSWERS)).answers == ANSWERS
    assert read(ARRANGED, fields(ARRANGED, ordering.ANSWERS)).answers == ordering.ANSWERS
    assert set(fields(EVERY, {})) == set(FIELDS)


def test_what_was_typed_is_shown_again_but_for_files():
    entry = ordering.entry("教案.docx")
    typed = {"a.steps.a": ["9"], **kept(entry, ordering.entry("a.exe"))}
    again = typed_again(ARRANGED, typed, read(ARRANGED, typed).answers)
    assert again["a.steps.a"] == ["9"]
    assert [json.loads(text) for text in again["f.lesson.kept"]] == [entry]


# Few letters: building the tables of all of Unicode takes seconds on a busy machine.
short = st.text("aq1字 \r\n", max_size=4)
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.just(10**400) | short,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(short, inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(ANSWERS)), anything))
def test_answers_out_of_anybodys_notebook_can_be_shown(answers):
    shown = fields(EVERY, answers)
    assert set(shown) == set(FIELDS)
    assert all(isinstance(text, str) for texts in shown.values() for text in texts)
    assert read(EVERY, shown).wrong == []


def test_check_answers_fills_in_what_is_not_there():
    assert check_answers(EVERY, {}) == EMPTY
    assert check_answers(EVERY, ANSWERS) == ANSWERS
    assert check_answers(EVERY, EMPTY) == EMPTY


@pytest.mark.parametrize(
    "answers, code",
    [
        ({"present": "四"}, "answers.wrong"),
        ({"present": 10**400}, "answers.wrong"),
        ({"indicators": "a"}, "answers.wrong"),
        ({"rates": {"q1": {"z": 1}}}, "answers.wrong"),
        ({"chart": []}, "answers.wrong"),
        ({"nobody": 1}, "answers.unknown_task"),
    ],
)
def test_check_answers_refuses_with_the_sentence_of_the_task(answers, code):
    with pytest.raises(Invalid) as refusal:
        check_answers(EVERY, answers)
    assert refusal.value.code == code
    assert refusal.value.text().endswith("。")
